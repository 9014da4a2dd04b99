// SPDX-License-Identifier: Apache-2.0
// The gateway put together: workers, listeners, and the order in which they stop. Read this to learn what
// exists. All members are called on the thread of the io_context it is made with.
#pragma once

#include "net/listener.hpp"
#include "server/state.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace voicectl::server {

namespace asio = boost::asio;

class Server {
 public:
    /// Binds both ports and starts the workers; sessions are accepted when this returns. Errc::os for a port
    /// in use.
    static base::Result<std::unique_ptr<Server>> start(asio::io_context& home,
                                                       const config::Settings& settings, Upstream upstream);
    ~Server();

    std::uint16_t ws_port() const noexcept { return ws_listener_->port(); }
    std::uint16_t http_port() const noexcept { return http_listener_->port(); }
    int sessions() const noexcept { return shared_.sessions.load(std::memory_order_relaxed); }
    const Upstream& upstream() const noexcept { return shared_.upstream; }

    /// Health turns to 503 at once; after the shutdown delay no session is accepted and the live ones end as
    /// soon as no reply is being heard, at the drain timeout regardless. `done` is called when the last one
    /// has ended.
    void shut_down(std::function<void()> done);

 private:
    Server(asio::io_context& home, const config::Settings& settings, Upstream upstream);
    WorkerState& least_loaded() noexcept;
    void accept();
    void drain();
    void end_all();
    void check_done();
    void on_each_worker(void (*act)(WorkerState&));

    asio::io_context& home_;
    std::chrono::milliseconds drain_timeout_;
    std::chrono::milliseconds shutdown_delay_;
    asio::steady_timer timer_;
    Shared shared_;
    std::vector<std::unique_ptr<WorkerState>> workers_;
    std::unique_ptr<net::Listener> ws_listener_;
    std::unique_ptr<net::Listener> http_listener_;
    std::function<void()> done_;
    bool draining_ = false;
};

}  // namespace voicectl::server
