// SPDX-License-Identifier: Apache-2.0
#include "simulator/duration.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>

namespace voicectl::simulator {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
    constexpr std::array<std::pair<std::string_view, double>, 4> units{
        {{"ms", 1.0}, {"s", 1000.0}, {"m", 60'000.0}, {"h", 3'600'000.0}}};
    constexpr double most = 1e15;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    // "inf" and "nan" are numbers to from_chars.
    if (error != std::errc() || !std::isfinite(number) || std::abs(number) > most / 3'600'000)
        return std::nullopt;
    const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& [name, factor] : units)
        if (unit == name) return std::chrono::milliseconds(static_cast<std::int64_t>(number * factor));
    return std::nullopt;
}

}  // namespace voicectl::simulator
