// SPDX-License-Identifier: Apache-2.0
// A wire with a delay of its own for each message, on a virtual clock.
#pragma once

#include "base/time.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace voicectl::test {

/// What is on its way: it arrives in order, and nothing before its time.
template <typename T>
class DelayedLine {
 public:
    void put(T what, base::Time at) {
        if (!waiting_.empty()) at = std::max(at, waiting_.back().second);
        waiting_.emplace_back(std::move(what), at);
    }
    std::optional<T> take(base::Time now) {
        if (waiting_.empty() || waiting_.front().second > now) return std::nullopt;
        auto what = std::move(waiting_.front().first);
        waiting_.pop_front();
        return what;
    }

 private:
    std::deque<std::pair<T, base::Time>> waiting_;
};

}  // namespace voicectl::test
