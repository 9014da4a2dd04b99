// SPDX-License-Identifier: Apache-2.0
// How long a line takes to move on by one, from the grants that were seen. A value; time comes as an
// argument.
#pragma once

#include "base/time.hpp"

#include <algorithm>
#include <optional>

namespace voicectl::upstream {

class GrantRate {
 public:
    /// Somebody waits where nobody did: only from here on does a grant's absence say something.
    void wait_began(base::Time now) noexcept { since_ = now; }

    void granted(base::Time now) noexcept {
        const std::chrono::duration<double> span = std::max(now - since_, base::Duration::zero());
        // A mean that follows the last dozen or so.
        mean_ = mean_ ? *mean_ + (span - *mean_) / 8 : span;
        since_ = now;
    }

    /// Nothing before the first grant. A grant that has not come for longer than the mean counts, too.
    std::optional<std::chrono::duration<double>> interval(base::Time now) const noexcept {
        if (!mean_) return std::nullopt;
        return std::max<std::chrono::duration<double>>(*mean_, now - since_);
    }

 private:
    base::Time since_{};
    std::optional<std::chrono::duration<double>> mean_;
};

}  // namespace voicectl::upstream
