// SPDX-License-Identifier: Apache-2.0
// When the steps of one turn happened, and the latencies that follow. Both edges of every hop are stamped
// where audio enters and leaves the gateway, so that upstream and added sum to the whole. Times come as
// arguments; values only.
#pragma once

#include "base/time.hpp"
#include "session/message.hpp"

#include <optional>

namespace voicectl::session {

class TurnClock {
 public:
    void speech_began(base::Time at) noexcept;
    /// The person's last sound came in at `said` and went on to the upstream at `passed_on`; the upstream
    /// owes a reply from `known` on. For a typed turn the three are one.
    void ended(base::Time said, base::Time passed_on, base::Time known) noexcept;
    /// A partial transcript; the first one counts.
    void partial(base::Time at) noexcept;
    /// The first of the reply's audio came from the upstream.
    void answered(base::Time at) noexcept;
    /// It is answered anew: what came was of no use.
    void unanswered() noexcept { answered_.reset(); }
    /// Its first frame left the gateway.
    void sounded(base::Time at) noexcept;
    /// The reply was kept waiting on purpose before it sounded: from here to there is no latency.
    void kept_waiting() noexcept { measurable_ = measurable_ && sounded_; }

    bool over() const noexcept { return said_.has_value(); }
    TurnLatency latency() const noexcept;

 private:
    std::optional<base::Time> began_;
    std::optional<base::Time> said_;
    base::Time passed_on_{};
    base::Time known_{};
    std::optional<base::Time> answered_;
    std::optional<base::Time> sounded_;
    std::optional<base::Duration> partial_;
    PartialFrom partial_from_ = PartialFrom::speech_start;
    bool measurable_ = true;
};

}  // namespace voicectl::session
