// SPDX-License-Identifier: Apache-2.0
// A time limit that acts by closing what is waited for: operations on Boost 1.81 are not cancelled one by
// one.
#pragma once

#include "net/task.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace voicectl::net {

/// Calls `on_expiry` once on the executor's thread, unless it is destroyed first. Whoever it closes must
/// outlive it.
class Deadline {
 public:
    Deadline(const asio::any_io_executor& executor, std::chrono::steady_clock::duration after,
             std::function<void()> on_expiry);
    ~Deadline();
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    bool expired() const noexcept { return state_->expired; }

 private:
    struct State {
        State(const asio::any_io_executor& executor, std::function<void()> act)
            : timer(executor), on_expiry(std::move(act)) {}
        asio::steady_timer timer;
        std::function<void()> on_expiry;
        bool armed = true;
        bool expired = false;
    };
    std::shared_ptr<State> state_;
};

/// Wakes one coroutine that waits for "something changed"; a wake with nobody waiting is kept for the next
/// wait. One thread.
class Notifier {
 public:
    explicit Notifier(const asio::any_io_executor& executor) : timer_(executor) {}

    void notify();
    Task<void> wait();

 private:
    asio::steady_timer timer_;
    bool pending_ = false;
};

}  // namespace voicectl::net
