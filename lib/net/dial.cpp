// SPDX-License-Identifier: Apache-2.0
#include "net/dial.hpp"

#include "net/connect.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace voicectl::net {
namespace {

using base::Errc;
using base::fail;

Task<base::Result<std::unique_ptr<WebSocket>>> run(Connector& connector, const DialOptions& options) {
    const Url url = options.url;
    VOICECTL_CHECK(!url.tls || options.tls != nullptr);
    Endpoint to(url.host, url.port, url.tls ? options.tls : nullptr);
    auto stream = co_await connector.connect(std::move(to));
    if (!stream) co_return stream.error();
    const Headers headers = options.headers;
    const WebSocketLimits limits = options.limits;
    co_return co_await WebSocket::connect(std::move(*stream), url, headers, limits);
}

}  // namespace

Task<base::Result<std::unique_ptr<WebSocket>>> dial(DialOptions options) {
    const auto executor = co_await asio::this_coro::executor;
    Connector connector(executor);
    Deadline deadline(executor, options.timeout, [&connector] { connector.give_up(); });
    options.limits.handshake_timeout = std::min(options.limits.handshake_timeout, options.timeout);
    bool cancelled = false;
    if (options.cancel)
        options.cancel->set([&] {
            cancelled = true;
            connector.give_up();
        });
    auto opened = co_await run(connector, options);
    if (options.cancel) options.cancel->set(nullptr);
    if (cancelled) co_return base::Error(Errc::closed, "the dial was given up");
    if (!opened && deadline.expired())
        co_return fail(Errc::timed_out, "{}:{} did not answer within {} ms", options.url.host,
                       options.url.port, options.timeout.count());
    co_return opened;
}

}  // namespace voicectl::net
