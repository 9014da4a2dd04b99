// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace voicectl::base {
namespace {

/// The length of the UTF-8 sequence that starts at `i`, or 0 where there is none.
std::size_t sequence_length(std::string_view text, std::size_t i) noexcept {
    const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(text[k]); };
    const auto first = byte(i);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xc2 && first < 0xe0   ? 2
                               : first >= 0xe0 && first < 0xf0 ? 3
                               : first >= 0xf0 && first < 0xf5 ? 4
                                                               : 0;
    if (length == 0 || i + length > text.size()) return 0;
    for (std::size_t k = i + 1; k < i + length; ++k)
        if ((byte(k) & 0xc0) != 0x80) return 0;
    const auto second = byte(i + 1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second >= 0xa0;
    const bool beyond = first == 0xf4 && second >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
    out.push_back('"');
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        const auto length = sequence_length(text, i);
        if (length == 0) {
            out += "\xef\xbf\xbd";
            ++i;
            continue;
        }
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out.append(text, i, length);
        }
        i += length;
    }
    out.push_back('"');
}

bool is_utf8(std::string_view text) noexcept {
    return valid_utf8(text) == text.size();
}

std::size_t valid_utf8(std::string_view text) noexcept {
    std::size_t valid = 0;
    while (valid < text.size()) {
        const auto length = sequence_length(text, valid);
        if (length == 0) break;
        valid += length;
    }
    return valid;
}

}  // namespace voicectl::base
