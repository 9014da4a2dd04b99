// SPDX-License-Identifier: Apache-2.0
#include "simulator/connection.hpp"

#include "audio/resampler.hpp"
#include "net/deadline.hpp"
#include "observe/log.hpp"
#include "simulator/service_error.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace voicectl::simulator {
namespace {

namespace asio = net::asio;
using net::nothrow;

constexpr std::chrono::milliseconds handshake_timeout{10'000};

/// An append may hold 15 MiB; a long answer sent at once waits here for its reader.
net::WebSocketLimits socket_limits() {
    net::WebSocketLimits limits;
    limits.message_bytes_max = 16 * 1024 * 1024;
    limits.queue_bytes_max = 8 * 1024 * 1024;
    limits.idle_timeout = std::chrono::milliseconds(40'000);
    return limits;
}

bool on_loopback(const net::tcp::socket& socket) {
    net::ErrorCode ec;
    const auto address = socket.remote_endpoint(ec).address();
    if (ec) return false;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
    return address.is_loopback();
}

}  // namespace

/// Carries the session's wishes to the socket, the speaker and the recogniser, and their answers back.
class Connection::Wire final : public Output {
 public:
    explicit Wire(Connection& connection) : connection_(connection) {}

    void send(std::string_view event) override { connection_.socket_->send_text(event); }
    void close(std::uint16_t code, std::string_view reason) override {
        net::CloseReason farewell;
        farewell.code = code;
        farewell.reason = reason;
        connection_.end(code, reason);
        connection_.socket_->close(std::move(farewell));
    }
    void drop() override {
        connection_.end(1006, {});
        connection_.socket_->abort();
    }
    void appended(std::span<const std::byte> audio) override {
        if (connection_.record_) connection_.record_->add(audio);
        if (connection_.services_.ledger != nullptr) connection_.services_.ledger->appended(audio);
    }
    void synthesise(std::uint64_t token, std::string text) override {
        connection_.services_.speaker.say(std::move(text), [home = home(), token](Speech speech) {
            home.deliver([token, speech = std::move(speech)](RealtimeSession& session, base::Time now) {
                session.on_speech(token, speech, now);
            });
        });
    }
    void expect_speech() override {
        if (connection_.services_.recogniser != nullptr) connection_.services_.recogniser->prepare();
    }
    void recognise(std::uint64_t token, std::vector<audio::Sample> samples) override {
        const auto answer = [home = home(), token](std::optional<std::string> text) {
            home.deliver([token, text = std::move(text)](RealtimeSession& session, base::Time now) {
                session.on_recognised(token, text, now);
            });
        };
        if (connection_.services_.recogniser == nullptr) return answer(std::nullopt);
        connection_.services_.recogniser->recognise(
            audio::resample(samples, audio::pipeline_rate, listening_rate), answer);
    }

 private:
    /// The way back to the connection's thread, and to the connection if it is still there.
    struct Home {
        asio::io_context* io;
        std::weak_ptr<Connection> connection;

        void deliver(std::function<void(RealtimeSession&, base::Time)> act) const {
            asio::post(*io, [weak = connection, act = std::move(act)] {
                const auto self = weak.lock();
                if (!self || !self->session_ || self->stopped_) return;
                act(*self->session_, base::now());
                self->rearm();
            });
        }
    };
    Home home() { return {&connection_.services_.io, connection_.weak_from_this()}; }

    Connection& connection_;
};

Connection::Connection(Services& services) : services_(services), timer_(services.io) {}
Connection::~Connection() = default;

std::shared_ptr<Connection> Connection::open(Services& services, net::tcp::socket socket) {
    std::shared_ptr<Connection> self(new Connection(services));
    asio::co_spawn(services.io, run(self, std::move(socket)), asio::detached);
    return self;
}

void Connection::stop() noexcept {
    stopped_ = true;
    if (socket_)
        socket_->abort();
    else if (stream_ != nullptr)
        stream_->close();
    timer_.cancel();
}

net::Task<void> Connection::run(std::shared_ptr<Connection> self, net::tcp::socket socket) {
    self->local_ = on_loopback(socket);
    auto stream = self->services_.tls ? net::make_tls_server_stream(std::move(socket), *self->services_.tls)
                                      : net::make_tcp_stream(std::move(socket));
    self->stream_ = stream.get();
    const bool secured = self->stopped_ ? false : co_await self->secure(*stream);
    if (secured && !self->stopped_) {
        net::HttpLimits limits;
        limits.body_bytes_max = 256 * 1024;
        net::HttpConnection http(std::move(stream), limits);
        co_await self->serve_http(http);
    }
    self->stream_ = nullptr;
}

net::Task<bool> Connection::secure(net::ByteStream& stream) {
    net::Deadline deadline(services_.io.get_executor(), handshake_timeout, [&stream] { stream.close(); });
    const auto secured = co_await stream.secure();
    if (!secured) observe::log_debug("simulator", "{}", secured.error().detail);
    co_return secured.has_value();
}

net::Task<void> Connection::serve_http(net::HttpConnection& http) {
    while (true) {
        auto request = co_await http.read();
        if (!request || stopped_) co_return;
        if (request->wants_websocket) {
            auto admission = services_.admissions.judge(*request, base::now());
            if (!admission.http) {
                auto stream = http.release();
                if (!stream) co_return;
                co_await serve_session(std::move(*stream), std::move(*request), std::move(admission));
                co_return;
            }
            co_await http.write(std::move(*admission.http), false);
            co_return;
        }
        auto response = services_.control != nullptr && Control::is_for(request->target)
                            ? services_.control->answer(*request, local_, base::now())
                            : services_.admissions.answer(*request);
        const bool keep = request->keep_alive;
        const auto written = co_await http.write(std::move(response), keep);
        if (!written || !keep || stopped_) co_return;
    }
}

net::Task<void> Connection::serve_session(std::unique_ptr<net::ByteStream> stream, net::HttpRequest request,
                                          Admission admission) {
    const auto subprotocol = admission.subprotocol;
    auto accepted =
        co_await net::WebSocket::accept(std::move(stream), std::move(request), subprotocol, socket_limits());
    stream_ = nullptr;
    if (!accepted || stopped_) co_return;
    socket_ = std::move(*accepted);
    wire_ = std::make_unique<Wire>(*this);
    if (admission.refusal) {
        refuse(*admission.refusal);
    } else {
        begin(admission);
        const auto self = shared_from_this();
        asio::co_spawn(services_.io, keep_time(self), asio::detached);
    }
    co_await read_events();
    observe::log_debug("simulator", "{} has ended: {} {}", socket_->peer_name(), socket_->close_reason().code,
                       socket_->close_reason().reason);
    stopped_ = true;
    end(socket_->close_reason().code, socket_->close_reason().reason);
    timer_.cancel();
}

void Connection::refuse(const ProtocolError& error) {
    EventWriter(*wire_).error(error, nullptr);
    wire_->close(close_code_of(error), close_reason_of(error));
}

void Connection::begin(Admission& admission) {
    lease_ = std::move(admission.lease);
    key_label_ = label_of(admission.session.key);
    session_ = std::make_unique<RealtimeSession>(services_.scenario, admission.session, *wire_);
    std::string file;
    if (!services_.record_folder.empty())
        file = fmt::format("{}/{:04}-{}.pcm", services_.record_folder, ++services_.recorded, session_->id());
    if (services_.ledger != nullptr || !file.empty()) record_ = std::make_unique<AudioRecord>(file);
    if (services_.ledger != nullptr) services_.ledger->opened(*this, session_->id(), key_label_, base::now());
    session_->start(base::now());
}

/// The session's end, by either side; the socket's may take a little longer.
void Connection::end(std::uint16_t code, std::string_view reason) {
    if (!lease_) return;
    lease_.reset();
    end_.code = code;
    end_.reason = reason;
    if (services_.ledger != nullptr) services_.ledger->closed(*this, base::now());
}

json::object Connection::report() const {
    auto report = session_->report();
    report["key"] = key_label_;
    report["audio"] = record_->report();
    report["close"] = nullptr;
    if (!lease_) report["close"] = json::object{{"code", end_.code}, {"reason", end_.reason}};
    return report;
}

void Connection::on_faults(base::Time now) {
    session_->on_faults(now);
    rearm();
}

net::Task<void> Connection::read_events() {
    while (true) {
        const auto message = co_await socket_->read();
        if (!message) co_return;
        if (!session_) continue;
        const auto now = base::now();
        if (message->binary)
            session_->on_binary(now);
        else
            session_->on_message(message->text(), now);
        rearm();
    }
}

/// Wakes the timer if something is due sooner than it would wake by itself.
void Connection::rearm() {
    const auto due = session_->due();
    if (due && *due < armed_) timer_.cancel();
}

net::Task<void> Connection::keep_time(std::shared_ptr<Connection> self) {
    while (!self->stopped_ && !self->session_->ended()) {
        self->armed_ = self->session_->due().value_or(base::Time::max());
        self->timer_.expires_at(self->armed_);
        co_await self->timer_.async_wait(nothrow);
        if (self->stopped_) co_return;
        self->session_->on_tick(base::now());
    }
}

}  // namespace voicectl::simulator
