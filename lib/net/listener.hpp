// SPDX-License-Identifier: Apache-2.0
// Accepts connections straight into the worker that will hold them: a session never moves.
#pragma once

#include "net/worker.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace voicectl::net {

class Listener {
 public:
    /// Which worker takes the next connection; called on the listener's thread.
    using Pick = std::function<Worker&()>;
    /// Called on the picked worker's thread with the connected socket.
    using OnConnection = std::function<void(Worker&, tcp::socket)>;

    /// Binds and listens; port 0 means any. `home` is the thread the accept loop runs on.
    static base::Result<std::unique_ptr<Listener>> open(asio::io_context& home, const std::string& address,
                                                        std::uint16_t port);

    std::uint16_t port() const noexcept { return port_; }
    /// Starts accepting; the functions live as long as the listener.
    void start(Pick pick, OnConnection on_connection);
    /// Stops accepting; on the listener's thread.
    void close() noexcept;

 private:
    Listener(asio::io_context& home, std::uint16_t port, tcp::acceptor acceptor);
    void accept_next();
    void retry_later();

    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::uint16_t port_;
    Pick pick_;
    OnConnection on_connection_;
};

}  // namespace voicectl::net
