// SPDX-License-Identifier: Apache-2.0
// Numbers as people write them. Pure; any thread.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace voicectl::base {

/// The whole text as a decimal number; nothing for anything before, behind or beyond it.
template <class Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
    Number number{};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace voicectl::base
