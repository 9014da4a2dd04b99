// SPDX-License-Identifier: Apache-2.0
#include "config/table.hpp"

#include <algorithm>
#include <array>

namespace voicectl::config {
namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;

constexpr auto rows = std::to_array<Row>({
    {"OPENAI_API_KEY", "openai.api_key", &Settings::openai_api_key, "",
     "Key of the speech model; required unless the upstream is sim:"},
    {"OPENAI_ORG_ID", "openai.organization", &Settings::openai_organization, "",
     "Organization the key acts for"},
    {"OPENAI_PROJECT_ID", "openai.project", &Settings::openai_project, "", "Project the key acts for"},
    {"VOICE_UPSTREAM_URL", "openai.url", &Settings::upstream_url, "wss://api.openai.com/v1/realtime",
     "The speech model: a ws:// or wss:// URL, or sim: or sim:FILE for the simulator"},
    {"OPENAI_REALTIME_MODEL", "openai.model", &Settings::model, "gpt-realtime", "Model that speaks"},
    {"VOICE_VOICE", "openai.voice", &Settings::voice, "",
     "Voice of the replies; empty: the model's own choice"},
    {"VOICE_INSTRUCTIONS", "openai.instructions", &Settings::instructions, "",
     "What the model is told to be"},
    {"VOICE_TRANSCRIPTION_MODEL", "openai.transcription_model", &Settings::transcription_model,
     "gpt-4o-mini-transcribe", "Model that writes down what the user says"},
    {"VOICE_BIND_ADDRESS", "server.bind_address", &Settings::bind_address, "0.0.0.0",
     "Address both ports are bound to"},
    {"VOICE_WS_PORT", "server.ws_port", &Settings::ws_port, "8080", "Port of /voice-ws", 1024, 65535},
    {"VOICE_HTTP_PORT", "server.http_port", &Settings::http_port, "3000", "Port of /api/voice/health", 1,
     65535},
    {"VOICE_WORKERS", "server.workers", &Settings::workers, "0", "Threads that hold sessions; 0: one a core",
     0, 256},
    {"VOICE_MAX_CONNECTIONS", "server.max_connections", &Settings::max_connections, "1000",
     "Sessions at once; more are refused with 503", 1, 1'000'000},
    {"VOICE_CORS_ORIGIN", "server.cors_origins", &Settings::cors_origins, "",
     "Origins whose pages may connect, separated by commas; empty: all"},
    {"VOICE_DRAIN_TIMEOUT", "server.drain_timeout", &Settings::drain_timeout, "30s",
     "How long live sessions may go on after SIGTERM", 0, hour},
    {"VOICE_SHUTDOWN_DELAY", "server.shutdown_delay", &Settings::shutdown_delay, "0",
     "How long new sessions are still accepted after SIGTERM", 0, 10 * minute},
    {"VOICE_SESSION_TIMEOUT", "session.idle_timeout", &Settings::idle_timeout, "300000",
     "Silence after which a session is closed", second, 24 * hour},
    {"VOICE_FRAME_MS", "audio.frame", &Settings::frame_ms, "20", "Length of a reply's frames", 5, 60,
     "5 10 20 40 60"},
    {"VOICE_BITRATE", "audio.bitrate", &Settings::bitrate_bps, "16000", "Bits a second of a reply in Opus",
     6000, 510'000},
    {"JWT_SECRET", "auth.jwt_secret", &Settings::jwt_secret, "",
     "Secret that signs the callers' tokens (HS256), at least 32 bytes; required"},
    {"VOICE_LOG_LEVEL", "log.level", &Settings::log_level, "info", "Least severity that is logged", 0, 0,
     "trace debug info warning error off"},
    {"VOICE_LOG_FORMAT", "log.format", &Settings::log_format, "text", "Lines for people or for machines", 0,
     0, "text json"},
    {"VOICE_DEBUG", "log.debug", &Settings::debug, "false", "Log at debug level"},
});

}  // namespace

std::span<const Row> table() noexcept {
    return rows;
}

const Row* find_row(std::string_view env) noexcept {
    const auto* found = std::ranges::find(rows, env, &Row::env);
    return found == rows.end() ? nullptr : found;
}

}  // namespace voicectl::config
