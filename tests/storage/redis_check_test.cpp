// SPDX-License-Identifier: Apache-2.0
// Against a real Redis for all that a Redis does, against peers of our own for what none does.
#include "storage/redis_check.hpp"

#include "base/time.hpp"
#include "storage/redis_server.hpp"
#include "support/coroutine_test.hpp"
#include "support/loopback.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <string>

namespace voicectl::storage {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using net::nothrow;
using net::Task;
using tests::must;
using tests::RedisServer;

constexpr auto secret = "a-word-nobody-may-read";

class RedisCheck : public tests::CoroutineTest {
 protected:
    /// Whether all is well; what is wrong stands in sentence_ and code_ then.
    bool check(const base::Secret& text) {
        bool well = false;
        sentence_.clear();
        run([&]() -> Task<void> {
            const auto url = must(parse_redis_url(text));
            const auto answered = co_await check_redis(url, limits_, tls_);
            well = answered.has_value();
            if (well) co_return;
            code_ = answered.error().code;
            sentence_ = answered.error().detail;
        });
        EXPECT_EQ(sentence_.find(secret), std::string::npos) << sentence_;
        return well;
    }
    Errc code_of(const base::Secret& text) {
        EXPECT_FALSE(check(text)) << "all was well";
        return code_;
    }
    bool says(const std::string& text) const { return sentence_.find(text) != std::string::npos; }

    /// Takes one connection; answers each command with the next of `answers`, then the last again for ever.
    static Task<void> serve_one(net::tcp::acceptor& acceptor, std::vector<std::string> answers,
                                bool for_ever) {
        auto [ec, socket] = co_await acceptor.async_accept(nothrow);
        if (ec) co_return;
        std::string heard;
        for (const auto& answer : answers) {
            auto [read_ec, bytes] = co_await net::asio::async_read_until(
                socket, net::asio::dynamic_buffer(heard), "\r\n", nothrow);
            if (read_ec) co_return;
            // A command of ours comes in one piece.
            heard.clear();
            co_await net::asio::async_write(socket, net::asio::buffer(answer), nothrow);
        }
        while (for_ever) {
            auto [write_ec, bytes] =
                co_await net::asio::async_write(socket, net::asio::buffer(answers.back()), nothrow);
            if (write_ec) co_return;
        }
    }
    /// What a peer that answers so is taken for.
    Errc code_for(const std::vector<std::string>& answers, const std::string& who = "",
                  bool for_ever = false) {
        tests::LoopbackListener listener(io_);
        net::asio::co_spawn(io_, serve_one(listener.acceptor(), answers, for_ever), net::asio::detached);
        return code_of(base::Secret("redis://" + who + "127.0.0.1:" + std::to_string(listener.port())));
    }

