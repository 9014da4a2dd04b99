// SPDX-License-Identifier: Apache-2.0
// A thread with an io_context of its own. What is created on a worker lives and dies there: no mutex, no
// strand. `post` and `load` are the only members another thread may touch.
#pragma once

#include "net/task.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace voicectl::net {

class Worker {
 public:
    /// The thread is named `name` (at most 15 letters are seen by ps and gdb).
    explicit Worker(std::string name);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start();
    /// Lets the thread end when nothing is left to do, and waits for it. What runs here must have been told
    /// to end.
    void finish();

    asio::io_context& io() noexcept { return io_; }
    Executor executor() noexcept { return io_.get_executor(); }
    /// Runs `work` on this worker, later; from any thread.
    void post(std::function<void()> work);
    /// Whether the caller runs on this worker's thread.
    bool here() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }

    /// How many connections this worker holds: the listener gives the next one to the least loaded.
    int load() const noexcept { return load_.load(std::memory_order_relaxed); }
    void add_load(int by) noexcept { load_.fetch_add(by, std::memory_order_relaxed); }

 private:
    std::string name_;
    std::atomic<int> load_{0};
    asio::io_context io_{1};
    std::optional<asio::executor_work_guard<Executor>> alive_;
    std::thread thread_;
};

}  // namespace voicectl::net
