// SPDX-License-Identifier: Apache-2.0
#include "config/rules.hpp"

#include "base/duration.hpp"
#include "base/words.hpp"
#include "config/address.hpp"
#include "config/print.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace voicectl::config {
namespace {

using namespace std::chrono_literals;
using base::format_duration;

constexpr std::chrono::minutes upstream_session_max{60};
/// A client's socket and the upstream's; beside the sessions: listeners, epoll, logs, Redis, the database.
constexpr std::uint64_t descriptors_a_session = 2;
constexpr std::uint64_t descriptors_beside = 128;
/// Measured: 208 kB of buffers and history, and about 100 kB of both codecs.
constexpr std::uint64_t kib_a_session = 320;
constexpr std::uint64_t kib_beside = 64 * 1024;

void check_required(Loaded& loaded) {
    const auto& settings = loaded.settings;
    if (settings.openai_api_key.empty() && settings.openai_keys.empty() &&
        !is_simulator(settings.upstream_url))
        loaded.report(Code::missing, "OPENAI_API_KEY", "is missing: the speech model wants a key",
                      "set the model's key, or VOICE_UPSTREAM_URL=sim: to try without one");
    if (!settings.production() || loaded.rejected("NODE_ENV")) return;
    if (settings.redis_url.empty())
        loaded.report(Code::missing, "REDIS_URL", "is missing: production must say where sessions live",
                      "set redis://HOST, or memory: for a single node; NODE_ENV=development needs none");
    if (settings.database_url.empty())
        loaded.report(Code::missing, "DATABASE_URL", "is missing: production must say where records are kept",
                      "set postgresql://USER@HOST/NAME, or sqlite:FILE; NODE_ENV=development needs none");
}

void check_ports(Loaded& loaded) {
    // The default that stands in for a value that was refused clashes with nothing.
    for (const auto* env : {"VOICE_WS_PORT", "VOICE_HTTP_PORT", "VOICE_METRICS_PORT"})
        if (loaded.rejected(env)) return;
    const auto& settings = loaded.settings;
    if (settings.http_port == settings.ws_port && settings.ws_port != 0)
        loaded.report(Code::ports_clash, "VOICE_HTTP_PORT",
                      fmt::format("is {}, which is VOICE_WS_PORT too", settings.http_port), "choose another");
    const int metrics = settings.metrics_port;
    if (settings.metrics_enabled && metrics != 0 &&
        (metrics == settings.ws_port || metrics == settings.http_port))
        loaded.report(Code::ports_clash, "VOICE_METRICS_PORT",
                      fmt::format("is {}, which is {} too", metrics,
                                  metrics == settings.ws_port ? "VOICE_WS_PORT" : "VOICE_HTTP_PORT"),
                      "choose another, or 0 for the port of /api/voice");
}

void check_tls(Loaded& loaded) {
    const auto& settings = loaded.settings;
    if (settings.tls_certificate.empty() == settings.tls_key.empty()) return;
    const bool no_key = settings.tls_key.empty();
    loaded.report(Code::half_of_tls, no_key ? "VOICE_TLS_CERT_FILE" : "VOICE_TLS_KEY_FILE",
                  no_key ? "is set without VOICE_TLS_KEY_FILE" : "is set without VOICE_TLS_CERT_FILE",
                  "set both, or neither");
}

void check_algorithms(Loaded& loaded) {
    const auto& settings = loaded.settings;
    for (const auto& algorithm : settings.jwt_algorithms)
        if (!algorithm.starts_with("HS") && settings.jwt_public_key.empty())
            loaded.report(Code::key_does_not_fit_algorithm, "JWT_ALGORITHMS",
                          fmt::format("allows {}, and there is no public key to verify it with", algorithm),
                          fmt::format("set JWT_PUBLIC_KEY_FILE, or take {} out", algorithm));
}

void check_durations(Loaded& loaded) {
    const auto& settings = loaded.settings;
    const auto cap = settings.max_session_duration;
    if (settings.idle_timeout >= cap)
        loaded.report(Code::idle_beyond_cap, "VOICE_SESSION_TIMEOUT",
                      fmt::format("is {}, and VOICE_MAX_SESSION_DURATION ends the session after {}",
                                  format_duration(settings.idle_timeout), format_duration(cap)),
                      "make it shorter than the session may be");
    if (settings.renew_at_latest >= upstream_session_max)
        loaded.report(Code::renewal_too_late, "VOICE_UPSTREAM_RENEW_AT_LATEST",
                      fmt::format("is {}, and the upstream ends its session after 60m",
                                  format_duration(settings.renew_at_latest)),
                      "set at most 59m");
    else if (settings.renew_after > settings.renew_at_latest)
        loaded.report(
            Code::renewal_too_late, "VOICE_UPSTREAM_RENEW_AFTER",
            fmt::format("is {}, and VOICE_UPSTREAM_RENEW_AT_LATEST is {}",
                        format_duration(settings.renew_after), format_duration(settings.renew_at_latest)),
            "make it shorter than that");
    if (settings.drain_timeout > cap)
        loaded.report(Code::drain_beyond_cap, "VOICE_DRAIN_TIMEOUT",
                      fmt::format("is {}, and no session lives longer than {}",
                                  format_duration(settings.drain_timeout), format_duration(cap)),
                      "make it shorter than the session may be");
}

void check_audio(Loaded& loaded) {
    const auto& settings = loaded.settings;
    if (settings.barge_in_target < settings.frame)
        loaded.report(Code::target_below_frame, "VOICE_TARGET_BARGE_IN_MS",
                      fmt::format("is {} ms, and a frame is {} ms long", settings.barge_in_target.count(),
                                  settings.frame.count()),
                      "raise it, or shorten VOICE_FRAME_MS");
    if (settings.bitrate_bps < 12'000)
        loaded.report(
            Code::low_bitrate, "VOICE_BITRATE",
            fmt::format("is {} bit/s: below 12000 speech loses its high part", settings.bitrate_bps),
            "set 16000 or more");
}

void check_origins(Loaded& loaded) {
    const auto& origins = loaded.settings.cors_origins;
    if (std::ranges::find(origins, "*") == origins.end()) return;
    loaded.report(Code::any_origin, "VOICE_CORS_ORIGIN",
                  "has *: pages of every origin may connect, with the credentials of whoever visits them",
                  "name the origins of your own pages, such as https://app.example.com");
    if (origins.size() > 1)
        loaded.report(Code::any_origin_with_others, "VOICE_CORS_ORIGIN",
                      "has other origins beside *, which are never looked at", "take the * out");
}

void check_upstream(Loaded& loaded) {
    const auto& settings = loaded.settings;
    const auto url = split_url(settings.upstream_url);
    if (!url) return;
    if (is_simulator(settings.upstream_url)) {
        if (settings.production())
            loaded.report(Code::simulator_in_production, "VOICE_UPSTREAM_URL",
                          "is the simulator, and NODE_ENV is production", "set the URL of a speech model");
    } else if ((url->scheme == "ws" || url->scheme == "http") && !is_local(url->host)) {
        loaded.report(Code::plain_upstream, "VOICE_UPSTREAM_URL",
                      "is not encrypted: the key and the speech can be read on the way", "use wss://");
    }
}

void check_stores(Loaded& loaded) {
    const auto& settings = loaded.settings;
    const auto redis = split_url(settings.redis_url.text.reveal());
    if (redis && redis->scheme == "redis" && !is_local(redis->host))
        loaded.report(Code::plain_redis, "REDIS_URL", "is not encrypted, and Redis is on another host",
                      "use rediss://");
    if (redis && redis->scheme == "memory" && settings.production())
        loaded.report(Code::memory_in_production, "REDIS_URL",
                      "is memory: sessions end with the process, and cannot move to another node",
                      "use redis:// or rediss:// where there is more than one node");
    for (const auto& [env, field] : {std::pair{"DATABASE_URL", &Settings::database_url},
                                     std::pair{"DATABASE_REPLICA_URL", &Settings::database_replica_url}}) {
        const auto url = split_url((settings.*field).text.reveal());
        if (!url || url->scheme == "sqlite") continue;
        // libpq takes the host from the query too.
        auto host = url->host;
        for (const auto* name : {"host", "hostaddr"})
            if (const auto part = query_part(*url, name); host.empty() && !part.starts_with('/')) host = part;
        if (is_local(host)) continue;
        if (!base::has_word("require verify-ca verify-full", query_part(*url, "sslmode")))
            loaded.report(Code::plain_database, env,
                          "does not demand TLS, and the database is on another host",
                          "add ?sslmode=verify-full");
    }
}

void check_key(Loaded& loaded) {
    const auto& settings = loaded.settings;
    const auto url = split_url(settings.upstream_url);
    if (!url || url->host != "api.openai.com") return;
    if (!settings.openai_api_key.empty() && !settings.openai_api_key.reveal().starts_with("sk-"))
        loaded.report(Code::unusual_key, "OPENAI_API_KEY", "does not start with sk-, as OpenAI's keys do",
                      "check that it is a key, and the whole of it");
    for (std::size_t i = 0; i < settings.openai_keys.size(); ++i)
        if (!settings.openai_keys[i].key.reveal().starts_with("sk-"))
            loaded.report(
                Code::unusual_key, "OPENAI_API_KEYS",
                fmt::format("has a key, number {}, that does not start with sk-, as OpenAI's do", i + 1),
                "check that it is a key, and the whole of it");
}

void warn_of_pending(Loaded& loaded) {
    for (const auto& row : table()) {
        const auto& origin = loaded.origins[index_of(row)];
        if (row.pending.empty() || origin.layer == Layer::standard) continue;
        if (toml_value(loaded.settings, row) != row.in_effect)
            loaded.report(Code::does_nothing_yet, row.env,
                          fmt::format("is not in effect in this version: {}", row.pending));
    }
}

void check_machine(Loaded& loaded, const Machine& machine) {
    const auto sessions = static_cast<std::uint64_t>(loaded.settings.max_connections);
    const auto needed = descriptors_for(sessions);
    if (machine.descriptors != 0 && needed > machine.descriptors)
        loaded.report(
            Code::too_few_descriptors, "VOICE_MAX_CONNECTIONS",
            fmt::format("{} sessions × {} + {} = {} file descriptors, and the process may open {}", sessions,
                        descriptors_a_session, descriptors_beside, needed, machine.descriptors),
            fmt::format("raise the limit to {} (ulimit -n, LimitNOFILE=), or set at most {}", needed,
                        machine.descriptors > descriptors_beside
                            ? (machine.descriptors - descriptors_beside) / descriptors_a_session
                            : 0));
    const auto bytes = memory_for(sessions);
    if (machine.memory_bytes != 0 && bytes > machine.memory_bytes)
        loaded.report(
            Code::too_little_memory, "VOICE_MAX_CONNECTIONS",
            fmt::format("{} sessions × {} KiB + {} MiB = {} MiB, and {} has {} MiB", sessions, kib_a_session,
                        kib_beside / 1024, bytes >> 20U, machine.memory_of, machine.memory_bytes >> 20U),
            fmt::format("give it more memory, or set at most {}",
                        machine.memory_bytes / 1024 > kib_beside
                            ? (machine.memory_bytes / 1024 - kib_beside) / kib_a_session
                            : 0));
}

}  // namespace

std::uint64_t descriptors_for(std::uint64_t sessions) noexcept {
    return sessions * descriptors_a_session + descriptors_beside;
}

std::uint64_t memory_for(std::uint64_t sessions) noexcept {
    return (sessions * kib_a_session + kib_beside) * 1024;
}

void check_rules(Loaded& loaded, const Machine& machine) {
    constexpr std::array rules{check_required,   check_secrets,   check_ports, check_tls,
                               check_algorithms, check_durations, check_audio, check_origins,
                               check_upstream,   check_stores,    check_key,   warn_of_pending};
    for (const auto rule : rules)
        rule(loaded);
    check_machine(loaded, machine);
}

}  // namespace voicectl::config
