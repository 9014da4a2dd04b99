// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include "base/time.hpp"
#include "support/coroutine_test.hpp"
#include "support/loopback.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <string>

namespace voicectl::net {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using tests::must;

constexpr auto secret = "sk-nobody-may-read-this";

class HttpClient : public tests::CoroutineTest {
 protected:
    /// Takes one connection, reads the head of its request and says `answer`; then `and_again` for ever.
    static Task<void> serve_one(tcp::acceptor& acceptor, std::optional<TlsContext> tls, std::string answer,
                                std::string and_again, std::string& seen) {
        auto [ec, socket] = co_await acceptor.async_accept(nothrow);
        if (ec) co_return;
        AnyStream stream(tls ? make_tls_server_stream(std::move(socket), *tls)
                             : make_tcp_stream(std::move(socket)));
        const auto secured = co_await stream.bytes().secure();
        if (!secured) co_return;
        co_await asio::async_read_until(stream, asio::dynamic_buffer(seen), "\r\n\r\n", nothrow);
        auto [write_ec, sent] = co_await asio::async_write(stream, asio::buffer(answer), nothrow);
        while (!write_ec && !and_again.empty()) {
            auto [more_ec, more] = co_await asio::async_write(stream, asio::buffer(and_again), nothrow);
            write_ec = more_ec;
        }
        stream.bytes().shutdown_send();
    }
    void serve(std::string answer, std::string and_again = "", std::optional<TlsContext> tls = {}) {
        asio::co_spawn(
            io_,
            serve_one(listener_.acceptor(), std::move(tls), std::move(answer), std::move(and_again), seen_),
            asio::detached);
    }

