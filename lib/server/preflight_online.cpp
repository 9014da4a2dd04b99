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

/// What the coroutines leave behind; it outlives whoever waits for them.
struct Board {
    std::vector<std::optional<Verdicts>> answers;

    bool complete() const {
        return std::ranges::all_of(answers, [](const auto& answer) { return answer.has_value(); });
    }
};

/// A coroutine that is asked to give its verdicts, and the words for it should it never come back.
struct Question {
    std::function<net::Task<Verdicts>()> ask;
    Code silence = Code::upstream_unreachable;
    std::string_view env;
};

std::vector<Question> questions_of(const config::Settings& settings, const OnlineLimits& limits,
                                   const OnlineTls& tls) {
    std::vector<Question> questions;
    if (!config::is_simulator(settings.upstream_url))
        for (const auto& key : keys_to_ask(settings))
            questions.push_back({[=] { return ask_upstream(settings, key, limits, tls); },
                                 Code::upstream_unreachable, "VOICE_UPSTREAM_URL"});
    const auto& redis = settings.redis_url;
    if (!redis.empty() && !redis.text.reveal().starts_with("memory:"))
        questions.push_back(
            {[=] { return ask_redis(redis.text, limits, tls); }, Code::redis_unreachable, "REDIS_URL"});
    questions.push_back(
        {[=] { return ask_gateway(settings, limits, tls); }, Code::gateway_broken, "VOICE_HTTP_PORT"});
    return questions;
}

/// A PostgreSQL being asked on a thread of its own: libpq blocks where it looks a name up.
class PostgresQuestion {
 public:
    PostgresQuestion(const config::ServiceUrl& url, std::string_view env, const OnlineLimits& limits)
        : env_(env), limits_(limits), start_(base::now()) {
        std::promise<Verdict> promise;
        answer_ = promise.get_future();
        const storage::CheckLimits bounds{limits.connect, limits.total};
        thread_ = std::thread(
            [promise = std::move(promise), url = url.text, bounds, env, start = start_]() mutable {
                auto verdict = judge_postgres(storage::check_postgres(url, bounds), env);
                verdict.took = std::chrono::milliseconds(base::whole_milliseconds(base::now() - start));
                promise.set_value(std::move(verdict));
            });
    }
    ~PostgresQuestion() {
        if (thread_.joinable()) thread_.detach();
    }
    PostgresQuestion(const PostgresQuestion&) = delete;
    PostgresQuestion& operator=(const PostgresQuestion&) = delete;

    Verdict wait_until(base::Time end) {
        if (answer_.wait_until(end) == std::future_status::ready) {
            thread_.join();
            return answer_.get();
        }
        return {Code::database_unreachable, env_,
                fmt::format("the name of its host is not found within {} ms", limits_.total.count()),
                "check the host in the URL, and the name servers of this machine", limits_.total};
    }

 private:
    std::string_view env_;
    OnlineLimits limits_;
    base::Time start_;
    std::future<Verdict> answer_;
    std::thread thread_;
};

void start(net::asio::io_context& io, const std::vector<Question>& questions,
           const std::shared_ptr<Board>& board) {
    board->answers.resize(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) {
        auto asked = questions[i].ask();
        net::asio::co_spawn(io, std::move(asked),
                            [board, i](const std::exception_ptr& thrown, Verdicts verdicts) {
                                if (thrown) std::rethrow_exception(thrown);
                                board->answers[i] = std::move(verdicts);
                            });
    }
}

/// Runs the questions until all are answered, or `end`.
void run(std::unique_ptr<net::asio::io_context> io, const Board& board, base::Time end) {
    while (!board.complete() && base::now() < end)
        io->run_one_until(end);
    io->restart();
    io->poll();
    if (io->stopped()) return;
    // A name is still being looked up, and the context would wait for it: another thread does.
    std::thread([left = std::move(io)]() mutable { left.reset(); }).detach();
}

/// Several keys say the same of a service that does not answer, and of a model that it does not have.
bool is_said(const Verdicts& said, const Verdict& verdict) {
    return std::ranges::any_of(said, [&](const Verdict& other) {
        return other.code == verdict.code && other.env == verdict.env && other.sentence == verdict.sentence;
    });
}

void collect(Verdicts& said, const std::vector<Question>& questions, Board& board,
             const OnlineLimits& limits) {
    for (std::size_t i = 0; i < questions.size(); ++i) {
        auto verdicts = board.answers[i].value_or(Verdicts());
        if (!board.answers[i])
            verdicts.push_back({questions[i].silence, questions[i].env,
                                fmt::format("no answer within {} ms", limits.total.count()),
                                "check the network and the name servers of this machine", limits.total});
        for (auto& verdict : verdicts)
            if (!is_said(said, verdict)) said.push_back(std::move(verdict));
    }
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

    std::optional<PostgresQuestion> database;
    std::optional<PostgresQuestion> replica;
    if (is_postgres(settings.database_url)) database.emplace(settings.database_url, "DATABASE_URL", limits);
    if (is_postgres(settings.database_replica_url))
        replica.emplace(settings.database_replica_url, "DATABASE_REPLICA_URL", limits);

    const auto questions = questions_of(settings, limits, tls);
    auto io = std::make_unique<net::asio::io_context>(1);
    const auto board = std::make_shared<Board>();
    start(*io, questions, board);
    run(std::move(io), *board, end);

    Verdicts said;
    collect(said, questions, *board, limits);
    for (auto* question : {&database, &replica})
        if (question->has_value()) said.push_back((*question)->wait_until(end));
    for (auto& verdict : said) {
        loaded.report(verdict.code, verdict.env, std::move(verdict.sentence), std::move(verdict.fix));
        loaded.findings.back().took = verdict.took;
    }
}

}  // namespace voicectl::server
