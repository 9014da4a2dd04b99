// SPDX-License-Identifier: Apache-2.0
// What a connection does when its Redis stalls, dies, comes back, or does not want it.
#include "storage/redis_connection.hpp"
#include "storage/redis_fixture.hpp"
#include "support/loopback.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <optional>

namespace voicectl::storage {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using net::Task;
using tests::must;
using tests::RedisServer;

class RedisOutage : public tests::RedisTest {
 protected:
    /// What became of a PING.
    static Task<Errc> ping(RedisConnection& redis, std::chrono::milliseconds timeout = ample) {
        Command command("PING");
        const auto reply = co_await redis.command(std::move(command), timeout);
        co_return reply ? Errc::usage : reply.error().code;
    }
    static constexpr Errc well = Errc::usage;

    /// Options that keep what on_change says.
    RedisOptions observed(const base::Secret& url) {
        auto with = options(url);
        with.on_change = [this](const base::Result<void>& state) {
            said_.push_back(state ? "up" : state.error().detail);
            last_ = state ? well : state.error().code;
            changed_.notify();
        };
        return with;
    }
    Task<void> until(Errc state) {
        while (last_ != state)
            co_await changed_.wait();
    }

    net::Notifier changed_{io_.get_executor()};
    std::vector<std::string> said_;
    Errc last_ = Errc::internal;
};

TEST_F(RedisOutage, GivesUpOnAStalledRedisAndComesBack) {
    RedisServer server;
    std::vector<Errc> ends(20, well);
    with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
        server.pause();
        const auto work = [&](int number) -> Task<void> {
            ends[static_cast<std::size_t>(number)] = co_await ping(redis, number == 7 ? 50ms : ample);
        };
        co_await all(20, work);
        EXPECT_FALSE(redis.up());
        EXPECT_EQ(co_await ping(redis), Errc::unavailable);
        server.resume();
        must(co_await redis.ready(ample));
        EXPECT_EQ(co_await ping(redis), well);
    });
    for (std::size_t number = 0; number < ends.size(); ++number)
        EXPECT_EQ(ends[number], number == 7 ? Errc::timed_out : Errc::closed) << number;
}

TEST_F(RedisOutage, ComesBackAfterAKillAndARestart) {
    RedisServer server;
    with(observed(server.url()), [&](RedisConnection& redis) -> Task<void> {
        for (int turn = 0; turn < 3; ++turn) {
            // In flight as it dies: a stopped Redis takes the command and never answers.
            server.pause();
            std::optional<Errc> end;
            const auto dies = [&]() -> Task<void> { end = co_await ping(redis); };
            net::asio::co_spawn(io_, dies(), net::asio::detached);
            server.kill();
            while (last_ == well)
                co_await changed_.wait();
            EXPECT_FALSE(redis.up());
            EXPECT_EQ(co_await ping(redis), Errc::unavailable);
            server.restart();
            must(co_await redis.ready(ample));
            EXPECT_EQ(co_await ping(redis), well);
            EXPECT_TRUE(end == Errc::closed || end == Errc::unavailable);
        }
    });
}

