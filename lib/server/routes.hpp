// SPDX-License-Identifier: Apache-2.0
// What happens to a connection on either port: the request is read, answered, or becomes a session.
#pragma once

#include "net/listener.hpp"
#include "server/state.hpp"

namespace voicectl::server {

/// VOICE_WS_PORT: /voice-ws. Runs to the end of the session, on the worker of `state`.
net::Task<void> serve_voice(WorkerState& state, net::tcp::socket socket);

/// VOICE_HTTP_PORT: /api/voice/health.
net::Task<void> serve_http(WorkerState& state, net::tcp::socket socket);

}  // namespace voicectl::server
