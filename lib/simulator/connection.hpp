// SPDX-License-Identifier: Apache-2.0
// One client of the simulator, from its socket to its end: HTTP, the upgrade, then a session with its socket
// and one timer. Lives on the simulator's thread and keeps itself alive until its coroutines have ended.
#pragma once

#include "net/tls.hpp"
#include "net/websocket.hpp"
#include "simulator/admission.hpp"
#include "simulator/control.hpp"
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
    Control* control = nullptr;        ///< null where there is no control call
    Ledger* ledger = nullptr;          ///< with it
    std::string record_folder = {};    ///< for the audio of every session; empty for none
    unsigned recorded = 0;             ///< sessions, so far
};

class Connection : public std::enable_shared_from_this<Connection>, private Watched {
 public:
    static std::shared_ptr<Connection> open(Services& services, net::tcp::socket socket);
    ~Connection() override;

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
    void refuse(const ProtocolError& error);
    void begin(Admission& admission);
    void end(std::uint16_t code, std::string_view reason);
    json::object report() const override;
    void on_faults(base::Time now) override;
    void rearm();

    Services& services_;
    net::ByteStream* stream_ = nullptr;  ///< while nobody else can close it
    std::unique_ptr<net::WebSocket> socket_;
    std::unique_ptr<Wire> wire_;
    std::unique_ptr<RealtimeSession> session_;
    std::unique_ptr<Lease> lease_;
    std::string key_label_;
    std::unique_ptr<AudioRecord> record_;  ///< where somebody looks on
    net::CloseReason end_;                 ///< of the session
    bool local_ = false;                   ///< the peer is on loopback
    net::asio::steady_timer timer_;
    base::Time armed_ = base::Time::max();
    bool stopped_ = false;
};

}  // namespace voicectl::simulator
