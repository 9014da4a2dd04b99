// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include "net/deadline.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace voicectl::net {
namespace {

namespace http = boost::beast::http;
using base::Errc;
using base::fail;
using boost::beast::iequals;

std::string_view trim(std::string_view text) noexcept {
    const auto start = text.find_first_not_of(" \t");
    if (start == std::string_view::npos) return {};
    return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

bool has_token(const Headers& headers, std::string_view name, std::string_view token) {
    for (const auto element : list_header(headers, name))
        if (iequals(element, token)) return true;
    return false;
}

bool is_websocket_upgrade(const HttpRequest& request) {
    return request.method == "GET" && request.version == 11 &&
           has_token(request.headers, "Connection", "upgrade") &&
           has_token(request.headers, "Upgrade", "websocket") &&
           find_header(request.headers, "Sec-WebSocket-Key").size() == 24 &&
           find_header(request.headers, "Sec-WebSocket-Version") == "13";
}

base::Error read_failed(const ErrorCode& ec, const HttpLimits& limits) {
    if (ec == http::error::end_of_stream || ec == asio::error::operation_aborted ||
        ec == asio::error::connection_reset || ec == asio::error::eof)
        return base::Error(Errc::closed, "the connection has ended");
    if (ec == http::error::header_limit)
        return fail(Errc::too_large, "the request's head is over {} bytes", limits.head_bytes_max);
    if (ec == http::error::body_limit)
        return fail(Errc::too_large, "the request's body is over {} bytes", limits.body_bytes_max);
    return fail(Errc::protocol, "not an HTTP request: {}", ec.message());
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) noexcept {
    for (const auto& [key, value] : headers)
        if (iequals(key, name)) return value;
    return {};
}

std::vector<std::string_view> list_header(const Headers& headers, std::string_view name) {
    std::vector<std::string_view> elements;
    for (const auto& [key, value] : headers) {
        if (!iequals(key, name)) continue;
        std::string_view rest = value;
        while (true) {
            const auto comma = rest.find(',');
            if (const auto element = trim(rest.substr(0, comma)); !element.empty())
                elements.push_back(element);
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return elements;
}

struct HttpConnection::Parts {
    Parts(std::unique_ptr<ByteStream> bytes, HttpLimits bounds) : stream(std::move(bytes)), limits(bounds) {}
    AnyStream stream;
    HttpLimits limits;
    boost::beast::flat_buffer buffer;
};

HttpConnection::HttpConnection(std::unique_ptr<ByteStream> stream, HttpLimits limits)
    : parts_(std::make_unique<Parts>(std::move(stream), limits)) {}

HttpConnection::~HttpConnection() = default;

Task<base::Result<void>> HttpConnection::secure() {
    const auto limit = parts_->limits.head_timeout;
    Deadline deadline(parts_->stream.get_executor(), limit, [this] { parts_->stream.bytes().close(); });
    auto secured = co_await parts_->stream.bytes().secure();
    if (deadline.expired()) co_return fail(Errc::timed_out, "no TLS handshake within {} ms", limit.count());
    co_return secured;
}

Task<base::Result<HttpRequest>> HttpConnection::read() {
    const auto& limits = parts_->limits;
    http::request_parser<http::string_body> parser;
    parser.header_limit(limits.head_bytes_max);
    parser.body_limit(limits.body_bytes_max);
    bool late = false;
    {
        Deadline deadline(parts_->stream.get_executor(), limits.head_timeout,
                          [this] { parts_->stream.bytes().close(); });
        auto [ec, bytes] = co_await http::async_read(parts_->stream, parts_->buffer, parser, nothrow);
        late = deadline.expired();
        if (late)
            co_return fail(Errc::timed_out, "no whole request within {} ms", limits.head_timeout.count());
        if (ec) co_return read_failed(ec, limits);
    }
    const auto& message = parser.get();
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.version = message.version();
    request.keep_alive = message.keep_alive();
    for (const auto& field : message)
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    request.body = message.body();
    request.wants_websocket = is_websocket_upgrade(request);
    co_return request;
}

Task<base::Result<void>> HttpConnection::write(HttpResponse response, bool keep_alive) {
    http::response<http::string_body> message(static_cast<http::status>(response.status), 11);
    message.set(http::field::server, "voicectl");
    message.set(http::field::content_type, response.content_type);
    message.set("X-Content-Type-Options", "nosniff");
    message.set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : response.headers)
        message.set(name, value);
    message.body() = std::move(response.body);
    message.keep_alive(keep_alive);
    message.prepare_payload();
    Deadline deadline(parts_->stream.get_executor(), parts_->limits.head_timeout,
                      [this] { parts_->stream.bytes().close(); });
    auto [ec, bytes] = co_await http::async_write(parts_->stream, message, nothrow);
    if (ec) co_return fail(Errc::closed, "the peer left before its answer: {}", ec.message());
    if (!keep_alive) parts_->stream.bytes().shutdown_send();
    co_return base::Result<void>();
}

base::Result<std::unique_ptr<ByteStream>> HttpConnection::release() {
    if (parts_->buffer.size() > 0)
        return fail(Errc::protocol, "{} bytes follow the upgrade before it was answered",
                    parts_->buffer.size());
    return parts_->stream.release();
}

void HttpConnection::abort() noexcept {
    if (parts_->stream.holds()) parts_->stream.bytes().close();
}

std::string HttpConnection::peer_name() const {
    return parts_->stream.bytes().peer_name();
}

}  // namespace voicectl::net