    CheckLimits limits_;
    std::shared_ptr<const net::TlsContext> tls_;
    Errc code_ = Errc::internal;
    std::string sentence_;
};

TEST_F(RedisCheck, IsAnsweredByARedis) {
    const RedisServer server;
    EXPECT_TRUE(check(server.url())) << sentence_;
    EXPECT_TRUE(check(server.url("", "/5"))) << sentence_;
    EXPECT_TRUE(check(base::Secret("unix://" + server.socket()))) << sentence_;
    EXPECT_TRUE(check(base::Secret("unix://" + server.socket() + "?db=3"))) << sentence_;
}

TEST_F(RedisCheck, SaysWhatARedisWithoutPasswordMinds) {
    const RedisServer server;
    EXPECT_EQ(code_of(server.url(std::string(":") + secret + "@")), Errc::unauthorized);
    EXPECT_TRUE(says("has no password")) << sentence_;
    EXPECT_EQ(code_of(server.url("", "/9999")), Errc::forbidden);
    EXPECT_TRUE(says("does not have the database")) << sentence_;
}

TEST_F(RedisCheck, SaysWhatARedisWithPasswordMinds) {
    const RedisServer server({"--requirepass", secret});
    EXPECT_TRUE(check(server.url(std::string(":") + secret + "@"))) << sentence_;
    EXPECT_TRUE(check(server.url(std::string("default:") + secret + "@"))) << sentence_;
    EXPECT_EQ(code_of(server.url()), Errc::unauthorized);
    EXPECT_TRUE(says("wants a password")) << sentence_;
    EXPECT_EQ(code_of(server.url(":wrong@")), Errc::unauthorized);
    EXPECT_TRUE(says("does not accept")) << sentence_;
    EXPECT_FALSE(says("wrong")) << sentence_;
    EXPECT_EQ(code_of(base::Secret("unix://" + server.socket())), Errc::unauthorized);
}

TEST_F(RedisCheck, SaysWhatAUserMayNotDo) {
    const RedisServer server({"--user", "ann", "on", std::string(">") + secret, "+select"});
    EXPECT_EQ(code_of(server.url("ann:" + std::string(secret) + "@")), Errc::forbidden);
    EXPECT_TRUE(says("run PING")) << sentence_;
}

TEST_F(RedisCheck, SaysThatARedisIsFull) {
    const RedisServer server({"--maxclients", "1"});
    net::tcp::socket first(io_);
    first.connect({net::asio::ip::address_v4::loopback(), server.port()});
    net::asio::write(first, net::asio::buffer("PING\r\n", 6));
    std::string pong;
    net::asio::read_until(first, net::asio::dynamic_buffer(pong), "\r\n");
    EXPECT_EQ(code_of(server.url()), Errc::overloaded) << sentence_;
}

TEST_F(RedisCheck, DemandsATrustedCertificate) {
    tests::PrivateAuthority authority;
    const auto port = tests::free_port();
    const RedisServer server(tests::speaking_tls(authority, port));
    tls_ = std::make_shared<const net::TlsContext>(must(net::TlsContext::client()));
    EXPECT_TRUE(check(base::Secret("rediss://localhost:" + std::to_string(port)))) << sentence_;
    EXPECT_EQ(code_of(base::Secret("redis://localhost:" + std::to_string(port))), Errc::closed);
    EXPECT_TRUE(says("rediss://")) << sentence_;
    authority.forget();
    tls_ = std::make_shared<const net::TlsContext>(must(net::TlsContext::client()));
    EXPECT_EQ(code_of(base::Secret("rediss://localhost:" + std::to_string(port))), Errc::untrusted)
        << sentence_;
}

TEST_F(RedisCheck, SaysThatNobodyListens) {
    const auto port = std::to_string(tests::free_port());
    EXPECT_EQ(code_of(base::Secret("redis://127.0.0.1:" + port)), Errc::unavailable);
    EXPECT_TRUE(says("127.0.0.1:" + port)) << sentence_;
    EXPECT_EQ(code_of(base::Secret("unix:///nonexistent/redis.sock")), Errc::unavailable);
}

TEST_F(RedisCheck, GivesUpOnAPeerThatSaysNothing) {
    const tests::LoopbackListener listener(io_);
    const auto place = "127.0.0.1:" + std::to_string(listener.port());
    limits_.total = 100ms;
    EXPECT_EQ(code_of(base::Secret("redis://" + place)), Errc::timed_out);
    EXPECT_TRUE(says(place) && says("100 ms")) << sentence_;
    limits_ = CheckLimits{80ms, 60s};
    tls_ = std::make_shared<const net::TlsContext>(must(net::TlsContext::client()));
    EXPECT_EQ(code_of(base::Secret("rediss://" + place)), Errc::timed_out);
    EXPECT_TRUE(says("80 ms")) << sentence_;
}

TEST_F(RedisCheck, GivesUpInTheMiddleOfAnAnswer) {
    limits_.total = 100ms;
    tests::LoopbackListener listener(io_);
    net::asio::co_spawn(
        io_,
        [&]() -> Task<void> {
            auto [ec, socket] = co_await listener.acceptor().async_accept(nothrow);
            net::asio::write(socket, net::asio::buffer("+PO", 3));
            std::string heard;
            co_await net::asio::async_read_until(socket, net::asio::dynamic_buffer(heard), "never", nothrow);
        },
        net::asio::detached);
    EXPECT_EQ(code_of(base::Secret("redis://127.0.0.1:" + std::to_string(listener.port()))), Errc::timed_out)
        << sentence_;
}

TEST_F(RedisCheck, KnowsWhatIsNoRedis) {
    EXPECT_EQ(code_for({"HTTP/1.1 400 Bad Request\r\n\r\n"}), Errc::protocol);
    EXPECT_EQ(code_for({"*1000000000\r\n"}), Errc::protocol) << "an answer that reserves memory";
    EXPECT_EQ(code_for({"$1000000000\r\n"}), Errc::protocol);
    EXPECT_EQ(code_for({"+PONK\r\n"}), Errc::protocol);
    EXPECT_EQ(code_for({"+" + std::string(1000, 'x')}, "", true), Errc::protocol) << "a line without an end";
    EXPECT_EQ(code_for({}), Errc::closed);
}

TEST_F(RedisCheck, RepeatsNothingOfWhatAPeerSays) {
    const auto who = "ann:" + std::string(secret) + "@";
    const auto echo =
        "-ERR unknown command 'AUTH', with args beginning with: 'ann' '" + std::string(secret) + "'\r\n";
    EXPECT_EQ(code_for({echo}, who), Errc::protocol);
    EXPECT_TRUE(says("AUTH")) << sentence_;
    EXPECT_EQ(code_for({"-" + std::string(secret) + " ERR\r\n"}, who), Errc::protocol);
}

TEST_F(RedisCheck, TellsItsRefusalsApart) {
    const std::pair<std::string, Errc> table[] = {
        {"-NOAUTH Authentication required.", Errc::unauthorized},
        {"-DENIED Redis is running in protected mode because", Errc::forbidden},
        {"-LOADING Redis is loading the dataset in memory", Errc::overloaded},
        {"-MASTERDOWN Link with MASTER is down", Errc::overloaded},
        {"-ERR something new", Errc::protocol}};
    for (const auto& [answer, code] : table)
        EXPECT_EQ(code_for({answer + "\r\n"}), code) << answer;
}

}  // namespace
}  // namespace voicectl::storage
