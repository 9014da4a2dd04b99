// SPDX-License-Identifier: Apache-2.0
#include "net/deadline.hpp"

#include <utility>

namespace voicectl::net {

Deadline::Deadline(const asio::any_io_executor& executor, std::chrono::steady_clock::duration after,
                   std::function<void()> on_expiry)
    : state_(std::make_shared<State>(executor, std::move(on_expiry))) {
    state_->timer.expires_after(after);
    // The state outlives this object for as long as an expiry is already queued.
    state_->timer.async_wait([state = state_](ErrorCode ec) {
        if (ec || !state->armed) return;
        state->expired = true;
        state->on_expiry();
    });
}

Deadline::~Deadline() {
    state_->armed = false;
    state_->timer.cancel();
}

void Notifier::notify() {
    pending_ = true;
    timer_.cancel_one();
}

Task<void> Notifier::wait() {
    if (!pending_) {
        timer_.expires_at(asio::steady_timer::time_point::max());
        co_await timer_.async_wait(nothrow);
    }
    pending_ = false;
}

}  // namespace voicectl::net
