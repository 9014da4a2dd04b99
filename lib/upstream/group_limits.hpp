// SPDX-License-Identifier: Apache-2.0
// Whether a group of keys that share their limits has something left: what the upstream said of it, each
// until its reset time passes, and the operator's own budget a minute. A value; time comes as an argument.
#pragma once

#include "base/time.hpp"
#include "upstream/outcome.hpp"

#include <optional>

namespace voicectl::upstream {

/// What the operator allows in a minute; 0: what the service allows.
struct Budget {
    int requests_per_minute = 0;
    int tokens_per_minute = 0;
};

struct GroupLimitsOptions {
    std::chrono::milliseconds retry_after{5'000};  ///< where a 429 does not say how long
    /// No word of the upstream's counts for longer: a wrong one must not take a group out for good.
    std::chrono::milliseconds reset_max{600'000};
    double scarce_share = 0.1;  ///< a limit with less than this left is spared
};

enum class Room { ample, scarce, none };

class GroupLimits {
 public:
    explicit GroupLimits(GroupLimitsOptions options = {}) noexcept : options_(options) {}

    void set_budget(Budget budget) noexcept;
    void learn(const LimitsUpdated& limits, base::Time now) noexcept;
    void learn(const Throttled& throttled, base::Time now) noexcept;
    /// One response.
    void learn(const Spent& spent, base::Time now) noexcept;

    Room room(base::Time now) const noexcept;
    /// When there will be room as far as is known; `now` where there is.
    base::Time free_at(base::Time now) const noexcept;

 private:
    struct Learned {
        std::int64_t limit;
        std::int64_t remaining;
        base::Time until;
    };
    /// A token bucket that holds a minute's worth. What a response costs is known only afterwards, so it may
    /// owe, a minute's worth at the most.
    struct Bucket {
        void resize(int to) noexcept;
        double level(base::Time now) const noexcept;
        void take(double amount, base::Time now) noexcept;
        base::Time free_at(base::Time now) const noexcept;

        double per_minute = 0;  ///< 0: no limit
        double left = 0;        ///< at `at`
        base::Time at{};
    };
    base::Duration bounded(std::chrono::duration<double> span) const noexcept;
    void learn(std::optional<Learned>& known, const std::optional<RateLimit>& said, base::Time now) noexcept;
    bool scarce(const std::optional<Learned>& known, base::Time now) const noexcept;

    GroupLimitsOptions options_;
    std::optional<Learned> requests_;
    std::optional<Learned> tokens_;
    std::optional<base::Time> throttled_until_;
    Bucket own_requests_;
    Bucket own_tokens_;
};

}  // namespace voicectl::upstream
