// SPDX-License-Identifier: Apache-2.0
// One session of the protocol without its socket: client events and audio in, server events out, time only as
// arguments. It hears turns on the audio's clock, keeps the conversation and runs the responses. One thread.
#pragma once

#include "base/time.hpp"
#include "simulator/events.hpp"
#include "simulator/fault_book.hpp"
#include "simulator/history.hpp"
#include "simulator/input_audio.hpp"
#include "simulator/limits.hpp"
#include "simulator/response.hpp"
#include "simulator/script.hpp"
#include "simulator/session_object.hpp"
#include "simulator/transcripts.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::simulator {

struct SessionOptions {
    std::string model;
    bool transcription_only = false;
    std::string key;                       ///< whose limits and faults these are
    FaultBook* faults = nullptr;           ///< outlives the session; none where nothing goes wrong
    std::shared_ptr<Allowance> allowance;  ///< none: one of its own
    /// When `start` is called, on the clock that people read.
    std::chrono::system_clock::time_point started_at = std::chrono::system_clock::now();
};

class RealtimeSession {
 public:
    /// The scenario and the output outlive the session.
    RealtimeSession(const Scenario& scenario, SessionOptions options, Output& output);
    ~RealtimeSession();

    /// Sends session.created.
    void start(base::Time now);
    void on_message(std::string_view text, base::Time now);
    void on_binary(base::Time now);
    /// The answer to Output::synthesise.
    void on_speech(std::uint64_t token, Speech speech, base::Time now);
    /// The answer to Output::recognise; nothing if it was not understood.
    void on_recognised(std::uint64_t token, const std::optional<std::string>& text, base::Time now);
    void on_tick(base::Time now);
    /// When the next tick has something to do.
    std::optional<base::Time> due() const;
    bool ended() const noexcept { return ended_; }
    /// A fault was armed.
    void on_faults(base::Time now);

    const std::string& id() const noexcept { return fault_target_.session; }
    /// What it holds, for those who look on from outside: state, items, responses.
    json::object report() const;

 private:
    using Handler = void (RealtimeSession::*)(const json::object& event);
    struct Waiting {  ///< a response whose plan needs an item's text
        Response* response = nullptr;
        std::string item_id;
        base::Time turn_ended;
    };

    // client_events.cpp: one for each type of client event
    static Handler handler_of(std::string_view type);
    void handle(const json::value& event);
    void session_update(const json::object& event);
    void audio_append(const json::object& event);
    void audio_commit(const json::object& event);
    void audio_clear(const json::object& event);
    void item_create(const json::object& event);
    void item_retrieve(const json::object& event);
    void item_truncate(const json::object& event);
    void item_delete(const json::object& event);
    void response_create(const json::object& event);
    void response_cancel(const json::object& event);
    void refuse(const ProtocolError& error);
    Item* named_item(const json::object& event, std::string_view code);

    // the input
    bool append_base64(std::string_view text);
    void on_voice(InputAudio::Change change);
    void commit(std::chrono::milliseconds length, bool respond);
    void hear(std::string_view item_id, std::vector<audio::Sample> samples);
    void heard(Item& item, std::string_view recognised, base::Time turn_ended);
    void on_idle();

    // session_faults.cpp: what goes wrong
    void end(std::uint16_t code, std::string_view reason);
    void strike_due();
    void strike_held();
    void strike(const Fault& fault, Response* response);
    void lie_in_wait(Response& response, const Item* item, Plan& plan);
    bool replying() const noexcept;

    // session_responses.cpp: the responses
    Response* active() noexcept;
    void interrupt(std::string_view reason);
    void respond(const json::object& overrides, std::vector<Item> input, const json::value& trigger);
    void respond_to_turn(const std::string& item_id);
    void plan_waiting();
    void plan(const Waiting& waiting, Item* item);
    void sweep();
    Tokens input_tokens(const json::object& overrides, const std::vector<Item>& input) const;

    const Scenario& scenario_;
    SessionOptions options_;
    EventWriter events_;
    std::string conversation_id_;
    SessionObject session_;
    History history_;
    Script script_;
    InputAudio input_;
    WireDecoder decoder_;
    Transcripts transcripts_;
    std::vector<std::unique_ptr<Response>> responses_;
    std::vector<Waiting> waiting_;
    std::map<const Response*, std::vector<Item>> inputs_;  ///< what was given with response.create
    std::map<const Response*, json::object> overrides_;
    std::map<const Response*, std::deque<Fault>> ambushes_;  ///< faults that wait for a place in a reply
    std::map<std::uint64_t, std::pair<std::string, base::Time>>
        listening_;             ///< token to item and end of turn
    std::string utterance_id_;  ///< of the speech under way
    std::string queued_turn_;   ///< a turn that waits for the active response to end
    std::optional<base::Time> idle_at_;
    std::vector<std::byte> bytes_;
    json::value client_event_id_;  ///< of the event that is being handled
    base::Time now_;
    base::Time started_;
    base::Time cap_at_;
    Tokens read_before_;
    FaultTarget fault_target_;
    std::uint64_t last_token_ = 0;
    std::uint64_t responses_done_ = 0;
    unsigned replies_ = 0;  ///< of the conversation, so far
    std::uint32_t last_response_ = 0;
    bool has_spoken_ = false;
    bool ended_ = false;
};

}  // namespace voicectl::simulator
