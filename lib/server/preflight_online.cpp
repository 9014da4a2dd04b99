// SPDX-License-Identifier: Apache-2.0
// The questions, asked side by side. Each has limits of its own; beside them stands one end for all, so that
// whatever a peer or the system's resolver does, the caller goes on.
#include "base/time.hpp"
#include "server/online.hpp"
#include "server/preflight.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <future>
#include <thread>
#include <utility>

namespace voicectl::server {
namespace {

using config::Code;

/// What is past every limit may still be on its way to say so.
constexpr std::chrono::milliseconds grace{500};

using Ask = std::function<net::Task<Verdicts>()>;

/// One service being asked, on a thread of its own: libpq blocks where it looks a name up, and of those who
/// share an io_context one such lookup holds up the others'.
class Question {
 public:
    /// `ask` gives the verdicts to `answer`, and may go on for a while after that.
    Question(std::string_view env, Code silence, std::function<void(std::promise<Verdicts>&)> ask)
        : env_(env), silence_(silence) {
        std::promise<Verdicts> answer;
        std::promise<void> end;
        answer_ = answer.get_future();
        end_ = end.get_future();
        thread_ =
            std::thread([answer = std::move(answer), end = std::move(end), ask = std::move(ask)]() mutable {
                ask(answer);
                ask = nullptr;
                end.set_value();
            });
    }
    Question(Question&&) = default;
    Question& operator=(Question&&) = delete;
    ~Question() {
        if (!thread_.joinable()) return;
        // What still hangs in the system's resolver is left to itself.
        if (end_.wait_for(farewell) == std::future_status::ready)
            thread_.join();
        else
            thread_.detach();
    }

    Verdicts wait_until(base::Time end, const OnlineLimits& limits) {
        if (answer_.wait_until(end) == std::future_status::ready) return answer_.get();
        return {
            {silence_, env_,
             fmt::format("no answer within {} ms: the name of its host is not found", limits.total.count()),
             "check the host, and the name servers of this machine", limits.total}};
    }

 private:
    static constexpr std::chrono::milliseconds farewell{50};

    std::string_view env_;
    Code silence_;
    std::future<Verdicts> answer_;
    std::future<void> end_;
    std::thread thread_;
};

/// Coroutines side by side, on an io_context of their own.
Question ask_of(std::string_view env, Code silence, std::vector<Ask> asks) {
    return Question(env, silence, [asks = std::move(asks)](std::promise<Verdicts>& answer) {
        std::vector<std::optional<Verdicts>> said(asks.size());
        net::asio::io_context io(1);
        for (std::size_t i = 0; i < asks.size(); ++i) {
            auto asked = asks[i]();
            net::asio::co_spawn(io, std::move(asked),
                                [&said, i](const std::exception_ptr& thrown, Verdicts verdicts) {
                                    if (thrown) std::rethrow_exception(thrown);
                                    said[i] = std::move(verdicts);
                                });
        }
        const auto is_over = [&] {
            return std::ranges::all_of(said, [](const auto& one) { return one.has_value(); });
        };
        // Not until it has nothing left to do: a lookup that was given up is something to do.
        while (!is_over() && io.run_one() > 0) {
        }
        Verdicts all;
        for (auto& verdicts : said)
            for (auto& verdict : verdicts.value_or(Verdicts()))
                all.push_back(std::move(verdict));
        answer.set_value(std::move(all));
    });
}

Question ask_postgres(const config::ServiceUrl& url, std::string_view env, const OnlineLimits& limits) {
    const storage::CheckLimits bounds{limits.connect, limits.total};
    return Question(
        env, Code::database_unreachable, [url = url.text, env, bounds](std::promise<Verdicts>& answer) {
            const auto start = base::now();
            auto verdict = judge_postgres(storage::check_postgres(url, bounds), env);
            verdict.took = std::chrono::milliseconds(base::whole_milliseconds(base::now() - start));
            answer.set_value({std::move(verdict)});
        });
}

std::vector<Question> questions_of(const config::Settings& settings, const OnlineLimits& limits,
                                   const OnlineTls& tls) {
    std::vector<Question> questions;
    if (!config::is_simulator(settings.upstream_url)) {
        std::vector<Ask> asks;
        for (const auto& key : keys_to_ask(settings))
            asks.push_back([=] { return ask_upstream(settings, key, limits, tls); });
        questions.push_back(ask_of("VOICE_UPSTREAM_URL", Code::upstream_unreachable, std::move(asks)));
    }
    if (!settings.redis_url.empty() && !settings.redis_url.text.reveal().starts_with("memory:"))
        questions.push_back(
            ask_of("REDIS_URL", Code::redis_unreachable,
                   {[url = settings.redis_url.text, limits, tls] { return ask_redis(url, limits, tls); }}));
    if (is_postgres(settings.database_url))
        questions.push_back(ask_postgres(settings.database_url, "DATABASE_URL", limits));
    if (is_postgres(settings.database_replica_url))
        questions.push_back(ask_postgres(settings.database_replica_url, "DATABASE_REPLICA_URL", limits));
    questions.push_back(ask_of("VOICE_HTTP_PORT", Code::gateway_broken,
                               {[=] { return ask_gateway(settings, limits, tls); }}));
    return questions;
}

/// Several keys say the same of a service that does not answer, and of a model that it does not have.
bool is_said(const Verdicts& said, const Verdict& verdict) {
    return std::ranges::any_of(said, [&](const Verdict& other) {
        return other.code == verdict.code && other.env == verdict.env && other.sentence == verdict.sentence;
    });
}

}  // namespace

void check_online(config::Loaded& loaded, OnlineLimits limits) {
    const auto& settings = loaded.settings;
    const auto end = base::now() + limits.total + grace;
    auto verified = net::TlsContext::client();
    auto unverified = net::TlsContext::client_without_verification();
    if (!verified || !unverified) {
        const auto& error = verified ? unverified.error() : verified.error();
        loaded.report(Code::tls_not_trusted, "VOICE_UPSTREAM_URL", error.detail,
                      "install ca-certificates, or name the authorities with SSL_CERT_FILE");
        return;
    }
    const OnlineTls tls{std::make_shared<const net::TlsContext>(std::move(*verified)),
                        std::make_shared<const net::TlsContext>(std::move(*unverified))};

    auto questions = questions_of(settings, limits, tls);
    Verdicts said;
    for (auto& question : questions)
        for (auto& verdict : question.wait_until(end, limits))
            if (!is_said(said, verdict)) said.push_back(std::move(verdict));
    for (auto& verdict : said) {
        loaded.report(verdict.code, verdict.env, std::move(verdict.sentence), std::move(verdict.fix));
        loaded.findings.back().took = verdict.took;
    }
}

}  // namespace voicectl::server
