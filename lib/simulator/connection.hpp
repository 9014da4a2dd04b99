// SPDX-License-Identifier: Apache-2.0
// One client of the simulator, from its socket to its end: HTTP, the upgrade, then a session with its socket
// and one timer. Lives on the simulator's thread and keeps itself alive until its coroutines have ended.
#pragma once

#include "net/tls.hpp"
#include "net/websocket.hpp"
#include "simulator/admission.hpp"
#include "simulator/recogniser.hpp"
#include "simulator/speech.hpp"

#include <memory>

namespace voicectl::simulator {

/// What all connections share; it outlives them.
struct Services {
    net::asio::io_context& io;
    const Scenario& scenario;
    const std::optional<net::TlsContext>& tls;
    Admissions& admissions;
    Speaker& speaker;
    Recogniser* recogniser = nullptr;  ///< null where nobody listens
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
    static std::shared_ptr<Connection> open(Services& services, net::tcp::socket socket);
    ~Connection();

    /// Ends it at once.
    void stop() noexcept;

 private:
    class Wire;
    explicit Connection(Services& services);

    static net::Task<void> run(std::shared_ptr<Connection> self, net::tcp::socket socket);
    net::Task<bool> secure(net::ByteStream& stream);
    net::Task<void> serve_http(net::HttpConnection& http);
    net::Task<void> serve_session(std::unique_ptr<net::ByteStream> stream, net::HttpRequest request,
                                  Admission admission);
    net::Task<void> read_events();
    static net::Task<void> keep_time(std::shared_ptr<Connection> self);
    void refuse(const Admission& admission);
    void rearm();

    Services& services_;
    net::ByteStream* stream_ = nullptr;  ///< while nobody else can close it
    std::unique_ptr<net::WebSocket> socket_;
    std::unique_ptr<Wire> wire_;
    std::unique_ptr<RealtimeSession> session_;
    net::asio::steady_timer timer_;
    base::Time armed_ = base::Time::max();
    bool stopped_ = false;
};

}  // namespace voicectl::simulator
