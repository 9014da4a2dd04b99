// SPDX-License-Identifier: Apache-2.0
// What a connection does while its Redis is well.
#include "storage/redis_connection.hpp"

#include "base/time.hpp"
#include "storage/redis_fixture.hpp"
#include "storage/redis_script.hpp"
#include "support/loopback.hpp"

#include <fmt/format.h>

namespace voicectl::storage {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using net::Task;
using tests::must;
using tests::RedisServer;

class RedisConnectionTest : public tests::RedisTest {};

TEST_F(RedisConnectionTest, AnswersWithEveryKindOfReply) {
    const RedisServer server;
    with(options(server.url("", "/3")), [&](RedisConnection& redis) -> Task<void> {
        const std::string value("a\r\n\0b", 5);
        Command set("SET", "key", value);
        EXPECT_EQ((co_await ask(redis, std::move(set))).text, "OK");
        Command get("GET", "key");
        EXPECT_EQ((co_await ask(redis, std::move(get))).text, value);
        Command none("GET", "none");
        EXPECT_EQ((co_await ask(redis, std::move(none))).kind, Reply::Kind::nil);
        Command more("INCRBY", "count", "41");
        EXPECT_EQ((co_await ask(redis, std::move(more))).integer, 41);
        Command both("MGET", "key", "none");
        EXPECT_EQ((co_await ask(redis, std::move(both))).elements.size(), 2U);
        Command wrong("INCR", "key");
        const auto reply = co_await ask(redis, std::move(wrong));
        EXPECT_TRUE(reply.is_error("ERR"));
        EXPECT_EQ(redis.error_of(reply, "INCR").code, Errc::protocol);
        Command who("CLIENT", "LIST");
        const auto list = co_await ask(redis, std::move(who));
        EXPECT_NE(list.text.find("name=voicectl "), std::string::npos) << list.text;
        EXPECT_NE(list.text.find(" db=3 "), std::string::npos) << list.text;
    });
}

TEST_F(RedisConnectionTest, KeepsTheOrderOfAThousandCommandsInFlight) {
    const RedisServer server;
    constexpr int count = 1'000;
    constexpr int rounds = 20;
    int answered = 0;
    with(options(base::Secret("unix://" + server.socket())), [&](RedisConnection& redis) -> Task<void> {
        const auto work = [&](int number) -> Task<void> {
            for (int round = 0; round < rounds; ++round) {
                const auto text = fmt::format("{}-{}", number, round);
                Command echo("ECHO", text);
                const auto reply = co_await redis.command(std::move(echo), ample);
                if (reply && reply->text == text) ++answered;
            }
        };
        const auto start = base::now();
        co_await all(count, work);
        const auto took = base::milliseconds(base::now() - start);
        RecordProperty("commands_per_second", static_cast<int>(count * rounds / took * 1'000));
        Command ping("PING");
        const auto one = base::now();
        co_await ask(redis, std::move(ping));
        RecordProperty("microseconds_alone", static_cast<int>(base::milliseconds(base::now() - one) * 1'000));
    });
    EXPECT_EQ(answered, count * rounds);
}

TEST_F(RedisConnectionTest, RefusesMoreCommandsThanItsBound) {
    const RedisServer server;
    auto bounded = options(server.url());
    bounded.in_flight_max = 10;
    int answered = 0;
    int refused = 0;
    with(bounded, [&](RedisConnection& redis) -> Task<void> {
        const auto work = [&](int) -> Task<void> {
            Command ping("PING");
            const auto reply = co_await redis.command(std::move(ping), ample);
            if (reply)
                ++answered;
            else if (reply.error().code == Errc::overloaded)
                ++refused;
        };
        co_await all(25, work);
    });
    EXPECT_EQ(answered, 10);
    EXPECT_EQ(refused, 15);
}

TEST_F(RedisConnectionTest, RefusesMoreBytesThanItsBound) {
    const RedisServer server;
    auto bounded = options(server.url());
    bounded.unsent_bytes_max = 1'000;
    with(bounded, [&](RedisConnection& redis) -> Task<void> {
        Command big("SET", "key", std::string(1'000, 'x'));
        const auto reply = co_await redis.command(std::move(big), ample);
        EXPECT_EQ(reply.error().code, Errc::overloaded);
        Command ping("PING");
        EXPECT_EQ((co_await ask(redis, std::move(ping))).text, "PONG");
    });
}

TEST_F(RedisConnectionTest, SendsNothingThatIsLateAlready) {
    const RedisServer server;
    with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
        Command set("SET", "key", "value");
        const auto late = co_await redis.command(std::move(set), 0ms);
        EXPECT_EQ(late.error().code, Errc::timed_out);
        Command get("GET", "key");
        EXPECT_EQ((co_await ask(redis, std::move(get))).kind, Reply::Kind::nil);
    });
}

TEST_F(RedisConnectionTest, GivesUpOnAHugeReplyAndComesBack) {
    const RedisServer server;
    auto bounded = options(server.url());
    bounded.reply_bytes_max = 100'000;
    with(bounded, [&](RedisConnection& redis) -> Task<void> {
        const std::string value(100'001, 'x');
        Command set("SET", "key", value);
        co_await ask(redis, std::move(set));
        Command get("GET", "key");
        const auto reply = co_await redis.command(std::move(get), ample);
        EXPECT_EQ(reply.error().code, Errc::too_large) << reply.error().detail;
        must(co_await redis.ready(ample));
        Command size("STRLEN", "key");
        EXPECT_EQ((co_await ask(redis, std::move(size))).integer, 100'001);
    });
}

TEST_F(RedisConnectionTest, SpeaksTls) {
    tests::PrivateAuthority authority;
    const auto port = tests::free_port();
    const RedisServer server(tests::speaking_tls(authority, port));
    auto secured = options(base::Secret("rediss://localhost:" + std::to_string(port)));
    secured.tls = std::make_shared<const net::TlsContext>(must(net::TlsContext::client()));
    with(secured, [&](RedisConnection& redis) -> Task<void> {
        const auto work = [&](int number) -> Task<void> {
            const auto text = std::to_string(number);
            Command echo("ECHO", text);
            EXPECT_EQ((co_await ask(redis, std::move(echo))).text, text);
        };
        co_await all(200, work);
    });
}

TEST_F(RedisConnectionTest, RunsAScriptThatRedisDoesNotKnowYetOrAnyMore) {
    const RedisServer server;
    const Script script("return {KEYS[1], ARGV[1] + 1}");
    with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
        const std::vector<std::string> keys{"key"};
        const std::vector<std::string> arguments{"41"};
        for (int turn = 0; turn < 2; ++turn) {
            const auto reply = must(co_await evaluate(redis, script, keys, arguments, ample));
            EXPECT_EQ(reply.elements.at(0).text, "key");
            EXPECT_EQ(reply.elements.at(1).integer, 42);
            Command exists("SCRIPT", "EXISTS", script.digest());
            const auto known = co_await ask(redis, std::move(exists));
            EXPECT_EQ(known.elements.at(0).integer, 1) << "the digest is not the one that Redis makes";
            Command forget("SCRIPT", "FLUSH");
            co_await ask(redis, std::move(forget));
        }
    });
}

TEST_F(RedisConnectionTest, SaysThatAScriptFailed) {
    const RedisServer server;
    const Script script("return redis.call('GET')");
    with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
        const auto refused = co_await evaluate(redis, script, {}, {}, ample);
        EXPECT_EQ(refused.error().code, Errc::protocol);
    });
}

}  // namespace
}  // namespace voicectl::storage
