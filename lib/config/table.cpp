// SPDX-License-Identifier: Apache-2.0
#include "config/table.hpp"

#include <algorithm>
#include <array>

namespace voicectl::config {
namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t any_number = 2'147'483'647;

using S = Settings;

// clang-format off
constexpr auto rows = std::to_array<Row>({
    {.env = "NODE_ENV", .key = "environment", .field = &S::environment, .default_text = "production",
     .choices = "development test staging production",
     .sentence = "What the gateway is run for; production demands a session store and a database"},

    {.env = "VOICE_UPSTREAM_URL", .key = "openai.url", .field = &S::upstream_url,
     .default_text = "wss://api.openai.com/v1/realtime", .choices = "sim ws wss http https",
     .rule = Rule::url,
     .sentence = "The speech model: a wss:// URL, an https:// base, or sim: or sim:FILE for the simulator"},
    {.env = "OPENAI_API_KEY", .key = "openai.api_key", .field = &S::openai_api_key, .rule = Rule::header,
     .reload = Reload::reload, .sentence = "Key of the speech model; required unless the upstream is sim:",
     .example = "sk-..."},
    {.env = "OPENAI_API_KEYS", .key = "openai.keys", .field = &S::openai_keys, .rule = Rule::header,
     .reload = Reload::reload,
     .sentence = "More keys, separated by commas; in TOML a table each, with project, weight and limits",
     .example = "sk-...,sk-..."},
    {.env = "OPENAI_ORG_ID", .key = "openai.organization", .field = &S::openai_organization,
     .rule = Rule::header, .reload = Reload::reload, .sentence = "Organization the key acts for",
     .example = "org-..."},
    {.env = "OPENAI_PROJECT_ID", .key = "openai.project", .field = &S::openai_project, .rule = Rule::header,
     .reload = Reload::reload, .sentence = "Project the key acts for", .example = "proj_..."},
    {.env = "OPENAI_REALTIME_MODEL", .key = "openai.model", .field = &S::model,
     .default_text = "gpt-realtime", .rule = Rule::header, .reload = Reload::new_sessions,
     .sentence = "Model that speaks"},
    {.env = "VOICE_VOICE", .key = "openai.voice", .field = &S::voice, .rule = Rule::header,
     .reload = Reload::new_sessions, .sentence = "Voice of the replies; empty: the model's own choice",
     .example = "marin"},
    {.env = "VOICE_INSTRUCTIONS", .key = "openai.instructions", .field = &S::instructions,
     .reload = Reload::new_sessions, .sentence = "What the model is told to be",
     .example = "You answer briefly and kindly."},
    {.env = "VOICE_TRANSCRIPTION_MODEL", .key = "openai.transcription_model",
     .field = &S::transcription_model, .default_text = "gpt-4o-mini-transcribe", .rule = Rule::header,
     .reload = Reload::new_sessions, .sentence = "Model that writes down what the user says"},
    {.env = "VOICE_UPSTREAM_RENEW_AFTER", .key = "openai.renew_after", .field = &S::renew_after,
     .default_text = "50m", .min = second, .max = 24 * hour, .reload = Reload::new_sessions,
     .sentence = "Age at which another connection to the model takes over, between two turns"},
    {.env = "VOICE_UPSTREAM_RENEW_AT_LATEST", .key = "openai.renew_at_latest",
     .field = &S::renew_at_latest, .default_text = "58m", .min = second, .max = 24 * hour,
     .reload = Reload::new_sessions,
     .sentence = "Age at which it takes over in the middle of an utterance, too"},
    {.env = "VOICE_QUEUE_TIMEOUT", .key = "openai.queue_timeout", .field = &S::queue_timeout,
     .default_text = "30s", .max = 10 * minute, .reload = Reload::reload,
     .sentence = "How long a session waits for a key that has room"},
    {.env = "VOICE_KEY_MAX_SESSIONS", .key = "openai.key_max_sessions", .field = &S::key_max_sessions,
     .default_text = "0", .max = 1'000'000,
     .sentence = "Sessions at once with one key, or with all keys of one project; 0: no limit"},
    {.env = "VOICE_RESPONSE_CACHE_TTL", .key = "openai.response_cache_ttl", .field = &S::response_cache_ttl,
     .default_text = "0ms", .max = 24 * hour, .reload = Reload::new_sessions,
     .sentence = "How long replies to typed text are kept and used again; 0: never",
     .pending = "no reply is kept", .in_effect = "\"0ms\""},

    {.env = "VOICE_BIND_ADDRESS", .key = "server.bind_address", .field = &S::bind_address,
     .default_text = "0.0.0.0", .rule = Rule::address, .sentence = "Address that all ports are bound to"},
    {.env = "VOICE_WS_PORT", .key = "server.ws_port", .field = &S::ws_port, .default_text = "8080",
     .min = 1024, .max = 65535, .sentence = "Port of /voice-ws"},
    {.env = "VOICE_HTTP_PORT", .key = "server.http_port", .field = &S::http_port, .default_text = "3000",
     .min = 1, .max = 65535, .sentence = "Port of /api/voice"},
    {.env = "VOICE_TLS_CERT_FILE", .key = "server.tls_cert_file", .field = &S::tls_certificate,
     .reload = Reload::reload,
     .sentence = "Certificate chain in PEM, the gateway's own first; with it, all ports speak TLS",
     .example = "/etc/voicectl/tls/fullchain.pem"},
    {.env = "VOICE_TLS_KEY_FILE", .key = "server.tls_key_file", .field = &S::tls_key,
     .reload = Reload::reload, .sentence = "Private key of that certificate in PEM",
     .example = "/etc/voicectl/tls/privkey.pem"},
    {.env = "VOICE_WORKERS", .key = "server.workers", .field = &S::workers, .default_text = "0", .max = 256,
     .sentence = "Threads that hold sessions; 0: one a core"},
    {.env = "VOICE_MAX_CONNECTIONS", .key = "server.max_connections", .field = &S::max_connections,
     .default_text = "1000", .min = 1, .max = 1'000'000, .reload = Reload::reload,
     .sentence = "Sessions at once; more are refused with 503"},
    {.env = "VOICE_CORS_ORIGIN", .key = "server.cors_origins", .field = &S::cors_origins,
     .rule = Rule::origin, .reload = Reload::reload,
     .sentence = "Origins whose pages may connect, separated by commas; empty: all",
     .example = "https://app.example.com"},
    {.env = "VOICE_TRUSTED_PROXIES", .key = "server.trusted_proxies", .field = &S::trusted_proxies,
     .rule = Rule::network, .reload = Reload::reload,
     .sentence = "Addresses and networks whose X-Forwarded-For is believed",
     .pending = "no proxy is believed", .example = "10.0.0.0/8"},
    {.env = "VOICE_DRAIN_TIMEOUT", .key = "server.drain_timeout", .field = &S::drain_timeout,
     .default_text = "30s", .max = hour, .reload = Reload::reload,
     .sentence = "How long live sessions may go on after SIGTERM"},
    {.env = "VOICE_SHUTDOWN_DELAY", .key = "server.shutdown_delay", .field = &S::shutdown_delay,
     .default_text = "0ms", .max = 10 * minute, .reload = Reload::reload,
     .sentence = "How long new sessions are still accepted after SIGTERM"},

    {.env = "VOICE_SESSION_TIMEOUT", .key = "session.idle_timeout", .field = &S::idle_timeout,
     .default_text = "5m", .min = second, .max = 24 * hour, .reload = Reload::new_sessions,
     .sentence = "Silence after which a session is closed"},
    {.env = "VOICE_MAX_SESSION_DURATION", .key = "session.max_duration", .field = &S::max_session_duration,
     .default_text = "1h", .min = second, .max = 24 * hour, .reload = Reload::new_sessions,
     .sentence = "Age at which a session is closed, after the reply that is being heard"},
    {.env = "VOICE_BARGE_IN", .key = "session.barge_in", .field = &S::barge_in, .default_text = "reversible",
     .choices = "off immediate reversible", .reload = Reload::new_sessions,
     .sentence = "What speech over a reply does: nothing, ends it, or pauses it until it is clear"},
    {.env = "VOICE_VAD_THRESHOLD", .key = "session.vad_threshold", .field = &S::vad_threshold,
     .default_text = "0.5", .reload = Reload::new_sessions,
     .sentence = "How much a sound must be like speech to count; more for a louder room"},
    {.env = "VOICE_VAD_HANG_TIME", .key = "session.vad_hang_time", .field = &S::vad_hang_time,
     .default_text = "500ms", .min = 100, .max = 10 * second, .reload = Reload::new_sessions,
     .sentence = "Pause that ends what a person says"},

    {.env = "VOICE_SAMPLE_RATE", .key = "audio.sample_rate", .field = &S::sample_rate,
     .default_text = "48000", .unit = "Hz", .min = 8000, .max = 48000,
     .choices = "8000 12000 16000 24000 48000", .reload = Reload::new_sessions,
     .sentence = "Rate that Opus decoders are told", .pending = "clients are told 48000",
     .in_effect = "48000"},
    {.env = "VOICE_FRAME_MS", .key = "audio.frame", .field = &S::frame, .default_text = "20ms", .min = 5,
     .max = 60, .choices = "5 10 20 40 60", .reload = Reload::new_sessions,
     .sentence = "Length of a reply's frames"},
    {.env = "VOICE_BITRATE", .key = "audio.bitrate", .field = &S::bitrate_bps, .default_text = "16000",
     .unit = "bit/s", .min = 6000, .max = 510'000, .reload = Reload::new_sessions,
     .sentence = "Bits a second of a reply in Opus"},

    {.env = "VOICE_TARGET_FIRST_TOKEN_MS", .key = "targets.first_token", .field = &S::first_token_target,
     .default_text = "300ms", .min = 1, .max = minute, .reload = Reload::reload,
     .sentence = "From the end of speech to the first sound of the reply"},
    {.env = "VOICE_TARGET_PARTIAL_LATENCY_MS", .key = "targets.partial", .field = &S::partial_target,
     .default_text = "150ms", .min = 1, .max = minute, .reload = Reload::reload,
     .sentence = "From a sound to the partial transcript that has it"},
    {.env = "VOICE_TARGET_BARGE_IN_MS", .key = "targets.barge_in", .field = &S::barge_in_target,
     .default_text = "50ms", .min = 1, .max = minute, .reload = Reload::reload,
     .sentence = "From the first sound of a barge-in to silence"},

    {.env = "JWT_SECRET", .key = "auth.jwt_secret", .field = &S::jwt_secret, .reload = Reload::reload,
     .sentence = "Secret that signs the callers' tokens (HS256), at least 32 bytes; required"},
    {.env = "JWT_SECRET_PREVIOUS", .key = "auth.jwt_secret_previous", .field = &S::jwt_secret_previous,
     .reload = Reload::reload, .sentence = "The secret before it, still good while clients change over",
     .pending = "tokens of the previous secret are refused"},
    {.env = "JWT_PUBLIC_KEY_FILE", .key = "auth.jwt_public_key_file", .field = &S::jwt_public_key,
     .reload = Reload::reload, .sentence = "Public key in PEM that verifies RS256 or ES256 tokens",
     .pending = "such tokens are refused", .example = "/etc/voicectl/jwt.pem"},
    {.env = "JWT_ISSUER", .key = "auth.jwt_issuer", .field = &S::jwt_issuer, .reload = Reload::reload,
     .sentence = "Issuer that tokens must name", .pending = "the issuer is not looked at",
     .example = "https://id.example.com"},
    {.env = "JWT_AUDIENCE", .key = "auth.jwt_audience", .field = &S::jwt_audience, .reload = Reload::reload,
     .sentence = "Audience that tokens must name", .pending = "the audience is not looked at",
     .example = "voice"},
    {.env = "JWT_ALGORITHMS", .key = "auth.jwt_algorithms", .field = &S::jwt_algorithms,
     .default_text = "HS256", .choices = "HS256 HS384 HS512 RS256 ES256", .reload = Reload::reload,
     .sentence = "Algorithms that tokens may be signed with", .pending = "only HS256 is accepted",
     .in_effect = "[\"HS256\"]"},

    {.env = "VOICE_RATE_LIMIT_ADDRESS", .key = "limits.address_rate", .field = &S::address_rate,
     .default_text = "60", .unit = "connections a minute", .max = any_number, .reload = Reload::reload,
     .sentence = "Connections a minute from one address; 0: no limit", .pending = "there is no limit"},
    {.env = "VOICE_RATE_LIMIT_TENANT", .key = "limits.tenant_rate", .field = &S::tenant_rate,
     .default_text = "600", .unit = "connections a minute", .max = any_number, .reload = Reload::reload,
     .sentence = "Connections a minute of one tenant; 0: no limit", .pending = "there is no limit"},
    {.env = "VOICE_RATE_LIMIT_SESSION", .key = "limits.session_rate", .field = &S::session_rate,
     .default_text = "100", .unit = "messages a second", .max = any_number, .reload = Reload::reload,
     .sentence = "Messages a second of one session, audio frames aside; 0: no limit",
     .pending = "there is no limit"},
    {.env = "VOICE_TENANT_MAX_SESSIONS", .key = "limits.tenant_max_sessions",
     .field = &S::tenant_max_sessions, .default_text = "0", .max = 1'000'000, .reload = Reload::reload,
     .sentence = "Sessions at once of one tenant; 0: no limit of its own", .pending = "there is no limit",
     .in_effect = "0"},

    {.env = "REDIS_URL", .key = "redis.url", .field = &S::redis_url, .choices = "redis rediss unix memory",
     .rule = Rule::url,
     .sentence = "Where sessions live: redis://, rediss://, unix://, or memory: for one node; required in "
     "production",
     .pending = "sessions live in memory", .in_effect = "\"memory:\"", .example = "redis://localhost:6379/0"},

    {.env = "DATABASE_URL", .key = "database.url", .field = &S::database_url,
     .choices = "postgresql postgres sqlite", .rule = Rule::url,
     .sentence = "Where records are kept: postgresql:// or sqlite:FILE; required in production",
     .pending = "no records are kept", .example = "postgresql://voice@localhost/voice"},
    {.env = "DATABASE_REPLICA_URL", .key = "database.replica_url", .field = &S::database_replica_url,
     .choices = "postgresql postgres sqlite", .rule = Rule::url,
     .sentence = "A copy of the database that reads go to", .pending = "no records are read",
     .example = "postgresql://voice@replica/voice"},
    {.env = "VOICE_DB_POOL_SIZE", .key = "database.pool_size", .field = &S::db_pool_size, .default_text = "4",
     .min = 1, .max = 64, .sentence = "Connections to the database", .pending = "no records are kept"},

    {.env = "VOICE_METRICS_ENABLED", .key = "metrics.enabled", .field = &S::metrics_enabled,
     .default_text = "true", .reload = Reload::reload, .sentence = "Serve /metrics for Prometheus",
     .pending = "there is no /metrics"},
    {.env = "VOICE_METRICS_PORT", .key = "metrics.port", .field = &S::metrics_port, .default_text = "0",
     .max = 65535, .sentence = "Port of /metrics; 0: the port of /api/voice",
     .pending = "there is no /metrics"},

    {.env = "VOICE_HEALTH_CHECK_INTERVAL", .key = "health.interval", .field = &S::health_interval,
     .default_text = "30s", .min = second, .max = 10 * minute, .reload = Reload::reload,
     .sentence = "How often what the gateway needs is looked at", .pending = "health follows the sessions"},

    {.env = "AUDIO_WORKLET_DEBUG", .key = "web.worklet_debug", .field = &S::worklet_debug,
     .default_text = "false", .reload = Reload::reload,
     .sentence = "Let the page's audio code say what it does", .pending = "there is no page",
     .in_effect = "false"},

    {.env = "VOICE_LOG_LEVEL", .key = "log.level", .field = &S::log_level, .default_text = "info",
     .choices = "trace debug info warning error off", .reload = Reload::reload,
     .sentence = "Least severity that is logged"},
    {.env = "VOICE_LOG_FORMAT", .key = "log.format", .field = &S::log_format, .default_text = "text",
     .choices = "text json", .sentence = "Lines for people or for machines"},
    {.env = "VOICE_DEBUG", .key = "log.debug", .field = &S::debug, .default_text = "false",
     .reload = Reload::reload, .sentence = "Log at debug level"},
    {.env = "VOICE_PERFORMANCE_WARNINGS", .key = "log.performance_warnings",
     .field = &S::performance_warnings, .default_text = "true", .reload = Reload::reload,
     .sentence = "A warning whenever a turn misses a target"},
});
// clang-format on

}  // namespace

bool Row::secret() const noexcept {
    return std::holds_alternative<base::Secret Settings::*>(field) ||
           std::holds_alternative<ServiceUrl Settings::*>(field) ||
           std::holds_alternative<std::vector<UpstreamKey> Settings::*>(field);
}

bool Row::is_list() const noexcept {
    return std::holds_alternative<std::vector<std::string> Settings::*>(field) ||
           std::holds_alternative<std::vector<UpstreamKey> Settings::*>(field);
}

bool Row::is_path() const noexcept {
    return std::holds_alternative<FilePath Settings::*>(field);
}

std::span<const Row> table() noexcept {
    return rows;
}

const Row* find_env(std::string_view env) noexcept {
    const auto* found = std::ranges::find(rows, env, &Row::env);
    return found == rows.end() ? nullptr : found;
}

const Row* find_key(std::string_view key) noexcept {
    const auto* found = std::ranges::find(rows, key, &Row::key);
    return found == rows.end() ? nullptr : found;
}

std::size_t index_of(const Row& row) noexcept {
    return static_cast<std::size_t>(&row - rows.data());
}

}  // namespace voicectl::config