// A reply of before the loss must not be taken for one of after it.
TEST_F(RedisOutage, NeverGivesACommandTheReplyOfAnother) {
    RedisServer server;
    auto impatient = observed(server.url());
    bool over = false;
    int answered = 0;
    int failed = 0;
    int wrong = 0;
    with(impatient, [&](RedisConnection& redis) -> Task<void> {
        const auto asks = [&](int number) -> Task<void> {
            for (int turn = 0; !over; ++turn) {
                const auto text = std::to_string(number) + "-" + std::to_string(turn);
                Command echo("ECHO", text);
                const auto reply = co_await redis.command(std::move(echo), 20ms);
                if (!reply) {
                    ++failed;
                    co_await redis.ready(ample);
                    continue;
                }
                (reply->text == text ? answered : wrong) += 1;
            }
        };
        const auto strikes = [&]() -> Task<void> {
            for (int strike = 0; strike < 12; ++strike) {
                const int enough = answered + 500;
                while (answered < enough) {
                    Command ping("PING");
                    co_await redis.command(std::move(ping), ample);
                    co_await redis.ready(ample);
                }
                if (strike % 3 == 0) {
                    server.kill();
                    server.restart();
                } else {
                    server.pause();
                    co_await until(Errc::timed_out);
                    server.resume();
                }
                co_await redis.ready(ample);
            }
            over = true;
        };
        co_await all(51, [&](int number) { return number == 50 ? strikes() : asks(number); });
    });
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(answered, 5'000);
    EXPECT_GE(failed, 12);
}

TEST_F(RedisOutage, WaitsForARedisThatStartsLater) {
    RedisServer server;
    server.kill();
    run([&]() -> Task<void> {
        RedisConnection redis(io_.get_executor(), observed(server.url()));
        const auto soon = co_await redis.ready(30ms);
        EXPECT_EQ(soon.error().code, Errc::unavailable) << soon.error().detail;
        EXPECT_EQ(said_.size(), 1U) << "many tries, one reason";
        server.restart();
        must(co_await redis.ready(ample));
    });
    EXPECT_EQ(said_.back(), "up");
}

TEST_F(RedisOutage, SaysWhyItIsNotWantedWithoutThePassword) {
    constexpr auto secret = "a-word-nobody-may-read";
    const RedisServer server({"--requirepass", std::string(secret) + "-either"});
    run([&]() -> Task<void> {
        RedisConnection redis(io_.get_executor(), observed(server.url(":" + std::string(secret) + "@")));
        co_await until(Errc::unauthorized);
        EXPECT_EQ((co_await redis.ready(1ms)).error().code, Errc::unauthorized);
        Command command("PING");
        const auto reply = co_await redis.command(std::move(command), ample);
        EXPECT_EQ(reply.error().code, Errc::unavailable);
        said_.push_back(reply.error().detail);
    });
    for (const auto& sentence : said_)
        EXPECT_EQ(sentence.find(secret), std::string::npos) << sentence;
    EXPECT_NE(said_.back().find("does not accept"), std::string::npos) << said_.back();
}

TEST_F(RedisOutage, LeavesARedisThatBecameAReplica) {
    const RedisServer server;
    with(observed(server.url()), [&](RedisConnection& redis) -> Task<void> {
        Command demote("REPLICAOF", "127.0.0.1", "1");
        co_await ask(redis, std::move(demote));
        Command set("SET", "key", "value");
        const auto reply = co_await ask(redis, std::move(set));
        EXPECT_TRUE(reply.is_error("READONLY"));
        EXPECT_EQ(redis.error_of(reply, "SET").code, Errc::unavailable);
        co_await until(Errc::unavailable);
        must(co_await redis.ready(ample));
    });
}

TEST_F(RedisOutage, EndsWhatIsInFlightWhenItIsDestroyed) {
    RedisServer server;
    auto redis = std::make_unique<RedisConnection>(io_.get_executor(), options(server.url()));
    run([&]() -> Task<void> {
        must(co_await redis->ready(ample));
        server.pause();
        const auto work = [&](int number) -> Task<void> {
            if (number < 9) {
                EXPECT_EQ(co_await ping(*redis), Errc::closed);
            } else {
                redis.reset();
            }
            co_return;
        };
        co_await all(10, work);
    });
}

TEST_F(RedisOutage, EndsAtOnceWhileItConnects) {
    RedisServer server;
    server.pause();
    auto redis = std::make_unique<RedisConnection>(io_.get_executor(), options(server.url()));
    run([&]() -> Task<void> {
        EXPECT_EQ((co_await redis->ready(1ms)).error().code, Errc::unavailable);
        const auto waits = [&]() -> Task<void> {
            EXPECT_EQ((co_await redis->ready(ample)).error().code, Errc::closed);
        };
        net::asio::co_spawn(io_, waits(), net::asio::detached);
        co_await net::asio::post(io_, net::asio::use_awaitable);
        redis.reset();
    });
}

TEST_F(RedisOutage, LeavesAPeerThatAnswersWhatWasNotAsked) {
    tests::LoopbackListener listener(io_);
    const auto serve = [&]() -> Task<void> {
        auto [ec, socket] = co_await listener.acceptor().async_accept(net::nothrow);
        std::string heard;
        auto room = net::asio::dynamic_buffer(heard);
        for (const std::string answer : {"+OK\r\n", "+PONG\r\n+PONG\r\n"}) {
            co_await net::asio::async_read_until(socket, room, "\r\n", net::nothrow);
            heard.clear();
            co_await net::asio::async_write(socket, net::asio::buffer(answer), net::nothrow);
        }
        listener.acceptor().close();
        // Until the other side closes.
        co_await net::asio::async_read_until(socket, room, "never", net::nothrow);
    };
    net::asio::co_spawn(io_, serve(), net::asio::detached);
    auto redis = std::make_unique<RedisConnection>(
        io_.get_executor(), observed(base::Secret("redis://127.0.0.1:" + std::to_string(listener.port()))));
    run([&]() -> Task<void> {
        co_await until(Errc::protocol);
        redis.reset();
    });
    EXPECT_EQ(said_.front(), "up");
}

}  // namespace
}  // namespace voicectl::storage
