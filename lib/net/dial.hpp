// SPDX-License-Identifier: Apache-2.0
// Resolve, connect, TLS and upgrade under one deadline.
#pragma once

#include "net/tls.hpp"
#include "net/websocket.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace voicectl::net {

/// Ends a dial that is under way, from the same thread; it then fails with Errc::closed. Harmless at other
/// times.
class DialCancel {
 public:
    void operator()() const {
        if (act_) act_();
    }
    void set(std::function<void()> act) { act_ = std::move(act); }

 private:
    std::function<void()> act_;
};

struct DialOptions {
    Url url;
    Headers headers;
    std::chrono::milliseconds timeout{10'000};
    WebSocketLimits limits;
    std::shared_ptr<const TlsContext> tls;  ///< needed for wss
    std::shared_ptr<DialCancel> cancel;     ///< optional

    DialOptions() = default;
};

/// Opens a websocket to `options.url` on the calling coroutine's worker. What Connector::connect
/// and WebSocket::connect say of a failure, or Errc::timed_out past the deadline.
Task<base::Result<std::unique_ptr<WebSocket>>> dial(DialOptions options);

}  // namespace voicectl::net
