// SPDX-License-Identifier: Apache-2.0
#include "net/listener.hpp"

#include <utility>

namespace voicectl::net {

using base::Errc;
using base::fail;

base::Result<std::unique_ptr<Listener>> Listener::open(asio::io_context& home, const std::string& address,
                                                       std::uint16_t port) {
    ErrorCode ec;
    const auto ip = asio::ip::make_address(address, ec);
    if (ec) return fail(Errc::bad_configuration, "cannot listen on '{}': it is not an IP address", address);
    const tcp::endpoint endpoint(ip, port);
    tcp::acceptor acceptor(home);
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (ec == asio::error::address_in_use)
        return fail(Errc::os,
                    "cannot listen on {}:{}: the port is in use; end the program that holds it "
                    "(ss -ltnp 'sport = :{}' names it) or choose another port",
                    address, port, port);
    if (ec) return fail(Errc::os, "cannot listen on {}:{}: {}", address, port, ec.message());
    const auto bound = acceptor.local_endpoint(ec).port();
    return std::unique_ptr<Listener>(new Listener(home, bound, std::move(acceptor)));
}

Listener::Listener(asio::io_context& home, std::uint16_t port, tcp::acceptor acceptor)
    : acceptor_(std::move(acceptor)), pause_(home), port_(port) {}

void Listener::start(Pick pick, OnConnection on_connection) {
    pick_ = std::move(pick);
    on_connection_ = std::move(on_connection);
    accept_next();
}

void Listener::accept_next() {
    auto& worker = pick_();
    acceptor_.async_accept(worker.io(), [this, &worker](ErrorCode ec, tcp::socket socket) {
        if (ec == asio::error::operation_aborted || !acceptor_.is_open()) return;
        if (ec) return retry_later();
        worker.add_load(1);
        // The socket belongs to the worker's context already; std::function wants copies, so it travels
        // shared.
        auto held = std::make_shared<tcp::socket>(std::move(socket));
        worker.post([this, &worker, held] { on_connection_(worker, std::move(*held)); });
        accept_next();
    });
}

void Listener::retry_later() {
    // Out of descriptors or a connection that vanished: a short pause, or this loop would spin.
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this](ErrorCode ec) {
        if (!ec && acceptor_.is_open()) accept_next();
    });
}

void Listener::close() noexcept {
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

}  // namespace voicectl::net
