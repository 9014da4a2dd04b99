// SPDX-License-Identifier: Apache-2.0
#include "storage/redis_connection.hpp"

#include "base/id.hpp"
#include "net/connect.hpp"
#include "net/deadline.hpp"
#include "storage/redis_link.hpp"

#include <boost/asio/write.hpp>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace voicectl::storage {

using base::Errc;
using base::fail;

namespace {

/// A coroutine that waits for something, in its own frame: one timer is its limit and, cancelled, its wake.
struct Waiting {
    Waiting(const net::Executor& executor, std::chrono::milliseconds limit) : timer(executor, limit) {}

    void settle(base::Result<Reply> with) {
        outcome = std::move(with);
        timer.cancel();
    }

    net::asio::steady_timer timer;
    std::optional<base::Result<Reply>> outcome;
};

/// What is under way on a connection that is up. Its writer may outlive its reader by a step.
struct Pipeline {
    explicit Pipeline(std::unique_ptr<RedisLink> introduced)
        : redis(std::move(introduced)), wake(redis->stream.get_executor()) {}

    std::unique_ptr<RedisLink> redis;
    std::string unsent;   ///< what commands add to
    std::string leaving;  ///< what the writer has in hand
    std::deque<Waiting*> in_flight;
    net::Notifier wake;
    bool ended = false;

    void end() noexcept {
        ended = true;
        redis->stream.bytes().close();
        wake.notify();
    }
    /// The only coroutine that writes: whatever has gathered while a write was under way leaves in the next.
    static net::Task<void> write_loop(std::shared_ptr<Pipeline> pipeline) {
        while (!pipeline->ended) {
            if (pipeline->unsent.empty()) {
                co_await pipeline->wake.wait();
                continue;
            }
            std::swap(pipeline->unsent, pipeline->leaving);
            const auto buffer = net::asio::buffer(pipeline->leaving);
            auto [ec, bytes] = co_await net::asio::async_write(pipeline->redis->stream, buffer, net::nothrow);
            // The reader notices the same, and says so.
            if (ec) pipeline->end();
            pipeline->leaving.clear();
        }
    }
};

}  // namespace

struct RedisConnection::Impl {
    Impl(net::Executor on, RedisOptions with)
        : executor(std::move(on)),
          options(std::move(with)),
          name(options.url.name()),
          backoff(options.backoff, base::random_number()),
          pause(executor) {}

    net::Executor executor;
    RedisOptions options;
    std::string name;
    net::Backoff backoff;
    net::asio::steady_timer pause;
    std::shared_ptr<Pipeline> link;  ///< while it is up
    std::vector<Waiting*> arrivals;  ///< who waits until it is up
    base::Error why_down{Errc::unavailable, "the first try is under way"};
    std::function<void()> give_up;  ///< ends the try that is under way
    bool ended = false;

    static net::Task<void> run(std::shared_ptr<Impl> self);
    net::Task<base::Result<std::unique_ptr<RedisLink>>> open();
    static net::Task<base::Result<Reply>> command(std::shared_ptr<Impl> self, Command words,
                                                  std::chrono::milliseconds timeout);
    static net::Task<base::Result<void>> ready(std::shared_ptr<Impl> self, std::chrono::milliseconds timeout);
    net::Task<base::Error> read_replies(std::shared_ptr<Pipeline> from);
    void is_up(std::shared_ptr<Pipeline> now);
    void is_down(base::Error why);
    void end();
};

net::Task<base::Result<std::unique_ptr<RedisLink>>> RedisConnection::Impl::open() {
    net::Connector connector(executor);
    std::unique_ptr<RedisLink> opened;
    // Closes what stands, however far it came.
    give_up = [&connector] { connector.give_up(); };
    const net::Deadline deadline(executor, options.connect_timeout, [&connector] { connector.give_up(); });
    net::Endpoint to = endpoint_of(options.url, options.tls);
    auto stream = co_await connector.connect(std::move(to));
    base::Result<void> well = stream ? base::Result<void>() : base::Result<void>(stream.error());
    if (stream) {
        opened = std::make_unique<RedisLink>(std::move(*stream), name, options.reply_bytes_max);
        well = co_await introduce(*opened, options.url, options.client_name);
    }
    give_up = nullptr;
    if (deadline.expired())
        co_return fail(Errc::timed_out, "Redis at {} did not answer within {} ms", name,
                       options.connect_timeout.count());
    if (!well) co_return well.error();
    co_return opened;
}

net::Task<base::Error> RedisConnection::Impl::read_replies(std::shared_ptr<Pipeline> from) {
    while (true) {
        auto reply = co_await next_reply(*from->redis);
        if (!reply) co_return reply.error();
        if (from->in_flight.empty())
            co_return fail(Errc::protocol, "Redis at {} answers what was not asked", name);
        auto* waiting = from->in_flight.front();
        from->in_flight.pop_front();
        backoff.reset();
        // A master that was made a replica: the name may lead to the new master by now.
        const bool demoted = reply->is_error("READONLY");
        auto why = demoted ? refusal(name, *reply, "") : base::Error();
        waiting->settle(std::move(*reply));
        if (demoted) co_return why;
    }
}

