// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next try: exponential with full jitter, so that many who lost the same peer do
// not come back together. A pure value without a clock: the same seed gives the same delays. One thread.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace voicectl::net {

struct BackoffLimits {
    std::chrono::milliseconds first{100};      ///< the most that the first delay is; at least 1 ms
    std::chrono::milliseconds longest{5'000};  ///< the most that any delay is
};

class Backoff {
 public:
    Backoff(BackoffLimits limits, std::uint64_t seed) noexcept
        : limits_(limits), ceiling_(limits.first), random_(seed) {}

    /// The next delay: anything from nothing to a ceiling that doubles with each.
    std::chrono::milliseconds next() noexcept {
        const auto ceiling = std::clamp(ceiling_, std::chrono::milliseconds(1), limits_.longest);
        ceiling_ = ceiling * 2;
        const auto choices = static_cast<std::uint64_t>(ceiling.count()) + 1;
        return std::chrono::milliseconds(draw() % choices);
    }
    /// After a success: the next failure begins anew.
    void reset() noexcept { ceiling_ = limits_.first; }

 private:
    /// SplitMix64 (Steele, Lea, Flood 2014): the standard's distributions differ between libraries.
    std::uint64_t draw() noexcept {
        auto bits = random_ += 0x9e3779b97f4a7c15;
        bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
        bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
        return bits ^ (bits >> 31);
    }

    BackoffLimits limits_;
    std::chrono::milliseconds ceiling_;
    std::uint64_t random_;
};

}  // namespace voicectl::net
