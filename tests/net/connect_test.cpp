// SPDX-License-Identifier: Apache-2.0
#include "net/connect.hpp"

#include "base/time.hpp"
#include "support/coroutine_test.hpp"
#include "support/loopback.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <dlfcn.h>
#include <future>
#include <netdb.h>
#include <string>
#include <string_view>

namespace voicectl::net {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using tests::must;
using UnixSocket = asio::local::stream_protocol;

constexpr auto slow_host = "slow.invalid";
std::promise<void> slow_lookup;

class Connect : public tests::CoroutineTest {
 protected:
    Errc connect_to(const Endpoint& to, std::chrono::milliseconds timeout, void (*afterwards)() = nullptr) {
        auto code = Errc::internal;
        run([&]() -> Task<void> {
            auto opened = co_await connect(to, timeout);
            if (afterwards != nullptr) afterwards();
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

TEST_F(Connect, GivesUpWhileTheSystemStillLooksANameUp) {
    slow_lookup = std::promise<void>();
    const auto start = base::now();
    const auto release = [] { slow_lookup.set_value(); };
    EXPECT_EQ(connect_to(Endpoint(slow_host, listener_.port()), 100ms, release), Errc::timed_out)
        << sentence_;
    EXPECT_LT(base::now() - start, 15s) << "it waited for the resolver";
}

TEST_F(Connect, DoesNotLookAnAddressUp) {
    slow_lookup = std::promise<void>();
    run([&]() -> Task<void> {
        const Endpoint slow(slow_host, listener_.port());
        const Endpoint numeric("127.0.0.1", listener_.port());
        const auto missed = co_await connect(slow, 50ms);
        EXPECT_FALSE(missed);
        // The resolver is busy with the name now.
        const auto opened = co_await connect(numeric, 10s);
        EXPECT_TRUE(opened);
        slow_lookup.set_value();
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

/// The system's resolver, but for one name that it looks up until it is told to end, or much too long.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** result) {
    using namespace voicectl::net;
    using namespace std::chrono_literals;
    if (host != nullptr && host == std::string_view(slow_host)) {
        slow_lookup.get_future().wait_for(20s);
        return EAI_NONAME;
    }
    static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(host, service, hints, result);
}
