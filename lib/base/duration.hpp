// SPDX-License-Identifier: Apache-2.0
// Durations as people write them: 300ms, 5s, 5m, 1h. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace voicectl::base {

/// A whole number and its unit; a bare number is in milliseconds. Nothing for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// The shortest of these forms: 90000 ms are "90s", 300000 "5m".
std::string format_duration(std::chrono::milliseconds span);

}  // namespace voicectl::base
