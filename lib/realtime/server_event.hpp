// SPDX-License-Identifier: Apache-2.0
// What a server of the OpenAI Realtime protocol (GA dialect) says, decoded into values: the events a gateway
// acts upon. Others come as UnknownEvent and are never an error. Sans-I/O; a decoder belongs to one session's
// thread.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace voicectl::realtime {

// The views point into the decoder and hold until its next decode().

struct SessionCreated {
    std::string_view session_id;
};
struct SessionUpdated {};
struct SpeechStarted {
    std::int64_t audio_start_ms = 0;  ///< on the clock of the audio appended so far
    std::string_view item_id;
};
struct SpeechStopped {
    std::int64_t audio_end_ms = 0;
    std::string_view item_id;
};
struct AudioCommitted {
    std::string_view item_id;
};
struct AudioCleared {};
struct ItemAdded {
    std::string_view item_id;
};
struct TranscriptionDelta {
    std::string_view item_id;
    std::string_view delta;
};
struct TranscriptionCompleted {
    std::string_view item_id;
    std::string_view transcript;
};
struct TranscriptionFailed {
    std::string_view item_id;
    std::string_view message;
};
struct ResponseCreated {
    std::string_view response_id;
};
struct AudioDelta {
    std::string_view response_id;
    std::string_view item_id;
    std::string_view audio;  ///< base64 of PCM16 at 24 kHz
};
/// The words of the reply: the transcript of its audio, or its text where it has none.
struct ReplyDelta {
    std::string_view response_id;
    std::string_view item_id;
    std::string_view delta;
};
struct ToolCall {
    std::string_view response_id;
    std::string_view call_id;
    std::string_view name;
    std::string_view arguments;  ///< JSON text
};
struct Usage {
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::int64_t total_tokens = 0;
};
struct ResponseDone {
    std::string_view response_id;
    std::string_view status;  ///< completed, cancelled, incomplete, failed
    std::string_view error_code;
    std::string_view error_message;
    std::optional<Usage> usage;
};
/// What is left of the key's limits; a limit that is not named is not there.
struct RateLimits {
    struct Limit {
        std::int64_t limit = 0;
        std::int64_t remaining = 0;
        double reset_seconds = 0;
    };
    std::optional<Limit> requests;
    std::optional<Limit> tokens;
};
struct ErrorEvent {
    std::string_view type;
    std::string_view code;
    std::string_view message;
    std::string_view client_event_id;  ///< of the event that was refused; empty if it carried none
};
struct UnknownEvent {
    std::string_view type;
};

using ServerEvent =
    std::variant<SessionCreated, SessionUpdated, SpeechStarted, SpeechStopped, AudioCommitted, AudioCleared,
                 ItemAdded, TranscriptionDelta, TranscriptionCompleted, TranscriptionFailed, ResponseCreated,
                 AudioDelta, ReplyDelta, ToolCall, ResponseDone, RateLimits, ErrorEvent, UnknownEvent>;

class ServerEventDecoder {
 public:
    ServerEventDecoder();
    ~ServerEventDecoder();

    /// Errc::protocol for what is not a JSON object with a string `type`, or lacks what its type needs.
    base::Result<ServerEvent> decode(std::string_view text);

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace voicectl::realtime
