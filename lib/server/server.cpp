// SPDX-License-Identifier: Apache-2.0
#include "server/server.hpp"

#include "observe/log.hpp"
#include "server/routes.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <iterator>
#include <thread>
#include <utility>

namespace voicectl::server {
namespace {

/// How long sessions have for their close frame once they must end.
constexpr std::chrono::seconds farewell{2};

using Serve = net::Task<void> (*)(WorkerState&, net::tcp::socket);

/// The socket arrives on its worker's thread; the load it counts as ends with it. The fence: what is thrown
/// in here ends this connection and no other.
net::Task<void> hold(WorkerState& state, net::tcp::socket socket, Serve serve) {
    try {
        co_await serve(state, std::move(socket));
    } catch (const std::exception& error) {
        observe::log_error("server", "bug: a connection ended by an exception: {}", error.what());
    }
    state.worker.add_load(-1);
}

session::BargeInMode barge_in_mode(std::string_view name) noexcept {
    using session::BargeInMode;
    return name == "off"         ? BargeInMode::off
           : name == "immediate" ? BargeInMode::immediate
                                 : BargeInMode::reversible;
}

std::shared_ptr<KeySource> make_key_source(const config::Settings& settings, const Upstream& upstream) {
    upstream::KeyPoolOptions pool;
    pool.group_leases_max = settings.key_max_sessions;
    upstream::WaitingLineOptions line;
    line.timeout = settings.queue_timeout;
    const auto source = std::make_shared<KeySource>(
        pool, line, [settings, dial = upstream.dial](const upstream::KeyOptions& key) {
            auto with_key = dial;
            auto headers = headers_for(settings, key.key, key.project);
            std::ranges::move(headers, std::back_inserter(with_key.headers));
            return with_key;
        });
    source->replace_keys(upstream.keys);
    return source;
}

}  // namespace

base::Result<std::unique_ptr<Server>> Server::start(asio::io_context& home, const config::Settings& settings,
                                                    Upstream upstream) {
    std::unique_ptr<Server> server(new Server(home, settings, std::move(upstream)));
    if (!settings.tls_certificate.empty()) {
        auto tls = net::TlsContext::server(settings.tls_certificate.path, settings.tls_key.path);
        if (!tls) return tls.error();
        server->shared_.tls = std::move(*tls);
    }
    auto ws = net::Listener::open(home, settings.bind_address, static_cast<std::uint16_t>(settings.ws_port));
    if (!ws) return ws.error();
    server->ws_listener_ = std::move(*ws);
    auto http =
        net::Listener::open(home, settings.bind_address, static_cast<std::uint16_t>(settings.http_port));
    if (!http) return http.error();
    server->http_listener_ = std::move(*http);
    server->accept();
    return server;
}

Server::Server(asio::io_context& home, const config::Settings& settings, Upstream upstream)
    : home_(home),
      drain_timeout_(settings.drain_timeout),
      shutdown_delay_(settings.shutdown_delay),
      timer_(home),
      shared_(Authenticator(settings.jwt_secret), std::move(upstream)) {
    auto& conversation = shared_.conversation;
    conversation.setup.instructions = settings.instructions;
    conversation.setup.voice = settings.voice;
    conversation.setup.transcription_model = settings.transcription_model;
    // The gateway decides what an interruption is, so the upstream must not.
    conversation.setup.interrupt_response = false;
    conversation.setup.threshold = settings.vad_threshold;
    conversation.setup.silence_ms = static_cast<int>(settings.vad_hang_time.count());
    conversation.voice_activity.evidence_db = audio::evidence_for(static_cast<float>(settings.vad_threshold));
    conversation.voice_activity.hang_time = settings.vad_hang_time;
    conversation.renewal.after = settings.renew_after;
    conversation.renewal.at_latest = settings.renew_at_latest;
    conversation.duration_max = settings.max_session_duration;
    conversation.idle_timeout = settings.idle_timeout;
    conversation.playout.frame = settings.frame;
    conversation.barge_in.mode = barge_in_mode(settings.barge_in);
    shared_.targets = {settings.first_token_target, settings.partial_target, settings.barge_in_target};
    shared_.keys = make_key_source(settings, shared_.upstream);
    shared_.performance_warnings = settings.performance_warnings;
    shared_.opus.bitrate_bps = settings.bitrate_bps;
    shared_.origins = settings.cors_origins;
    shared_.sessions_max = settings.max_connections;
    shared_.on_session_end = [this] { asio::post(home_, [this] { check_done(); }); };
    const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const int count = settings.workers > 0 ? settings.workers : cores;
    for (int i = 0; i < count; ++i)
        workers_.push_back(std::make_unique<WorkerState>(shared_, fmt::format("voice-worker-{}", i)));
}

Server::~Server() {
    on_each_worker([](WorkerState& state) {
        for (auto* connection : state.connections)
            connection->abort();
        for (auto* session : state.sessions)
            session->abort();
    });
    for (auto& state : workers_)
        state->worker.finish();
    // An accept that was pending holds a socket of its worker: it must be over before that worker is.
    for (auto* listener : {ws_listener_.get(), http_listener_.get()})
        if (listener != nullptr) listener->close();
    home_.restart();
    home_.poll();
}

WorkerState& Server::least_loaded() noexcept {
    return **std::ranges::min_element(workers_, {}, [](const auto& state) { return state->worker.load(); });
}

void Server::accept() {
    for (auto& state : workers_)
        state->worker.start();
    shared_.accepting = true;
    shared_.ready = true;
    const auto attach = [this](net::Listener& listener, Serve serve) {
        listener.start(
            [this]() -> net::Worker& { return least_loaded().worker; },
            [this, serve](net::Worker& worker, net::tcp::socket socket) {
                const auto state = std::ranges::find_if(
                    workers_, [&](const auto& candidate) { return &candidate->worker == &worker; });
                asio::co_spawn(worker.executor(), hold(**state, std::move(socket), serve), asio::detached);
            });
    };
    attach(*ws_listener_, &serve_voice);
    attach(*http_listener_, &serve_http);
}

void Server::on_each_worker(void (*act)(WorkerState&)) {
    for (auto& state : workers_)
        state->worker.post([&state = *state, act] { act(state); });
}

void Server::shut_down(std::function<void()> done) {
    done_ = std::move(done);
    shared_.ready = false;
    timer_.expires_after(shutdown_delay_);
    timer_.async_wait([this](net::ErrorCode ec) {
        if (!ec) drain();
    });
}

void Server::drain() {
    draining_ = true;
    shared_.accepting = false;
    if (sessions() > 0) observe::log_info("server", "waiting for {} sessions to end", sessions());
    on_each_worker([](WorkerState& state) {
        for (auto* session : state.sessions)
            session->drain();
    });
    timer_.expires_after(drain_timeout_);
    timer_.async_wait([this](net::ErrorCode ec) {
        if (!ec) end_all();
    });
    check_done();
}

void Server::end_all() {
    observe::log_warning("server", "the drain timeout has passed; ending {} sessions", sessions());
    on_each_worker([](WorkerState& state) {
        for (auto* session : state.sessions)
            session->end(session::CloseCode::going_away, "the gateway is shutting down");
    });
    timer_.expires_after(farewell);
    timer_.async_wait([this](net::ErrorCode ec) {
        if (!ec && done_) std::exchange(done_, nullptr)();
    });
}

void Server::check_done() {
    if (!draining_ || sessions() > 0 || !done_) return;
    timer_.cancel();
    ws_listener_->close();
    http_listener_->close();
    std::exchange(done_, nullptr)();
}

}  // namespace voicectl::server