    /// Asks with what is in `request_`; the error's code, or ::internal where there is an answer.
    Errc get(const std::string& url) {
        auto code = Errc::internal;
        run([&]() -> Task<void> {
            request_.url = must(parse_url(url));
            auto answer = co_await http_get(request_);
            listener_.acceptor().close();
            if (answer) {
                answer_ = std::move(*answer);
                co_return;
            }
            code = answer.error().code;
            sentence_ = answer.error().detail;
        });
        EXPECT_EQ(sentence_.find(secret), std::string::npos) << sentence_;
        return code;
    }
    std::string here(const std::string& path = "/v1/models") {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    void use_tls() { request_.tls = std::make_shared<const TlsContext>(must(TlsContext::client())); }
    bool says(const std::string& text) const { return sentence_.find(text) != std::string::npos; }

    static constexpr auto answered = Errc::internal;
    tests::LoopbackListener listener_{io_};
    const std::uint16_t port_ = listener_.port();
    HttpGet request_;
    HttpAnswer answer_;
    std::string seen_;
    std::string sentence_;
};

TEST_F(HttpClient, SendsWhatIsAskedAndGivesWhatIsAnswered) {
    request_.headers = {{"Authorization", std::string("Bearer ") + secret}, {"OpenAI-Project", "p"}};
    serve("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    ASSERT_EQ(get(here("/v1/models?a=b")), answered) << sentence_;
    EXPECT_EQ(answer_.status, 200U);
    EXPECT_EQ(answer_.body, "{}");
    EXPECT_EQ(find_header(answer_.headers, "content-type"), "application/json");
    EXPECT_TRUE(seen_.starts_with("GET /v1/models?a=b HTTP/1.1\r\n")) << seen_;
    for (const auto& line :
         {"Host: 127.0.0.1:" + std::to_string(port_), std::string("Connection: close"),
          std::string("Authorization: Bearer ") + secret, std::string("OpenAI-Project: p")})
        EXPECT_NE(seen_.find(line + "\r\n"), std::string::npos) << line << " is not in\n" << seen_;
}

TEST_F(HttpClient, GivesAnyStatusAndFollowsNoRedirect) {
    serve("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    ASSERT_EQ(get(here()), answered) << sentence_;
    EXPECT_EQ(answer_.status, 302U);
    EXPECT_EQ(find_header(answer_.headers, "Location"), "http://127.0.0.1:1/");
}

TEST_F(HttpClient, AsksForAnUpgradeAndStopsThere) {
    request_.headers = {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}};
    serve("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    ASSERT_EQ(get(here()), answered) << sentence_;
    EXPECT_EQ(answer_.status, 101U);
    EXPECT_NE(seen_.find("Connection: Upgrade\r\n"), std::string::npos) << seen_;
}

TEST_F(HttpClient, ReadsABodyThatEndsWithItsConnection) {
    serve("HTTP/1.1 200 OK\r\n\r\nall of it");
    ASSERT_EQ(get(here()), answered) << sentence_;
    EXPECT_EQ(answer_.body, "all of it");
}

TEST_F(HttpClient, GivesUpOnAPeerThatSaysNothing) {
    request_.headers = {{"Authorization", secret}};
    request_.total_timeout = 100ms;
    const auto start = base::now();
    EXPECT_EQ(get(here("/v1/models?key=" + std::string(secret))), Errc::timed_out);
    EXPECT_TRUE(says(here())) << sentence_;
    EXPECT_TRUE(says("100 ms")) << sentence_;
    EXPECT_GE(base::now() - start, 100ms);
}

TEST_F(HttpClient, GivesUpInTheMiddleOfAnAnswer) {
    request_.total_timeout = 100ms;
    request_.body_bytes_max = std::uint64_t{1} << 40;
    serve("HTTP/1.1 200 OK\r\n\r\n", "and so on ");
    EXPECT_EQ(get(here()), Errc::timed_out) << sentence_;
}

TEST_F(HttpClient, HasALimitOfTimeForTheConnectionAlone) {
    use_tls();
    request_.connect_timeout = 100ms;
    request_.total_timeout = 60s;
    EXPECT_EQ(get("https://127.0.0.1:" + std::to_string(port_)), Errc::timed_out);
    EXPECT_TRUE(says("100 ms")) << sentence_;
}

TEST_F(HttpClient, ReadsNoMoreThanItsLimitOfAnEndlessBody) {
    request_.body_bytes_max = 100'000;
    serve("HTTP/1.1 200 OK\r\n\r\n", std::string(1000, 'x'));
    EXPECT_EQ(get(here()), Errc::too_large);
    EXPECT_TRUE(says("100000 bytes")) << sentence_;
}

TEST_F(HttpClient, ReadsNoMoreThanItsLimitOfEndlessChunks) {
    request_.body_bytes_max = 10'000;
    serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "4\r\nmore\r\n");
    EXPECT_EQ(get(here()), Errc::too_large) << sentence_;
}

TEST_F(HttpClient, ReadsNoMoreThanItsLimitOfAnEndlessChunkHead) {
    serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;", std::string(1000, 'x'));
    EXPECT_EQ(get(here()), Errc::too_large) << sentence_;
}

TEST_F(HttpClient, ReadsNoMoreThanItsLimitOfAnEndlessHead) {
    serve("HTTP/1.1 200 OK\r\n", "X-More: " + std::string(100, 'x') + "\r\n");
    EXPECT_EQ(get(here()), Errc::too_large);
    EXPECT_TRUE(says("16384 bytes")) << sentence_;
}

TEST_F(HttpClient, TellsWhatIsNoAnswerApart) {
    const std::pair<std::string, Errc> table[] = {
        {"", Errc::closed},
        {"SSH-2.0-OpenSSH_9.2\r\n", Errc::protocol},
        {std::string("\x15\x03\x01\x00\x02\x02\x50", 7), Errc::protocol},
        {"HTTP/1.1 two hundred\r\n\r\n", Errc::protocol},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Errc::protocol},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Errc::too_large}};
    for (const auto& [answer, code] : table) {
        tests::LoopbackListener listener(io_);
        std::string seen;
        asio::co_spawn(io_, serve_one(listener.acceptor(), {}, answer, "", seen), asio::detached);
        EXPECT_EQ(get("http://127.0.0.1:" + std::to_string(listener.port())), code) << answer << sentence_;
    }
}

TEST_F(HttpClient, SaysThatNobodyListens) {
    listener_.acceptor().close();
    EXPECT_EQ(get(here()), Errc::unavailable);
    EXPECT_TRUE(says("127.0.0.1:" + std::to_string(port_))) << sentence_;
}

TEST_F(HttpClient, SendsNoHeaderThatWouldMakeAnother) {
    request_.headers = {{"Authorization", std::string(secret) + "\r\nX-Other: 1"}};
    EXPECT_EQ(get(here()), Errc::malformed) << sentence_;
    EXPECT_TRUE(seen_.empty());
}

TEST_F(HttpClient, AsksOverTlsWhereTheCertificateIsTrusted) {
    const tests::PrivateAuthority authority;
    use_tls();
    serve("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsafe", "", authority.server());
    ASSERT_EQ(get("https://localhost:" + std::to_string(port_) + "/"), answered) << sentence_;
    EXPECT_EQ(answer_.body, "safe");
}

TEST_F(HttpClient, SendsNothingToAPeerWhoseCertificateIsNotTrusted) {
    tests::PrivateAuthority authority;
    authority.forget();
    use_tls();
    serve("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", authority.server());
    EXPECT_EQ(get("https://localhost:" + std::to_string(port_) + "/"), Errc::untrusted) << sentence_;
    EXPECT_TRUE(seen_.empty()) << seen_;
}

TEST_F(HttpClient, AcceptsAnyCertificateWhereNoneIsVerified) {
    tests::PrivateAuthority authority;
    authority.forget();
    request_.tls = std::make_shared<const TlsContext>(must(TlsContext::client_without_verification()));
    serve("HTTP/1.1 204 No Content\r\n\r\n", "", authority.server());
    ASSERT_EQ(get("https://127.0.0.1:" + std::to_string(port_) + "/"), answered) << sentence_;
    EXPECT_EQ(answer_.status, 204U);
}

}  // namespace
}  // namespace voicectl::net
