// SPDX-License-Identifier: Apache-2.0
#include "upstream/breaker.hpp"

#include <algorithm>

namespace voicectl::upstream {

std::optional<base::Time> Breaker::free_at(bool alone) const noexcept {
    if (state_ == State::closed) return base::Time::min();
    if (state_ == State::probing) return std::nullopt;
    return alone ? std::min(until_, opened_at_ + options_.open_max_alone) : until_;
}

void Breaker::granted(std::uint64_t lease) noexcept {
    newest_ = lease;
    if (state_ == State::closed) return;
    state_ = State::probing;
    probe_ = lease;
}

base::Duration Breaker::open(base::Time now) noexcept {
    if (closed_at_ && now - *closed_at_ >= options_.calm) openings_ = 0;
    base::Duration span = options_.open_min;
    for (int i = 0; i < openings_ && span < options_.open_max; ++i)
        span *= 2;
    ++openings_;
    state_ = State::open;
    stale_ = newest_;
    failures_ = 0;
    closed_at_.reset();
    opened_at_ = now;
    span = std::min<base::Duration>(span, options_.open_max);
    until_ = now + span;
    return span;
}

std::optional<base::Duration> Breaker::failed(std::uint64_t lease, base::Time now) noexcept {
    if (state_ == State::probing && lease == probe_) return open(now);
    if (state_ != State::closed || lease <= stale_) return std::nullopt;
    if (++failures_ < options_.failures_max) return std::nullopt;
    return open(now);
}

bool Breaker::succeeded(std::uint64_t lease, base::Time now) noexcept {
    if (state_ == State::closed && lease > stale_) failures_ = 0;
    if (state_ != State::probing || lease != probe_) return false;
    state_ = State::closed;
    closed_at_ = now;
    return true;
}

void Breaker::released(std::uint64_t lease) noexcept {
    // until_ has passed, so the next lease may be the probe.
    if (state_ == State::probing && lease == probe_) state_ = State::open;
}

}  // namespace voicectl::upstream
