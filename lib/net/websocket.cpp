// SPDX-License-Identifier: Apache-2.0
// The only file that includes Beast's websocket: one instantiation serves both roles, over TCP and TLS.
#include "net/websocket.hpp"

#include "net/deadline.hpp"
#include "net/send_queue.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

namespace voicectl::net {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
namespace http = boost::beast::http;
using base::Errc;
using base::fail;

// What Beast calls when a websocket over an AnyStream has ended or ran into its time limit.
template <class TeardownHandler>
void async_teardown(beast::role_type, AnyStream& stream, TeardownHandler&& handler) {
    stream.bytes().shutdown_send();
    asio::post(stream.get_executor(),
               beast::bind_front_handler(std::forward<TeardownHandler>(handler), ErrorCode()));
}

void teardown(beast::role_type, AnyStream& stream, ErrorCode& ec) {
    stream.bytes().shutdown_send();
    ec = {};
}

void beast_close_socket(AnyStream& stream) {
    stream.bytes().close();
}

struct WebSocket::Impl {
    Impl(std::unique_ptr<ByteStream> bytes, WebSocketLimits bounds, beast::role_type role)
        : stream(std::move(bytes)), limits(bounds), wake(stream.get_executor()), end{1006, "no close frame"} {
        websocket::stream_base::timeout timeouts{};
        timeouts.handshake_timeout = limits.handshake_timeout;
        timeouts.idle_timeout = limits.idle_timeout;
        timeouts.keep_alive_pings = true;
        stream.set_option(timeouts);
        websocket::permessage_deflate no_compression;
        no_compression.server_enable = false;
        no_compression.client_enable = false;
        stream.set_option(no_compression);
        stream.read_message_max(limits.message_bytes_max);
        stream.auto_fragment(false);
        // A client masks into this buffer: a message that fits leaves in one write.
        stream.write_buffer_bytes(role == beast::role_type::client ? 16 * 1024 : 4096);
    }

    websocket::stream<AnyStream, false> stream;
    WebSocketLimits limits;
    beast::flat_buffer incoming;
    SendQueue queue;
    Notifier wake;
    CloseReason end;
    std::uint64_t dropped = 0;
    bool closing = false;  // close() was called, or sending failed: nothing more is queued
    CloseReason farewell;

