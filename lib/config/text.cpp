// SPDX-License-Identifier: Apache-2.0
#include "config/text.hpp"

#include "base/json_text.hpp"
#include "base/words.hpp"
#include "config/mask.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicectl::config {
namespace {

/// No editor counts it.
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool continues(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Where the code point in that column, from 1, begins; the end for one beyond it.
std::size_t byte_at(std::string_view line, unsigned column) noexcept {
    std::size_t bytes = 0;
    for (unsigned seen = 1; bytes < line.size(); ++bytes)
        if (!continues(line[bytes]) && seen++ == column) break;
    return bytes;
}

}  // namespace

LinedText::LinedText(std::string_view text)
    : text_(text), starts_{text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0} {
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') starts_.push_back(i + 1);
}

std::string_view LinedText::line(unsigned number) const noexcept {
    if (number == 0 || number > starts_.size()) return {};
    const auto start = starts_[number - 1];
    auto line = text_.substr(start, text_.find('\n', start) - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

unsigned LinedText::line_at(std::size_t offset) const noexcept {
    const auto next = std::ranges::upper_bound(starts_, std::max(offset, starts_[0]));
    return static_cast<unsigned>(next - starts_.begin());
}

unsigned LinedText::column_at(std::size_t offset) const noexcept {
    const auto start = starts_[line_at(offset) - 1];
    return code_points(text_.substr(start, std::max(offset, start) - start)) + 1;
}

unsigned code_points(std::string_view text) noexcept {
    return static_cast<unsigned>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::string redacted_from(std::string_view line, unsigned column) {
    return std::string(line.substr(0, byte_at(line, column))) + "[redacted]";
}

std::string redacted_value(std::string_view line, unsigned column) {
    const auto equals = line.find('=', byte_at(line, column));
    if (equals == std::string_view::npos) return std::string(line);
    const auto value = std::min(line.find_first_not_of(" \t", equals + 1), line.size());
    return std::string(line.substr(0, value)) + "[redacted]";
}

std::string shown(std::string_view value) {
    constexpr std::size_t length_max = 60;
    const auto whole = masked(value);
    value = whole;
    std::string text;
    for (const char c : value.substr(0, length_max)) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            text += c;
    }
    if (value.size() <= length_max) return text;
    // Not in the middle of a character.
    for (std::size_t next = length_max; continues(value[next]) && !text.empty(); --next)
        text.pop_back();
    return text + "…";
}

std::string quoted(std::string_view text) {
    std::string out;
    base::append_json_string(text, out);
    // The one control character that JSON lets stand and TOML does not.
    for (std::size_t at = 0; (at = out.find('\x7f', at)) != std::string::npos;)
        out.replace(at, 1, "\\u007F");
    return out;
}

std::string_view trim(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    const auto start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos) return {};
    return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

std::string alternatives(std::string_view list) {
    const auto all = base::words(list);
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : i + 1 == all.size() ? " or " : ", ", all[i]);
    return text;
}

}  // namespace voicectl::config
