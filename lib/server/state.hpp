// SPDX-License-Identifier: Apache-2.0
// What the gateway's threads share: values set before they start, and a few atomics. And what each worker has
// to itself: its sessions and the HTTP connections that are not sessions yet.
#pragma once

#include "net/http.hpp"
#include "net/tls.hpp"
#include "net/worker.hpp"
#include "server/authentication.hpp"
#include "server/key_source.hpp"
#include "server/upstream.hpp"
#include "session/session.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace voicectl::server {

enum class UpstreamState { unknown, reached, unreachable };

struct Shared {
    Shared(Authenticator who, Upstream model) : authenticator(std::move(who)), upstream(std::move(model)) {}

    const Authenticator authenticator;
    const Upstream upstream;
    std::shared_ptr<KeySource> keys;
    session::ConversationOptions conversation;  ///< the format is each client's own
    audio::OpusEncoderOptions opus;
    session::TurnTargets targets;
    bool performance_warnings = true;
    std::vector<std::string> origins;
    std::optional<net::TlsContext> tls;  ///< with it, both ports speak TLS
    int sessions_max = 1000;
    std::function<void()> on_session_end;  ///< called on a worker
    base::Time started = base::now();

    std::atomic<bool> ready{false};      ///< /api/voice/health answers 200
    std::atomic<bool> accepting{false};  ///< upgrades are answered with 101
    std::atomic<int> sessions{0};
    std::atomic<UpstreamState> upstream_state{UpstreamState::unknown};
};

/// On one worker's thread only.
struct WorkerState {
    WorkerState(Shared& everything, std::string name)
        : shared(everything),
          worker(std::move(name)),
          pulse(worker.executor(), everything.conversation.playout.frame) {}

    Shared& shared;
    net::Worker worker;
    session::Pulse pulse;
    std::set<session::Session*> sessions;
    std::set<net::HttpConnection*> connections;
};

/// Keeps an object in a set for as long as the guard lives.
template <class T>
class Registered {
 public:
    Registered(std::set<T*>& set, T* object) : set_(set), object_(object) { set_.insert(object_); }
    ~Registered() { set_.erase(object_); }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;

 private:
    std::set<T*>& set_;
    T* object_;
};

}  // namespace voicectl::server
