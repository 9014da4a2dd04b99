// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include "base/time.hpp"
#include "net/connect.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <utility>

namespace voicectl::net {
namespace {

namespace http = boost::beast::http;
using base::Errc;
using base::fail;

/// Scheme, host and path; a query may hold what nobody should read.
std::string name_of(const Url& url) {
    return fmt::format("{}://{}{}", url.tls ? "https" : "http", url.authority(), path_of(url.target));
}

bool sendable(std::string_view text) noexcept {
    return std::ranges::none_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < ' ' && c != '\t') || byte == 0x7f;
    });
}

base::Result<http::request<http::empty_body>> message_for(const HttpGet& request) {
    http::request<http::empty_body> message(http::verb::get, request.url.target, 11);
    message.set(http::field::host, request.url.authority());
    message.set(http::field::user_agent, "voicectl");
    message.set(http::field::accept, "*/*");
    message.set(http::field::connection, "close");
    for (const auto& [name, value] : request.headers) {
        if (!sendable(name) || !sendable(value))
            return fail(Errc::malformed, "{}: a header has a control character in it; nothing was sent",
                        name_of(request.url));
        message.set(name, value);
    }
    return message;
}

base::Error read_failed(const ErrorCode& ec, const HttpGet& request) {
    const auto name = name_of(request.url);
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
        return fail(Errc::too_large, "{} answered with a head of more than {} bytes", name,
                    request.head_bytes_max);
    if (ec == http::error::body_limit)
        return fail(Errc::too_large, "{} answered with more than {} bytes", name, request.body_bytes_max);
    if (ec == http::error::end_of_stream || ec == asio::error::connection_reset || ec == asio::error::eof)
        return fail(Errc::closed, "{} closed the connection without an answer", name);
    if (ec == http::error::partial_message || ec == asio::ssl::error::stream_truncated)
        return fail(Errc::protocol, "{} closed the connection in the middle of its answer", name);
    return fail(Errc::protocol, "{} does not answer in HTTP: {}", name, ec.message());
}

HttpAnswer to_answer(const http::response<http::string_body>& message) {
    HttpAnswer answer;
    answer.status = message.result_int();
    for (const auto& field : message)
        answer.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    answer.body = message.body();
    return answer;
}

/// Until the whole answer is there, or something ends the stream.
Task<base::Result<HttpAnswer>> exchange(AnyStream& stream, const HttpGet& request,
                                        const http::request<http::empty_body>& message) {
    auto [write_ec, written] = co_await http::async_write(stream, message, nothrow);
    // A peer that answers before it has read all may have closed its side: what it said is still there.
    if (write_ec && write_ec != asio::error::broken_pipe && write_ec != asio::error::connection_reset)
        co_return fail(Errc::closed, "{} did not take the request: {}", name_of(request.url),
                       write_ec.message());
    constexpr std::size_t chunk_bytes_max = 64 * 1024;
    boost::beast::flat_buffer buffer(request.head_bytes_max + chunk_bytes_max);
    http::response_parser<http::string_body> parser;
    parser.header_limit(request.head_bytes_max);
    parser.body_limit(request.body_bytes_max);
    auto [ec, bytes] = co_await http::async_read(stream, buffer, parser, nothrow);
    if (ec) co_return read_failed(ec, request);
    co_return to_answer(parser.get());
}

}  // namespace

Task<base::Result<HttpAnswer>> http_get(HttpGet request) {
    VOICECTL_CHECK(!request.url.tls || request.tls != nullptr);
    const auto message = message_for(request);
    if (!message) co_return message.error();
    const auto start = base::now();
    Endpoint to(request.url.host, request.url.port, request.url.tls ? request.tls : nullptr);
    auto opened = co_await connect(std::move(to), std::min(request.connect_timeout, request.total_timeout));
    if (!opened) co_return opened.error();
    AnyStream stream(std::move(*opened));
    Deadline deadline(stream.get_executor(), start + request.total_timeout - base::now(),
                      [&stream] { stream.bytes().close(); });
    auto answer = co_await exchange(stream, request, *message);
    if (!answer && deadline.expired())
        co_return fail(Errc::timed_out, "{} gave no whole answer within {} ms", name_of(request.url),
                       request.total_timeout.count());
    co_return answer;
}

}  // namespace voicectl::net
