// SPDX-License-Identifier: Apache-2.0
// What a client and the gateway say to each other, free of any wire format; dialect.hpp knows the format. The
// field names follow the wire's; voicectl-protocol(7) says when each is sent.
#pragma once

#include "audio/format.hpp"
#include "realtime/server_event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace voicectl::session {

// --- client to gateway ---

struct StartRecording {
    std::string voice;  ///< empty: unchanged, as the other two
    std::string instructions;
    std::string language;
};
struct StopRecording {};
struct ClearSession {};
struct InterruptReply {};
/// Typed, or a client's own button for a spoken command.
struct TextInput {
    std::string text;
    std::string language;
};
struct ToolResult {
    std::string call_id;
    std::string output;
};
/// How much of a reply was really heard.
struct PlaybackReport {
    std::string item_id;
    std::int64_t played_ms = 0;
};
struct Ping {
    std::string id;  ///< JSON text of what the client sent; empty if it sent none
};

using ClientMessage = std::variant<StartRecording, StopRecording, ClearSession, InterruptReply, TextInput,
                                   ToolResult, PlaybackReport, Ping>;

// --- gateway to client ---

using audio::AudioFormat;
using audio::Codec;

struct Ready {
    std::string session_id;
    AudioFormat format;
    std::string upstream;  ///< "openai", "simulator" or the host's name
};
struct MicOpened {};
struct MicClosed {
    std::string_view reason;
};
struct SpeechStarted {
    std::int64_t at_ms = 0;  ///< on the clock of the session's input audio
};
struct SpeechStopped {
    std::int64_t at_ms = 0;
};
struct Vad {
    bool active = false;
    float level = 0;  ///< 0 to 1
};
struct PartialAsr {
    std::string_view text;
};
struct FinalAsr {
    std::string_view text;
    std::string_view lang;
};
struct AgentDelta {
    std::string_view item_id;
    std::string_view text;
};
struct AgentTool {
    std::string_view call_id;
    std::string_view name;
    std::string_view arguments;  ///< JSON text
};
struct TtsPlay {
    std::string_view item_id;
    AudioFormat format;
};
enum class PartialFrom { speech_start, commit };
std::string_view name_of(PartialFrom from) noexcept;

/// What is absent was not measured in this turn.
struct TurnLatency {
    /// From the person's last sound at the gateway's entry to the reply's first frame at its exit.
    std::optional<std::int64_t> first_token_ms;
    double upstream_ms = 0;                  ///< the part of it that the gateway waited for the upstream
    double added_ms = 0;                     ///< the rest; both only with first_token_ms
    std::optional<std::int64_t> partial_ms;  ///< to the first partial transcript
    PartialFrom partial_from = PartialFrom::speech_start;
    /// From the first frame with a voice over the reply to the last frame of the reply.
    std::optional<std::int64_t> barge_in_ms;
    std::int64_t client_had_ms = 0;  ///< of audio then, sent but not yet heard; only with barge_in_ms
};
struct AgentFinal {
    std::string_view item_id;
    std::string_view text;
    std::string_view status;  ///< completed, interrupted, incomplete, failed
    std::optional<std::int64_t> played_ms;
    std::optional<realtime::Usage> usage;
    TurnLatency latency;
};
struct BargedIn {
    std::string_view item_id;
    std::int64_t played_ms = 0;
};
/// Hold what is queued: a voice, perhaps.
struct TtsPause {
    std::string_view item_id;
    std::int64_t played_ms = 0;
};
/// It was nothing: go on where you held.
struct TtsResume {
    std::string_view item_id;
    std::int64_t played_ms = 0;
};
struct Cleared {};
/// Every key of the speech model is in use: the session waits its turn.
struct Queued {
    std::int64_t position = 0;  ///< 1: the next
    std::int64_t eta_ms = 0;
};
struct Pong {
    std::string_view id;  ///< JSON text, as in Ping
};

enum class ErrorCode {
    auth_failed,
    bad_message,
    frame_too_large,
    audio_decode_failed,
    rate_limited,
    upstream_unavailable,
    upstream_rate_limited,
    upstream_error,
    session_expired,
    session_limit,
    policy_denied,
    internal,
};
struct ErrorReport {
    ErrorCode code = ErrorCode::internal;
    std::string message;  ///< for the client's developer; never the upstream's own text
    bool fatal = false;
    bool retryable = false;
    std::int64_t retry_after_ms = 0;  ///< where it is known
};

using ServerMessage = std::variant<Ready, MicOpened, MicClosed, SpeechStarted, SpeechStopped, Vad, PartialAsr,
                                   FinalAsr, AgentDelta, AgentTool, TtsPlay, TtsPause, TtsResume, AgentFinal,
                                   BargedIn, Cleared, Queued, Pong, ErrorReport>;

/// The close codes of voice.v1 beside those of RFC 6455.
enum class CloseCode : std::uint16_t {
    done = 1000,
    going_away = 1001,
    unsupported = 1003,
    policy = 1008,
    internal = 1011,
    try_later = 1013,
    idle = 4408,
    upstream_gone = 4502,
};

}  // namespace voicectl::session