    void enqueue(std::string_view bytes, bool binary, Delivery delivery);
    static Task<void> write_loop(std::shared_ptr<Impl> impl);
};

namespace {

http::request<http::empty_body> to_beast(const HttpRequest& request) {
    http::request<http::empty_body> message;
    message.method_string(request.method);
    message.target(request.target);
    message.version(request.version);
    for (const auto& [name, value] : request.headers)
        message.insert(name, value);
    return message;
}

/// What a peer says of its refusal, unless it repeats a credential that it was sent.
std::string quoted(const std::string& body, const Headers& sent) {
    for (const auto& [name, value] : sent) {
        const auto secret = std::string_view(value).substr(value.starts_with("Bearer ") ? 7 : 0);
        if (secret.size() >= 8 && body.find(secret) != std::string::npos) return {};
    }
    constexpr std::size_t shown = 200;
    return body.empty() ? std::string() : ": " + body.substr(0, shown);
}

base::Error refused(const Url& url, const Headers& sent, const http::response<http::string_body>& response,
                    const ErrorCode& ec) {
    if (ec != websocket::error::upgrade_declined) {
        const bool late = ec == asio::error::operation_aborted || ec == beast::error::timeout;
        return fail(late ? Errc::timed_out : Errc::unavailable, "{}: the websocket handshake failed: {}",
                    url.authority(), ec.message());
    }
    const auto status = response.result_int();
    const auto code = status == 401 || status == 403   ? Errc::unauthorized
                      : status == 429 || status == 503 ? Errc::overloaded
                                                       : Errc::protocol;
    return fail(code, "{} answered the upgrade with HTTP {}{}", url.authority(), status,
                quoted(response.body(), sent));
}

}  // namespace

void WebSocket::Impl::enqueue(std::string_view bytes, bool binary, Delivery delivery) {
    if (closing) return;
    while (queue.bytes() + bytes.size() > limits.queue_bytes_max) {
        if (queue.drop_one()) {
            ++dropped;
            continue;
        }
        if (delivery == Delivery::may_drop) {
            ++dropped;
            return;
        }
        // What must arrive does not fit: the peer has stopped reading. A close frame would wait behind it
        // all.
        end = CloseReason{1008, "the peer reads too slowly"};
        closing = true;
        stream.next_layer().bytes().close();
        return;
    }
    queue.push(bytes, binary, delivery);
    wake.notify();
}

// Drains the queue; the only coroutine that writes and closes.
Task<void> WebSocket::Impl::write_loop(std::shared_ptr<Impl> impl) {
    while (true) {
        while (!impl->queue.empty()) {
            auto entry = impl->queue.pop();
            impl->stream.binary(entry.binary);
            const auto buffer = asio::buffer(entry.bytes);
            auto [ec, bytes] = co_await impl->stream.async_write(buffer, nothrow);
            if (ec) {
                impl->closing = true;
                impl->stream.next_layer().bytes().close();
                co_return;
            }
            impl->queue.recycle(std::move(entry));
        }
        if (impl->closing) break;
        co_await impl->wake.wait();
    }
    if (impl->stream.is_open()) {
        websocket::close_reason reason;
        reason.code = impl->farewell.code;
        reason.reason.assign(impl->farewell.reason.substr(0, 123));
        co_await impl->stream.async_close(reason, nothrow);
    }
    impl->stream.next_layer().bytes().close();
}

WebSocket::WebSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {
    asio::co_spawn(impl_->stream.get_executor(), Impl::write_loop(impl_), asio::detached);
}

WebSocket::~WebSocket() {
    abort();
}

Task<base::Result<std::unique_ptr<WebSocket>>> WebSocket::accept(std::unique_ptr<ByteStream> stream,
                                                                 HttpRequest request, std::string subprotocol,
                                                                 WebSocketLimits limits) {
    auto impl = std::make_shared<Impl>(std::move(stream), limits, beast::role_type::server);
    const auto decorate = [subprotocol](websocket::response_type& response) {
        response.set(http::field::server, "voicectl");
        if (!subprotocol.empty()) response.set(http::field::sec_websocket_protocol, subprotocol);
    };
    impl->stream.set_option(websocket::stream_base::decorator(decorate));
    const auto message = to_beast(request);
    auto [ec] = co_await impl->stream.async_accept(message, nothrow);
    if (ec) co_return fail(Errc::protocol, "the websocket handshake failed: {}", ec.message());
    co_return std::unique_ptr<WebSocket>(new WebSocket(std::move(impl)));
}

Task<base::Result<std::unique_ptr<WebSocket>>> WebSocket::connect(std::unique_ptr<ByteStream> stream, Url url,
                                                                  Headers headers, WebSocketLimits limits) {
    auto impl = std::make_shared<Impl>(std::move(stream), limits, beast::role_type::client);
    const auto decorate = [headers](websocket::request_type& request) {
        for (const auto& [name, value] : headers)
            request.set(name, value);
    };
    impl->stream.set_option(websocket::stream_base::decorator(decorate));
    http::response<http::string_body> response;
    const std::string host = url.authority();
    auto [ec] = co_await impl->stream.async_handshake(response, host, url.target, nothrow);
    if (ec) co_return refused(url, headers, response, ec);
    co_return std::unique_ptr<WebSocket>(new WebSocket(std::move(impl)));
}

Task<base::Result<Message>> WebSocket::read() {
    // The socket may be ended by its owner while this waits.
    const auto impl = impl_;
    impl->incoming.clear();
    auto [ec, bytes] = co_await impl->stream.async_read(impl->incoming, nothrow);
    if (ec) {
        const auto& seen = impl->stream.reason();
        if (seen.code != websocket::close_code::none)
            impl->end = CloseReason{seen.code, std::string(seen.reason.data(), seen.reason.size())};
        else if (ec == websocket::error::message_too_big)
            impl->end = CloseReason{1009, "message too big"};
        else if (ec == beast::error::timeout)
            impl->end = CloseReason{1006, "the peer fell silent"};
        impl->closing = true;
        impl->wake.notify();
        co_return fail(Errc::closed, "the connection has ended ({}{}{})", impl->end.code,
                       impl->end.reason.empty() ? "" : " ", impl->end.reason);
    }
    Message message;
    message.binary = impl->stream.got_binary();
    message.bytes = {static_cast<const std::byte*>(impl->incoming.data().data()), impl->incoming.size()};
    co_return message;
}

void WebSocket::send_text(std::string_view text, Delivery delivery) {
    impl_->enqueue(text, false, delivery);
}

void WebSocket::send_binary(std::span<const std::byte> bytes, Delivery delivery) {
    impl_->enqueue({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, true, delivery);
}

std::size_t WebSocket::drop_queued() {
    std::size_t count = 0;
    while (impl_->queue.drop_one())
        ++count;
    return count;
}

void WebSocket::close(CloseReason reason) {
    if (impl_->closing) return;
    impl_->closing = true;
    impl_->farewell = std::move(reason);
    impl_->wake.notify();
}

void WebSocket::abort() noexcept {
    impl_->closing = true;
    impl_->stream.next_layer().bytes().close();
    impl_->wake.notify();
}

const CloseReason& WebSocket::close_reason() const noexcept {
    return impl_->end;
}
std::uint64_t WebSocket::dropped() const noexcept {
    return impl_->dropped;
}
std::size_t WebSocket::queued_bytes() const noexcept {
    return impl_->queue.bytes();
}
std::string WebSocket::peer_name() const {
    return impl_->stream.next_layer().bytes().peer_name();
}
bool WebSocket::encrypted() const noexcept {
    return impl_->stream.next_layer().bytes().encrypted();
}

}  // namespace voicectl::net
