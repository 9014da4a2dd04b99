// SPDX-License-Identifier: Apache-2.0
// What the simulator plays: how fast it answers, whether it really listens, what it says in turn. Plain
// values, read from a TOML file or built in; see examples/scenario.toml. A duration is a bare number of
// milliseconds or a text such as "300ms", "5s", "5m", "1h". Keys, each optional:
//
//   seed              number  varies the built-in answers; the same seed gives the same conversation (1)
//   timing.first_token        from the end of the user's turn to the first audio (300 ms; 0 is allowed)
//   timing.delta              audio in one delta after the first, a multiple of 50 ms (200 ms)
//   timing.pace       number  how many times faster than real time audio is sent; 0 sends all at once (5)
//   timing.transcript_delay   from the end of the user's turn to the first word of its transcript (120 ms)
//   timing.session_cap        after which the session ends as the live service ends it (60 m)
//   listen.recognise  bool    understand what is said; false takes what is heard from the turns alone (true)
//   connect.models    texts   the models that exist; any other is refused. Empty: every name is a model
//   connect.default_model     the model of a connection that names none; empty: such a connection is refused
//   limits.sessions   number  of one key at once, beyond which an upgrade is refused with 429; 0: any (0)
//   limits.requests   number  responses of one key in a window, beyond which they fail; 0: any (0)
//   limits.tokens     number  tokens of one key in a window, likewise (1000000000)
//   limits.window             in which requests and tokens come back, at an even pace (60 s)
//   limits.at_connect bool    refuse upgrades with 429 too while requests or tokens have run out (false)
//   limits.group[].keys       keys that share one allowance, with .sessions, .requests and .tokens of its own
//   control.enabled   bool    faults, sessions and their log over HTTP, for loopback only; control.hpp
//   (false) faults.connect_error      refuse every connection in band: invalid_api_key, missing_model,
//   invalid_model,
//                             beta_api_shape_disabled, model_not_found, insufficient_quota, session_expired
//                             or server_error
//   faults.http_status        refuse every upgrade with this HTTP status, 400 to 599
//   fault[].name              what goes wrong, with the fields of fault.hpp, which examples/scenario.toml
//   lists turn[].when               a word or phrase: the turn is taken whenever it is heard, not in order
//   turn[].heard              what the transcript of the user's utterance says, whatever was recognised
//   turn[].say                what is replied; after a call, what is said once its output is there
//   turn[].wav                a recording to reply with (relative to the file); `say` is then its transcript
//   turn[].call, .arguments   a function to call, and its arguments as JSON text ("{}")
//   turn[].first_token        instead of timing.first_token, for this turn
//
// Turns without `when` are taken in order, one for each turn of the user, and start over at the end. Where
// there is none to take (no turns, or only `when` turns that do not match), the built-in conversation
// answers.
#pragma once

#include "audio/pcm.hpp"
#include "base/error.hpp"
#include "simulator/fault.hpp"
#include "simulator/limits.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace voicectl::simulator {

/// Samples at 24 kHz that several sessions may be sending at the same time.
using Speech = std::shared_ptr<const std::vector<audio::Sample>>;

struct Turn {
    std::string when;
    std::string heard;
    std::string say;
    Speech recording;
    std::string call;
    std::string arguments = "{}";
    std::optional<std::chrono::milliseconds> first_token;
};

struct Timing {
    std::chrono::milliseconds first_token{300};
    std::chrono::milliseconds delta{200};
    double pace = 5.0;
    std::chrono::milliseconds transcript_delay{120};
    std::chrono::milliseconds session_cap{3'600'000};
};

struct Connecting {
    std::vector<std::string> models;
    std::string default_model;
};

struct Scenario {
    std::uint32_t seed = 1;
    Timing timing;
    bool recognise = true;
    Connecting connect;
    Limits limits;
    std::vector<Fault> faults;
    bool control = false;
    std::vector<Turn> turns;
};

/// Reads a scenario. Errc::not_found if there is no such file, ::malformed with file:line:column for what is
/// wrong in it; a key that does not exist is an error that names the nearest one that does.
base::Result<Scenario> load_scenario(const std::string& path);

/// Listens, answers from a small conversation of its own, at the pace of the live service.
Scenario built_in_scenario();

}  // namespace voicectl::simulator
