// SPDX-License-Identifier: Apache-2.0
// Both ends of a websocket on one thread, over TCP or TLS.
#pragma once

#include "net/deadline.hpp"
#include "net/websocket.hpp"
#include "support/coroutine_test.hpp"
#include "support/loopback.hpp"

#include <boost/asio/write.hpp>

#include <array>
#include <string>
#include <utility>

namespace voicectl::net {
using tests::must;
using Socket = std::unique_ptr<WebSocket>;

/// Both ends of one connection, on the same thread.
struct Ends {
    Socket client;
    Socket server;
};

class WebSocketTest : public tests::CoroutineTest {
 protected:
    struct Accepted {
        explicit Accepted(Executor executor) : done(executor) {}
        Socket socket;
        Notifier done;
    };

    static Task<void> accept(std::unique_ptr<ByteStream> stream, WebSocketLimits limits, Accepted& accepted) {
        const auto secured = co_await stream->secure();
        if (secured) {
            HttpConnection http(std::move(stream), HttpLimits());
            auto request = must(co_await http.read());
            auto bytes = must(http.release());
            auto opened =
                co_await WebSocket::accept(std::move(bytes), std::move(request), "voice.v1", limits);
            accepted.socket = must(std::move(opened));
        }
        accepted.done.notify();
    }

    Task<Ends> connect() {
        auto [client, server] = listener_.pair();
        auto client_stream = tls_ ? make_tls_client_stream(std::move(client), *client_tls_, "localhost")
                                  : make_tcp_stream(std::move(client));
        auto server_stream = tls_ ? make_tls_server_stream(std::move(server), tls_->server())
                                  : make_tcp_stream(std::move(server));
        Accepted accepted(io_.get_executor());
        asio::co_spawn(io_, accept(std::move(server_stream), server_limits_, accepted), asio::detached);
        must(co_await client_stream->secure());
        const auto url = parse_url("ws://localhost:80/echo").value();
        const Headers headers = {{"Sec-WebSocket-Protocol", "voice.v1"}};
        auto opened = co_await WebSocket::connect(std::move(client_stream), url, headers, client_limits_);
        Ends ends;
        ends.client = must(std::move(opened));
        co_await accepted.done.wait();
        ends.server = std::move(accepted.socket);
        if (!ends.server) throw std::runtime_error("the server's side did not open");
        co_return ends;
    }

    /// Reads until the connection has ended; says why it did.
    static Task<CloseReason> end_of(WebSocket& socket) {
        while (true) {
            const auto read = co_await socket.read();
            if (read) continue;
            EXPECT_EQ(read.error().code, base::Errc::closed);
            co_return socket.close_reason();
        }
    }
    static Task<void> echo(WebSocket& socket) {
        while (true) {
            const auto message = co_await socket.read();
            if (!message) co_return;
            if (message.value().binary)
                socket.send_binary(message.value().bytes, Delivery::must_arrive);
            else
                socket.send_text(message.value().text());
        }
    }
    /// Until the peer has closed too. Both ends of a test are read, as both ends of a connection are in life.
    static Task<void> finish(Ends& ends) {
        ends.client->close({});
        co_await end_of(*ends.client);
    }

    void use_tls() {
        tls_.emplace();
        client_tls_.emplace(TlsContext::client().value());
    }

    tests::LoopbackListener listener_{io_};
    WebSocketLimits client_limits_;
    WebSocketLimits server_limits_;
    std::optional<tests::PrivateAuthority> tls_;
    std::optional<TlsContext> client_tls_;
};

inline std::string pattern(std::size_t size, int seed) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>('a' + (i * 7 + static_cast<std::size_t>(seed)) % 26);
    return text;
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

}  // namespace voicectl::net
