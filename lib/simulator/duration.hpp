// SPDX-License-Identifier: Apache-2.0
// Durations as scenarios and control calls write them: 300ms, 5s, 5m, 1h, with a fraction if need be. Pure;
// any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace voicectl::simulator {

/// Nothing for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

}  // namespace voicectl::simulator