void RedisConnection::Impl::is_up(std::shared_ptr<Pipeline> now) {
    link = std::move(now);
    why_down = base::Error();
    for (auto* waiting : std::exchange(arrivals, {}))
        waiting->settle(Reply());
    if (options.on_change) options.on_change(base::Result<void>());
}

void RedisConnection::Impl::is_down(base::Error why) {
    if (const auto lost = std::exchange(link, nullptr)) {
        lost->end();
        for (auto* waiting : std::exchange(lost->in_flight, {})) {
            const auto code =
                why.code == Errc::too_large || why.code == Errc::protocol ? why.code : Errc::closed;
            waiting->settle(fail(code, "the connection to Redis ended before its answer: {}", why.detail));
        }
    }
    const bool news = why_down.detail != why.detail;
    why_down = std::move(why);
    if (news && options.on_change) options.on_change(why_down);
}

net::Task<void> RedisConnection::Impl::run(std::shared_ptr<Impl> self) {
    while (!self->ended) {
        auto opened = co_await self->open();
        if (self->ended) break;
        if (opened) {
            const auto link = std::make_shared<Pipeline>(std::move(*opened));
            net::asio::co_spawn(self->executor, Pipeline::write_loop(link), net::asio::detached);
            self->is_up(link);
            auto why = co_await self->read_replies(link);
            // Unless a command that waited too long has given it up already.
            if (self->link == link) self->is_down(std::move(why));
        } else {
            self->is_down(opened.error());
        }
        if (self->ended) break;
        self->pause.expires_after(self->backoff.next());
        co_await self->pause.async_wait(net::nothrow);
    }
}

void RedisConnection::Impl::end() {
    ended = true;
    options.on_change = nullptr;
    is_down(base::Error(Errc::closed, "this side has ended"));
    for (auto* waiting : std::exchange(arrivals, {}))
        waiting->settle(why_down);
    if (give_up) give_up();
    pause.cancel();
}

RedisConnection::RedisConnection(net::Executor executor, RedisOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(options))) {
    net::asio::co_spawn(executor, Impl::run(impl_), net::asio::detached);
}

RedisConnection::~RedisConnection() {
    impl_->end();
}

// The coroutines own what they use: the connection may end while they wait, or before they begin.
net::Task<base::Result<Reply>> RedisConnection::Impl::command(std::shared_ptr<Impl> self, Command words,
                                                              std::chrono::milliseconds timeout) {
    const auto link = self->link;
    if (link == nullptr)
        co_return fail(Errc::unavailable, "Redis at {} is away: {}", self->name, self->why_down.detail);
    if (link->in_flight.size() >= self->options.in_flight_max ||
        link->unsent.size() + words.wire().size() > self->options.unsent_bytes_max)
        co_return fail(Errc::overloaded, "Redis at {} has {} commands before it already", self->name,
                       link->in_flight.size());
    // It would cost all the others their connection.
    if (timeout <= std::chrono::milliseconds(0))
        co_return base::Error(Errc::timed_out, "a command for Redis was late before it was sent");
    Waiting waiting(self->executor, timeout);
    link->in_flight.push_back(&waiting);
    if (link->unsent.empty()) link->wake.notify();
    link->unsent += words.wire();
    co_await waiting.timer.async_wait(net::nothrow);
    if (waiting.outcome) co_return std::move(*waiting.outcome);
    auto late = fail(Errc::timed_out, "Redis at {} did not answer within {} ms", self->name, timeout.count());
    self->is_down(late);
    co_return late;
}

net::Task<base::Result<void>> RedisConnection::Impl::ready(std::shared_ptr<Impl> self,
                                                           std::chrono::milliseconds timeout) {
    if (self->link != nullptr || self->ended)
        co_return self->ended ? base::Result<void>(self->why_down) : base::Result<void>();
    Waiting waiting(self->executor, timeout);
    self->arrivals.push_back(&waiting);
    co_await waiting.timer.async_wait(net::nothrow);
    std::erase(self->arrivals, &waiting);
    if (!waiting.outcome) co_return self->why_down;
    if (!*waiting.outcome) co_return waiting.outcome->error();
    co_return base::Result<void>();
}

net::Task<base::Result<Reply>> RedisConnection::command(Command words, std::chrono::milliseconds timeout) {
    return Impl::command(impl_, std::move(words), timeout);
}

net::Task<base::Result<void>> RedisConnection::ready(std::chrono::milliseconds timeout) {
    return Impl::ready(impl_, timeout);
}

bool RedisConnection::up() const noexcept {
    return impl_->link != nullptr;
}

base::Error RedisConnection::error_of(const Reply& reply, std::string_view command) const {
    return refusal(impl_->name, reply, command);
}

}  // namespace voicectl::storage
