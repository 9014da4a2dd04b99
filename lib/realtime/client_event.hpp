// SPDX-License-Identifier: Apache-2.0
// What a client of the OpenAI Realtime protocol (GA dialect) says, as values, and their JSON. Sans-I/O: text
// goes into the caller's string, no socket and no clock is known here. Any thread.
#pragma once

#include "audio/pcm.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace voicectl::realtime {

/// How the session is set up; fields left empty keep the service's own default.
struct SessionUpdate {
    std::string instructions;
    std::string voice;
    std::string transcription_model;
    std::string language;    ///< BCP-47 of the speech; the service takes its primary subtag
    double threshold = 0.5;  ///< of the service's voice activity, 0 to 1
    int silence_ms = 500;    ///< how long a pause ends an utterance
    bool interrupt_response = true;
};
struct CommitAudio {};
struct ClearAudio {};
struct CreateUserText {
    std::string text;
};
struct CreateToolOutput {
    std::string call_id;
    std::string output;
};
struct DeleteItem {
    std::string item_id;
};
/// Cuts the item's audio to what was heard; more than 0, at most the item's length.
struct TruncateItem {
    std::string item_id;
    std::int64_t audio_end_ms = 0;
};
struct CreateResponse {
    static constexpr std::string_view event_id = "create_response";  ///< what a refusal of it refers to
};
struct CancelResponse {
    std::string response_id;
};

using ClientEvent = std::variant<SessionUpdate, CommitAudio, ClearAudio, CreateUserText, CreateToolOutput,
                                 DeleteItem, TruncateItem, CreateResponse, CancelResponse>;

/// The event's JSON in place of whatever `out` held; its memory is reused.
void encode(const ClientEvent& event, std::string& out);

/// `input_audio_buffer.append` with these samples; the hot path, no tree is built.
void encode_append(audio::Pcm samples, std::string& out);

}  // namespace voicectl::realtime
