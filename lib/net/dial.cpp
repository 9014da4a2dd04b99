// SPDX-License-Identifier: Apache-2.0
#include "net/dial.hpp"

#include "net/deadline.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>

namespace voicectl::net {
namespace {

using base::Errc;
using base::fail;

/// What the deadline closes, whichever step is under way.
struct Attempt {
    explicit Attempt(const asio::any_io_executor& executor) : resolver(executor), socket(executor) {}
    void give_up() {
        resolver.cancel();
        ErrorCode ignored;
        socket.close(ignored);
        if (stream != nullptr) stream->close();
    }
    tcp::resolver resolver;
    tcp::socket socket;
    ByteStream* stream = nullptr;
};

Task<base::Result<void>> connect_tcp(Attempt& attempt, const Url& url) {
    const auto port = std::to_string(url.port);
    auto [resolve_ec, endpoints] = co_await attempt.resolver.async_resolve(url.host, port, nothrow);
    if (resolve_ec)
        co_return fail(Errc::unavailable, "cannot find host {}: {}", url.host, resolve_ec.message());
    auto [ec, endpoint] = co_await asio::async_connect(attempt.socket, endpoints, nothrow);
    if (ec)
        co_return fail(Errc::unavailable, "cannot connect to {}:{}: {}", url.host, url.port, ec.message());
    co_return base::Result<void>();
}

Task<base::Result<std::unique_ptr<WebSocket>>> run(Attempt& attempt, const DialOptions& options) {
    auto connected = co_await connect_tcp(attempt, options.url);
    if (!connected) co_return connected.error();
    VOICECTL_CHECK(!options.url.tls || options.tls != nullptr);
    auto stream = options.url.tls
                      ? make_tls_client_stream(std::move(attempt.socket), *options.tls, options.url.host)
                      : make_tcp_stream(std::move(attempt.socket));
    attempt.stream = stream.get();
    auto secured = co_await stream->secure();
    if (!secured) co_return secured.error();
    const Url url = options.url;
    const Headers headers = options.headers;
    const WebSocketLimits limits = options.limits;
    co_return co_await WebSocket::connect(std::move(stream), url, headers, limits);
}

}  // namespace

Task<base::Result<std::unique_ptr<WebSocket>>> dial(DialOptions options) {
    const auto executor = co_await asio::this_coro::executor;
    Attempt attempt(executor);
    Deadline deadline(executor, options.timeout, [&attempt] { attempt.give_up(); });
    options.limits.handshake_timeout = std::min(options.limits.handshake_timeout, options.timeout);
    bool cancelled = false;
    if (options.cancel)
        options.cancel->set([&] {
            cancelled = true;
            attempt.give_up();
        });
    auto opened = co_await run(attempt, options);
    if (options.cancel) options.cancel->set(nullptr);
    if (cancelled) co_return base::Error(Errc::closed, "the dial was given up");
    if (!opened && deadline.expired())
        co_return fail(Errc::timed_out, "{}:{} did not answer within {} ms", options.url.host,
                       options.url.port, options.timeout.count());
    co_return opened;
}

}  // namespace voicectl::net
