// SPDX-License-Identifier: Apache-2.0
#include "base/duration.hpp"

#include "base/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace voicectl::base {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
    const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
    const auto number = parse_number<std::int64_t>(digits);
    if (!number) return std::nullopt;
    const auto unit = text.substr(digits.size());
    const std::int64_t scale = unit.empty() || unit == "ms" ? 1
                               : unit == "s"                ? 1000
                               : unit == "m"                ? 60'000
                               : unit == "h"                ? 3'600'000
                                                            : 0;
    if (scale == 0 || *number > std::numeric_limits<std::int64_t>::max() / scale) return std::nullopt;
    return std::chrono::milliseconds(*number * scale);
}

std::string format_duration(std::chrono::milliseconds span) {
    const auto count = span.count();
    if (count == 0 || count % 1000 != 0) return fmt::format("{}ms", count);
    if (count % 3'600'000 == 0) return fmt::format("{}h", count / 3'600'000);
    if (count % 60'000 == 0) return fmt::format("{}m", count / 60'000);
    return fmt::format("{}s", count / 1000);
}

}  // namespace voicectl::base
