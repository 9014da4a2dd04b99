// SPDX-License-Identifier: Apache-2.0
// The one monotonic clock that stamps both edges of every hop, and wall time for what people read.
#pragma once

#include <chrono>
#include <string>

namespace voicectl::base {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

inline Time now() noexcept {
    return Clock::now();
}

/// Milliseconds with their fraction, for figures that people and programs read.
inline double milliseconds(Duration span) noexcept {
    return std::chrono::duration<double, std::milli>(span).count();
}

/// Whole milliseconds, rounded to the nearest.
inline std::int64_t whole_milliseconds(Duration span) noexcept {
    return std::chrono::round<std::chrono::milliseconds>(span).count();
}

/// RFC 3339 in UTC with milliseconds: 2026-11-23T20:43:30.123Z.
std::string rfc3339(std::chrono::system_clock::time_point when);

}  // namespace voicectl::base
