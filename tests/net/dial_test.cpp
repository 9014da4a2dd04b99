// SPDX-License-Identifier: Apache-2.0
#include "net/dial.hpp"

#include "support/coroutine_test.hpp"
#include "support/loopback.hpp"

#include <string>

namespace voicectl::net {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using tests::must;
using Opened = base::Result<std::unique_ptr<WebSocket>>;

class Dial : public tests::CoroutineTest {
 protected:
    /// Accepts one connection and answers its request: status 101 with a websocket that closes again.
    static Task<void> serve_one(tcp::acceptor& acceptor, std::optional<TlsContext> tls, HttpResponse answer,
                                HttpRequest& seen) {
        auto [ec, socket] = co_await acceptor.async_accept(nothrow);
        if (ec) co_return;
        auto stream =
            tls ? make_tls_server_stream(std::move(socket), *tls) : make_tcp_stream(std::move(socket));
        const auto secured = co_await stream->secure();
        if (!secured) co_return;
        HttpConnection http(std::move(stream), HttpLimits());
        auto read = co_await http.read();
        if (!read) co_return;
        seen = read.value();
        if (answer.status != 101) {
            must(co_await http.write(answer, false));
            co_return;
        }
        auto bytes = must(http.release());
        auto opened =
            co_await WebSocket::accept(std::move(bytes), std::move(read).value(), "", WebSocketLimits());
        const auto websocket = must(std::move(opened));
        websocket->send_text("welcome");
        while (co_await websocket->read()) {
        }
    }

    /// Dials `url` with what is in `options_`; reads the welcome where the dial succeeds.
    Errc dial_to(const std::string& url) {
        auto code = Errc::internal;
        run([&]() -> Task<void> {
            options_.url = must(parse_url(url));
            auto opened = co_await dial(options_);
            acceptor().close();
            if (!opened) {
                code = opened.error().code;
                sentence_ = opened.error().detail;
                co_return;
            }
            code = Errc::closed;
            const auto websocket = must(std::move(opened));
            const auto message = must(co_await websocket->read());
            EXPECT_EQ(message.text(), "welcome");
            websocket->close({});
            while (co_await websocket->read()) {
            }
        });
        return code;
    }
    void serve(unsigned status, std::optional<TlsContext> tls = {}, std::string body = "") {
        HttpResponse answer;
        answer.status = status;
        answer.body = std::move(body);
        asio::co_spawn(io_, serve_one(acceptor(), std::move(tls), answer, seen_), asio::detached);
    }
    std::string url(const std::string& scheme_and_host, const std::string& path = "/") {
        return scheme_and_host + ":" + std::to_string(port_) + path;
    }
    tcp::acceptor& acceptor() { return listener_.acceptor(); }

