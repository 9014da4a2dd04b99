// SPDX-License-Identifier: Apache-2.0
// One timer a worker for all of its sessions: a timer of each session's own would cost more than its audio.
// One thread.
#pragma once

#include "base/time.hpp"
#include "net/task.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <vector>

namespace voicectl::session {

class Pulse {
 public:
    class Listener {
     public:
        virtual void on_tick(base::Time now) = 0;

     protected:
        ~Listener() = default;
    };

    Pulse(net::Executor executor, std::chrono::milliseconds interval)
        : executor_(executor), timer_(executor), interval_(interval) {}

    net::Executor executor() { return executor_; }

    /// A listener is told until it is removed; both may be called from within on_tick(). Nobody to tell: no
    /// timer.
    void add(Listener* listener);
    void remove(Listener* listener);

 private:
    void beat();

    net::Executor executor_;
    boost::asio::steady_timer timer_;
    std::chrono::milliseconds interval_;
    std::vector<Listener*> listeners_;  ///< nullptr where one was removed during a beat
    bool running_ = false;
};

}  // namespace voicectl::session
