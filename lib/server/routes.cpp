// SPDX-License-Identifier: Apache-2.0
#include "server/routes.hpp"

#include "base/id.hpp"
#include "observe/log.hpp"
#include "server/admission.hpp"
#include "server/health.hpp"

#include <utility>

namespace voicectl::server {
namespace {

using base::Errc;

/// What voice.v1 allows in one message: the largest is a typed text.
constexpr std::size_t message_bytes_max = 64 * 1024;

/// A session counts from its upgrade to its end, however it ends.
class Counted {
 public:
    explicit Counted(Shared& shared) : shared_(shared) {
        shared_.sessions.fetch_add(1, std::memory_order_relaxed);
    }
    ~Counted() {
        shared_.sessions.fetch_sub(1, std::memory_order_relaxed);
        shared_.on_session_end();
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

 private:
    Shared& shared_;
};

Refusal not_found(std::string_view path) {
    return Refusal{404, "NOT_FOUND", fmt::format("there is nothing at {}", path.substr(0, 128))};
}

/// The answer to a request that could not be read; nothing if nobody is there to hear it.
std::optional<Refusal> answer_to(const base::Error& error) {
    if (error.code == Errc::too_large)
        return Refusal{error.detail.find("head") != std::string::npos ? 431U : 413U, "BAD_MESSAGE",
                       error.detail};
    if (error.code == Errc::protocol) return Refusal{400, "BAD_MESSAGE", error.detail};
    return std::nullopt;
}

session::SessionOptions options_for(Shared& shared, const Admitted& admitted) {
    session::SessionOptions options;
    options.session_id = base::make_id("sess_");
    options.tenant_id = admitted.identity.tenant_id;
    options.upstream_name = shared.upstream.name;
    options.upstream.source = shared.keys;
    options.upstream.tenant_id = admitted.identity.tenant_id;
    options.conversation = shared.conversation;
    options.conversation.format = admitted.format;
    options.conversation.setup.language = admitted.identity.locale;
    options.opus = shared.opus;
    options.targets = shared.targets;
    options.performance_warnings = shared.performance_warnings;
    options.on_upstream = [&shared](bool reached) {
        shared.upstream_state.store(reached ? UpstreamState::reached : UpstreamState::unreachable,
                                    std::memory_order_relaxed);
    };
    return options;
}

net::Task<void> run_session(WorkerState& state, std::unique_ptr<net::ByteStream> stream,
                            net::HttpRequest request, Admitted admitted) {
    net::WebSocketLimits limits;
    limits.message_bytes_max = message_bytes_max;
    auto client = co_await net::WebSocket::accept(std::move(stream), request, admitted.subprotocol, limits);
    if (!client) {
        observe::log_info("server", "{}", client.error().detail);
        co_return;
    }
    session::Session session(options_for(state.shared, admitted), std::move(*client), state.pulse);
    const Registered registered(state.sessions, &session);
    // The order to drain may have come between the admission and here.
    if (!state.shared.accepting.load(std::memory_order_relaxed)) session.drain();
    co_await session.run();
}

/// A connection that was accepted, as the settings want it spoken to.
std::unique_ptr<net::ByteStream> stream_of(const Shared& shared, net::tcp::socket socket) {
    return shared.tls ? net::make_tls_server_stream(std::move(socket), *shared.tls)
                      : net::make_tcp_stream(std::move(socket));
}

/// Whether the TLS handshake, where there is one, has succeeded.
net::Task<bool> secure(net::HttpConnection& connection) {
    const auto secured = co_await connection.secure();
    if (!secured) observe::log_info("server", "{}", secured.error().detail);
    co_return secured.has_value();
}

/// Reads one request; answers what cannot be read.
net::Task<base::Result<net::HttpRequest>> read_request(net::HttpConnection& connection) {
    auto request = co_await connection.read();
    if (request) co_return request;
    if (const auto refusal = answer_to(request.error())) {
        auto response = to_response(*refusal);
        co_await connection.write(std::move(response), false);
    }
    co_return request;
}

net::Task<void> refuse(net::HttpConnection& connection, Refusal refusal) {
    observe::log_info("server", "refused {}: {} {}: {}", connection.peer_name(), refusal.status, refusal.code,
                      refusal.message);
    auto response = to_response(refusal);
    co_await connection.write(std::move(response), false);
}

}  // namespace

net::Task<void> serve_voice(WorkerState& state, net::tcp::socket socket) {
    net::HttpConnection connection(stream_of(state.shared, std::move(socket)), net::HttpLimits{});
    const Registered registered(state.connections, &connection);
    if (!co_await secure(connection)) co_return;
    auto request = co_await read_request(connection);
    if (!request) co_return;
    const auto path = net::path_of(request->target);
    if (path != "/voice-ws") {
        auto refusal = not_found(path);
        co_await refuse(connection, std::move(refusal));
        co_return;
    }
    auto admitted = admit(state.shared, *request);
    if (!admitted) {
        auto refusal = admitted.error();
        co_await refuse(connection, std::move(refusal));
        co_return;
    }
    auto stream = connection.release();
    if (!stream) co_return;
    const Counted counted(state.shared);
    co_await run_session(state, std::move(*stream), std::move(*request), std::move(*admitted));
}

net::Task<void> serve_http(WorkerState& state, net::tcp::socket socket) {
    net::HttpConnection connection(stream_of(state.shared, std::move(socket)), net::HttpLimits{});
    const Registered registered(state.connections, &connection);
    if (!co_await secure(connection)) co_return;
    while (true) {
        auto request = co_await read_request(connection);
        if (!request) co_return;
        const auto path = net::path_of(request->target);
        auto response =
            path == "/api/voice/health" ? health_document(state.shared) : to_response(not_found(path));
        const bool get = request->method == "GET" || request->method == "HEAD";
        if (path == "/api/voice/health" && !get) {
            response = to_response(Refusal{405, "BAD_MESSAGE", "only GET is answered here"});
            response.headers.emplace_back("Allow", "GET");
        }
        // The answer to HEAD carries a body all the same: nothing may follow it.
        const bool keep_alive = request->keep_alive && request->method != "HEAD" &&
                                state.shared.ready.load(std::memory_order_relaxed);
        auto written = co_await connection.write(std::move(response), keep_alive);
        if (!written || !keep_alive) co_return;
    }
}

}  // namespace voicectl::server