    static constexpr auto succeeded = Errc::closed;
    tests::LoopbackListener listener_{io_};
    const std::uint16_t port_ = listener_.port();
    DialOptions options_;
    HttpRequest seen_;
    std::string sentence_;
};

TEST_F(Dial, OpensAWebsocketWithItsHeadersAndTarget) {
    serve(101);
    options_.headers = {{"Authorization", "Bearer key"}, {"OpenAI-Organization", "org"}};
    EXPECT_EQ(dial_to(url("ws://127.0.0.1", "/v1/realtime?model=m")), succeeded) << sentence_;
    EXPECT_EQ(seen_.target, "/v1/realtime?model=m");
    EXPECT_EQ(find_header(seen_.headers, "Host"), "127.0.0.1:" + std::to_string(port_));
    EXPECT_EQ(find_header(seen_.headers, "Authorization"), "Bearer key");
    EXPECT_EQ(find_header(seen_.headers, "OpenAI-Organization"), "org");
    EXPECT_TRUE(seen_.wants_websocket);
}

TEST_F(Dial, GivesUpOnAServerThatSaysNothing) {
    options_.timeout = 150ms;
    EXPECT_EQ(dial_to(url("ws://127.0.0.1")), Errc::timed_out);
    EXPECT_NE(sentence_.find("150 ms"), std::string::npos) << sentence_;
}

TEST_F(Dial, GivesUpOnATlsServerThatSaysNothing) {
    const tests::PrivateAuthority authority;
    options_.timeout = 150ms;
    options_.tls = std::make_shared<TlsContext>(must(TlsContext::client()));
    EXPECT_EQ(dial_to(url("wss://localhost")), Errc::timed_out) << sentence_;
}

TEST_F(Dial, SaysThatNobodyListens) {
    acceptor().close();
    EXPECT_EQ(dial_to(url("ws://127.0.0.1")), Errc::unavailable);
    EXPECT_NE(sentence_.find("127.0.0.1:" + std::to_string(port_)), std::string::npos) << sentence_;
    EXPECT_NE(sentence_.find("refused"), std::string::npos) << sentence_;
}

TEST_F(Dial, SaysThatAHostDoesNotExist) {
    EXPECT_EQ(dial_to("ws://no-such-host.invalid:1/"), Errc::unavailable);
    EXPECT_NE(sentence_.find("no-such-host.invalid"), std::string::npos) << sentence_;
}

TEST_F(Dial, TellsRefusalsApart) {
    const std::pair<unsigned, Errc> table[] = {{401, Errc::unauthorized}, {403, Errc::unauthorized},
                                               {429, Errc::overloaded},   {503, Errc::overloaded},
                                               {404, Errc::protocol},     {200, Errc::protocol}};
    for (const auto& [status, code] : table) {
        tests::LoopbackListener listener(io_);
        const auto port = std::to_string(listener.port());
        HttpResponse answer;
        answer.status = status;
        answer.body = "{\"error\":{\"code\":\"because\"}}";
        asio::co_spawn(io_, serve_one(listener.acceptor(), {}, answer, seen_), asio::detached);
        EXPECT_EQ(dial_to("ws://127.0.0.1:" + port), code) << status;
        EXPECT_NE(sentence_.find("HTTP " + std::to_string(status)), std::string::npos) << sentence_;
        EXPECT_NE(sentence_.find("because"), std::string::npos) << sentence_;
    }
}

TEST_F(Dial, AcceptsACertificateOfATrustedAuthorityForTheHost) {
    const tests::PrivateAuthority authority;
    options_.tls = std::make_shared<TlsContext>(must(TlsContext::client()));
    serve(101, authority.server());
    EXPECT_EQ(dial_to(url("wss://localhost")), succeeded) << sentence_;
}

TEST_F(Dial, RefusesACertificateOfAnUnknownAuthority) {
    tests::PrivateAuthority authority;
    authority.forget();
    options_.tls = std::make_shared<TlsContext>(must(TlsContext::client()));
    serve(101, authority.server());
    EXPECT_EQ(dial_to(url("wss://localhost")), Errc::untrusted);
    EXPECT_NE(sentence_.find("certificate is not accepted"), std::string::npos) << sentence_;
    EXPECT_TRUE(seen_.target.empty()) << "a request was sent to a server that was not verified";
}

TEST_F(Dial, RefusesACertificateForAnotherHost) {
    const tests::PrivateAuthority authority;
    options_.tls = std::make_shared<TlsContext>(must(TlsContext::client()));
    serve(101, authority.server());
    EXPECT_EQ(dial_to(url("wss://127.0.0.1")), Errc::untrusted);
    EXPECT_NE(sentence_.find("certificate is not accepted"), std::string::npos) << sentence_;
    EXPECT_TRUE(seen_.target.empty()) << "a request was sent to a server that was not verified";
}

TEST_F(Dial, RefusesToSpeakTlsWithAServerThatDoesNot) {
    const tests::PrivateAuthority authority;
    options_.tls = std::make_shared<TlsContext>(must(TlsContext::client()));
    serve(101);
    EXPECT_EQ(dial_to(url("wss://localhost")), Errc::unavailable) << sentence_;
}

TEST(Tls, NamesTheFileThatItCannotUse) {
    const tests::PrivateAuthority authority;
    const auto missing = TlsContext::server(authority.file("missing.pem"), authority.file("localhost.key"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::bad_configuration);
    EXPECT_NE(missing.error().detail.find("missing.pem"), std::string::npos);
    const auto mismatched = TlsContext::server(authority.file("localhost.pem"), authority.file("ca.key"));
    ASSERT_FALSE(mismatched);
    EXPECT_NE(mismatched.error().detail.find("ca.key"), std::string::npos);
}

}  // namespace
}  // namespace voicectl::net
