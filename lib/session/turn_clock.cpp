// SPDX-License-Identifier: Apache-2.0
#include "session/turn_clock.hpp"

namespace voicectl::session {

void TurnClock::speech_began(base::Time at) noexcept {
    *this = TurnClock();
    began_ = at;
}

void TurnClock::ended(base::Time said, base::Time passed_on, base::Time known) noexcept {
    said_ = said;
    passed_on_ = passed_on;
    known_ = known;
}

void TurnClock::partial(base::Time at) noexcept {
    if (partial_ || (!said_ && !began_)) return;
    // A transcript that comes before the end of speech covers an unknown part of it; one that comes after is
    // made from what was committed.
    partial_from_ = said_ ? PartialFrom::commit : PartialFrom::speech_start;
    partial_ = at - (said_ ? known_ : *began_);
}

void TurnClock::answered(base::Time at) noexcept {
    if (!answered_) answered_ = at;
}

void TurnClock::sounded(base::Time at) noexcept {
    if (!sounded_) sounded_ = at;
}

TurnLatency TurnClock::latency() const noexcept {
    TurnLatency latency;
    if (partial_) {
        latency.partial_ms = base::whole_milliseconds(*partial_);
        latency.partial_from = partial_from_;
    }
    if (!measurable_ || !said_ || !answered_ || !sounded_) return latency;
    latency.first_token_ms = base::whole_milliseconds(*sounded_ - *said_);
    latency.upstream_ms = base::milliseconds(*answered_ - passed_on_);
    latency.added_ms = base::milliseconds((passed_on_ - *said_) + (*sounded_ - *answered_));
    return latency;
}

}  // namespace voicectl::session
