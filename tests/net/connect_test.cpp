// SPDX-License-Identifier: Apache-2.0
#include "net/connect.hpp"

#include "support/coroutine_test.hpp"
#include "support/loopback.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include <string>

namespace voicectl::net {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using tests::must;
using UnixSocket = asio::local::stream_protocol;

class Connect : public tests::CoroutineTest {
 protected:
    Errc connect_to(const Endpoint& to, std::chrono::milliseconds timeout) {
        auto code = Errc::internal;
        run([&]() -> Task<void> {
            auto opened = co_await connect(to, timeout);
            if (opened) co_return;
            code = opened.error().code;
            sentence_ = opened.error().detail;
        });
        return code;
    }

    tests::LoopbackListener listener_{io_};
    std::string sentence_;
};

TEST_F(Connect, CarriesBytesBothWaysOverASocketOfThisMachine) {
    const tests::TemporaryFolder folder;
    Endpoint to;
    to.unix_path = folder.file("a.sock");
    UnixSocket::acceptor acceptor(io_, UnixSocket::endpoint(to.unix_path));
    std::string heard(4, ' ');
    run([&]() -> Task<void> {
        auto opened = co_await connect(to, 5s);
        AnyStream stream(must(std::move(opened)));
        EXPECT_FALSE(stream.bytes().encrypted());
        EXPECT_EQ(stream.bytes().peer_name(), to.unix_path);
        auto peer = acceptor.accept();
        asio::write(peer, asio::buffer("ping", 4));
        co_await asio::async_read(stream, asio::buffer(heard), nothrow);
        co_await asio::async_write(stream, asio::buffer(heard), nothrow);
        asio::read(peer, asio::buffer(heard));
    });
    EXPECT_EQ(heard, "ping");
}

TEST_F(Connect, SaysWhichSocketOfThisMachineIsNotThere) {
    Endpoint to;
    to.unix_path = "/nonexistent/voicectl.sock";
    EXPECT_EQ(connect_to(to, 5s), Errc::unavailable);
    EXPECT_NE(sentence_.find(to.unix_path), std::string::npos) << sentence_;
    to.unix_path = "/" + std::string(200, 'a');
    EXPECT_EQ(connect_to(to, 5s), Errc::malformed);
}

TEST_F(Connect, GivesUpOnATlsServerThatSaysNothing) {
    auto tls = std::make_shared<const TlsContext>(must(TlsContext::client()));
    const Endpoint to("127.0.0.1", listener_.port(), std::move(tls));
    EXPECT_EQ(connect_to(to, 100ms), Errc::timed_out);
    EXPECT_NE(sentence_.find("127.0.0.1:" + std::to_string(listener_.port())), std::string::npos)
        << sentence_;
    EXPECT_NE(sentence_.find("100 ms"), std::string::npos) << sentence_;
}

TEST_F(Connect, EndsAtOnceWhenItIsGivenUp) {
    run([&]() -> Task<void> {
        const auto executor = co_await asio::this_coro::executor;
        Connector connector(executor);
        // Before the name is known: the resolver works in a thread of its own.
        asio::post(io_, [&connector] { connector.give_up(); });
        const Endpoint to("localhost", listener_.port());
        const auto opened = co_await connector.connect(to);
        EXPECT_FALSE(opened);
    });
}

TEST(Endpoint, HasANameForSentences) {
    EXPECT_EQ(Endpoint("localhost", 6379).name(), "localhost:6379");
    EXPECT_EQ(Endpoint("::1", 80).name(), "[::1]:80");
    Endpoint local;
    local.unix_path = "/run/redis.sock";
    EXPECT_EQ(local.name(), "/run/redis.sock");
}

}  // namespace
}  // namespace voicectl::net
