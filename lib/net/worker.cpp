// SPDX-License-Identifier: Apache-2.0
#include "net/worker.hpp"

#include <boost/asio/post.hpp>

#include <pthread.h>
#include <signal.h>
#include <utility>

namespace voicectl::net {

Worker::Worker(std::string name) : name_(std::move(name)), alive_(asio::make_work_guard(io_)) {}

Worker::~Worker() {
    finish();
}

void Worker::start() {
    // Signals belong to the main thread: a worker starts with all of them blocked.
    sigset_t all{};
    sigset_t before{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
        io_.run();
    });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Worker::finish() {
    alive_.reset();
    if (thread_.joinable()) thread_.join();
}

void Worker::post(std::function<void()> work) {
    asio::post(io_, std::move(work));
}

}  // namespace voicectl::net
