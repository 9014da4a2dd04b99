// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "server/online.hpp"
#include "storage/redis_check.hpp"

#include <utility>

namespace voicectl::server {
namespace {

using base::Errc;
using config::Code;

constexpr auto trust_fix = "mend the service's chain, or name its authority";

/// Whether nobody gave an answer that counts, now.
bool is_silence(Errc code) noexcept {
    return code == Errc::unavailable || code == Errc::timed_out || code == Errc::closed ||
           code == Errc::overloaded;
}

Verdict judge_redis(const base::Error& error) {
    constexpr std::string_view env = "REDIS_URL";
    if (error.code == Errc::untrusted) return {Code::tls_not_trusted, env, error.detail, trust_fix};
    if (is_silence(error.code))
        return {Code::redis_unreachable, env, error.detail,
                "check the URL, and that Redis runs and can be reached from here"};
    return {Code::redis_refuses, env, error.detail,
            "check the user, the password and the database in the URL"};
}

/// 150018 is 15.18, and 90624 was 9.6.24.
std::string version_text(int version) {
    if (version >= 100'000) return fmt::format("{}.{}", version / 10'000, version % 10'000);
    return fmt::format("{}.{}.{}", version / 10'000, version / 100 % 100, version % 100);
}

}  // namespace

net::Task<Verdicts> ask_redis(base::Secret text, OnlineLimits limits, OnlineTls tls) {
    const auto start = base::now();
    auto url = storage::parse_redis_url(text);
    Verdict verdict;
    if (!url) {
        verdict = judge_redis(url.error());
    } else {
        const storage::CheckLimits bounds{limits.connect, limits.total};
        auto name = url->name();
        const auto answered = co_await storage::check_redis(std::move(*url), bounds, tls.verified);
        if (answered)
            verdict = {Code::online_ok, "REDIS_URL", fmt::format("Redis at {} answers", name), {}};
        else
            verdict = judge_redis(answered.error());
    }
    verdict.took = std::chrono::milliseconds(base::whole_milliseconds(base::now() - start));
    Verdicts verdicts;
    verdicts.push_back(std::move(verdict));
    co_return verdicts;
}

bool is_postgres(const config::ServiceUrl& url) {
    const auto& text = url.text.reveal();
    return text.starts_with("postgresql:") || text.starts_with("postgres:");
}

Verdict judge_postgres(const base::Result<storage::PostgresAnswer>& answer, std::string_view env) {
    if (answer && !answer->has_migrations)
        return {Code::schema_behind, env,
                fmt::format("PostgreSQL {} answers, and the database has no table schema_migrations",
                            version_text(answer->server_version)),
                "run voicectl migrate-db"};
    if (answer)
        return {Code::online_ok,
                env,
                fmt::format("PostgreSQL {} answers; {}", version_text(answer->server_version),
                            answer->newest_migration.empty()
                                ? "no migration has been run"
                                : fmt::format("the newest migration is {}", answer->newest_migration)),
                {}};
    const auto& error = answer.error();
    if (error.code == Errc::untrusted) return {Code::tls_not_trusted, env, error.detail, trust_fix};
    if (is_silence(error.code))
        return {Code::database_unreachable, env, error.detail,
                "check the URL, and that PostgreSQL runs and can be reached from here"};
    if (error.code == Errc::protocol)
        return {Code::database_refuses, env, error.detail,
                "check that the URL's host and port are those of a PostgreSQL that takes its parameters"};
    return {Code::database_refuses, env, error.detail,
            "check the user, the password, the database and the parameters in the URL"};
}

}  // namespace voicectl::server
