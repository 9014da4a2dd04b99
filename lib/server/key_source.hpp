// SPDX-License-Identifier: Apache-2.0
// The keys of the speech model, shared by all workers: who gets one, who waits for one, and what the upstream
// says of each. The pool and the line are values of their own; this is the lock around them and the waking
// across threads. Any worker's thread.
#pragma once

#include "session/upstream_source.hpp"
#include "upstream/key_pool.hpp"
#include "upstream/waiting_line.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace voicectl::server {

class KeySource final : public session::UpstreamSource, public std::enable_shared_from_this<KeySource> {
 public:
    /// How the upstream is dialled with a key.
    using Dial = std::function<net::DialOptions(const upstream::KeyOptions& key)>;

    KeySource(upstream::KeyPoolOptions pool, upstream::WaitingLineOptions line, Dial dial);

    void replace_keys(const std::vector<upstream::KeyOptions>& keys);
    net::Task<Acquired> acquire(session::UpstreamWait wait) override;
    std::vector<upstream::KeyStatus> status() const;

 private:
    class Held;
    struct Waiter;

    std::unique_ptr<session::UpstreamLease> hold(const upstream::Lease& lease);
    void report(const upstream::Lease& lease, const upstream::Outcome& outcome);
    void release(const upstream::Lease& lease);
    /// Gives what there is to those who wait, and tells them what has changed; when it is worth another look.
    base::Time serve(base::Time now);
    /// Has left the line; wakes it once the lock is open.
    Waiter& end_of(upstream::WaiterId id);
    net::Task<Acquired> await_turn(std::shared_ptr<Waiter> waiter, session::UpstreamWait wait);

    Dial dial_;
    mutable std::mutex mutex_;
    upstream::KeyPool pool_;
    upstream::WaitingLine line_;
    std::map<upstream::WaiterId, std::shared_ptr<Waiter>> waiters_;
};

}  // namespace voicectl::server
