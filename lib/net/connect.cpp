// SPDX-License-Identifier: Apache-2.0
#include "net/connect.hpp"

#include "net/socket.hpp"
#include "net/url.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>
#include <utility>

namespace voicectl::net {
namespace {

using base::Errc;
using base::fail;

}  // namespace

std::string Endpoint::name() const {
    if (!unix_path.empty()) return unix_path;
    return host_and_port(host, port);
}

Connector::Connector(const asio::any_io_executor& executor)
    : resolver_(executor),
      lookup_(std::make_shared<Lookup>(executor)),
      socket_(executor),
      unix_socket_(executor) {}

void Connector::give_up() noexcept {
    given_up_ = true;
    resolver_.cancel();
    lookup_->wake.notify();
    ErrorCode ignored;
    socket_.close(ignored);
    unix_socket_.close(ignored);
    if (stream_ != nullptr) stream_->close();
}

Task<base::Result<void>> Connector::look_up(const Endpoint& to) {
    const auto port = std::to_string(to.port);
    resolver_.async_resolve(to.host, port, [lookup = lookup_](ErrorCode ec, auto addresses) {
        lookup->ec = ec;
        lookup->addresses = std::move(addresses);
        lookup->wake.notify();
    });
    co_await lookup_->wake.wait();
    if (given_up_) co_return fail(Errc::unavailable, "the address of host {} is not known yet", to.host);
    if (lookup_->ec)
        co_return fail(Errc::unavailable, "cannot find host {}: {}", to.host, lookup_->ec.message());
    co_return base::Result<void>();
}

Task<base::Result<std::unique_ptr<ByteStream>>> Connector::open_tcp(const Endpoint& to) {
    ErrorCode is_name;
    const auto number = asio::ip::make_address(to.host, is_name);
    if (is_name) {
        auto found = co_await look_up(to);
        if (!found) co_return found.error();
    } else {
        // An address needs no lookup, and so does not wait behind one that hangs.
        lookup_->addresses = tcp::resolver::results_type::create(tcp::endpoint(number, to.port), to.host, "");
    }
    auto [ec, address] = co_await asio::async_connect(socket_, lookup_->addresses, nothrow);
    if (ec) co_return fail(Errc::unavailable, "cannot connect to {}: {}", to.name(), ec.message());
    co_return to.tls ? make_tls_client_stream(std::move(socket_), *to.tls, to.host)
                     : make_tcp_stream(std::move(socket_));
}

Task<base::Result<std::unique_ptr<ByteStream>>> Connector::open_unix(const Endpoint& to) {
    constexpr std::size_t path_bytes_max = 107;
    if (to.unix_path.size() > path_bytes_max)
        co_return fail(Errc::malformed, "the path of the socket has {} bytes; the system allows {}",
                       to.unix_path.size(), path_bytes_max);
    const asio::local::stream_protocol::endpoint endpoint(to.unix_path);
    auto [ec] = co_await unix_socket_.async_connect(endpoint, nothrow);
    if (ec) co_return fail(Errc::unavailable, "cannot connect to {}: {}", to.unix_path, ec.message());
    co_return make_unix_stream(std::move(unix_socket_));
}

Task<base::Result<std::unique_ptr<ByteStream>>> Connector::connect(Endpoint to) {
    auto opening = to.unix_path.empty() ? open_tcp(to) : open_unix(to);
    auto stream = co_await std::move(opening);
    if (!stream) co_return stream;
    stream_ = stream->get();
    auto secured = co_await stream_->secure();
    if (secured) co_return stream;
    stream_ = nullptr;
    co_return secured.error();
}

Task<base::Result<std::unique_ptr<ByteStream>>> connect(Endpoint to, std::chrono::milliseconds timeout) {
    const auto executor = co_await asio::this_coro::executor;
    Connector connector(executor);
    Deadline deadline(executor, timeout, [&connector] { connector.give_up(); });
    auto stream = co_await connector.connect(to);
    if (deadline.expired())
        co_return fail(Errc::timed_out, "{} did not answer within {} ms", to.name(), timeout.count());
    co_return stream;
}

}  // namespace voicectl::net
