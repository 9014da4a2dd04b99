// SPDX-License-Identifier: Apache-2.0
// The circuit breaker of one key: failures in a row open it, for longer each time; then one lease, the probe,
// tries whether it is well again. An outage counts once, however many sessions tell of it: the failures of
// leases that are older than the opening change nothing. A value; time comes as an argument.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace voicectl::upstream {

struct BreakerOptions {
    int failures_max = 3;                     ///< that many in a row open it
    std::chrono::milliseconds open_min{500};  ///< the first time; each further one twice as long
    std::chrono::milliseconds open_max{30'000};
    std::chrono::milliseconds calm{60'000};  ///< closed for this long, it begins anew with open_min
    /// Where every key's breaker is open the fault is hardly a key's: none waits longer than this, so that an
    /// upstream that comes back is found at once.
    std::chrono::milliseconds open_max_alone{1'000};
};

class Breaker {
 public:
    enum class State { closed, open, probing };

    explicit Breaker(BreakerOptions options = {}) noexcept : options_(options) {}

    State state() const noexcept { return state_; }
    /// When a lease may be granted: nothing while a probe is under way. `alone`: no other key's is closed.
    std::optional<base::Time> free_at(bool alone) const noexcept;
    /// Lease ids only grow. If the breaker is not closed, this one is the probe.
    void granted(std::uint64_t lease) noexcept;

    /// For how long it has opened, if it has.
    std::optional<base::Duration> failed(std::uint64_t lease, base::Time now) noexcept;
    /// Whether it has closed.
    bool succeeded(std::uint64_t lease, base::Time now) noexcept;
    /// The lease has ended; a probe without a verdict makes way for another.
    void released(std::uint64_t lease) noexcept;

 private:
    base::Duration open(base::Time now) noexcept;

    BreakerOptions options_;
    State state_ = State::closed;
    int failures_ = 0;
    int openings_ = 0;          ///< since it was calm
    std::uint64_t newest_ = 0;  ///< of the leases granted
    std::uint64_t stale_ = 0;   ///< this lease and all before it are older than the last opening
    std::uint64_t probe_ = 0;
    std::optional<base::Time> closed_at_;
    base::Time opened_at_{};
    base::Time until_{};
};

}  // namespace voicectl::upstream
