// SPDX-License-Identifier: Apache-2.0
#include "session/pulse.hpp"

#include <algorithm>

namespace voicectl::session {

void Pulse::add(Listener* listener) {
    listeners_.push_back(listener);
    if (running_) return;
    running_ = true;
    timer_.expires_after(interval_);
    beat();
}

void Pulse::remove(Listener* listener) {
    std::ranges::replace(listeners_, listener, nullptr);
}

void Pulse::beat() {
    timer_.async_wait([this](net::ErrorCode ec) {
        std::erase(listeners_, nullptr);
        if (ec || listeners_.empty()) {
            running_ = false;
            return;
        }
        const auto now = base::now();
        // By index: a listener may add another.
        for (std::size_t i = 0; i < listeners_.size(); ++i)
            if (listeners_[i] != nullptr) listeners_[i]->on_tick(now);
        // From the intended time, so that beats do not drift; a machine that stood still gets no burst of
        // them.
        timer_.expires_at(std::max(timer_.expiry() + interval_, now));
        beat();
    });
}

}  // namespace voicectl::session
