// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <array>
#include <cstdint>

namespace voicectl::base {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two letters for every 12 bits: half the look-ups of a table of single letters.
constexpr auto pairs = [] {
    std::array<std::array<char, 2>, 4096> table{};
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = {alphabet[i >> 6], alphabet[i & 63]};
    return table;
}();

constexpr std::uint32_t invalid = 1U << 31;

// values[k][letter] is the letter's six bits, shifted to the k-th place of four.
constexpr auto values = [] {
    std::array<std::array<std::uint32_t, 256>, 4> table{};
    for (auto& place : table)
        place.fill(invalid);
    for (std::uint32_t i = 0; i < 64; ++i)
        for (std::uint32_t place = 0; place < 4; ++place)
            table[place][static_cast<unsigned char>(alphabet[i])] = i << (18 - 6 * place);
    return table;
}();

std::uint32_t at(std::uint32_t place, char letter) noexcept {
    return values[place][static_cast<unsigned char>(letter)];
}

}  // namespace

void base64_append(std::span<const std::byte> bytes, std::string& out) {
    const auto start = out.size();
    out.resize(start + base64_encoded_size(bytes.size()));
    char* to = out.data() + start;
    const auto byte = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
    const auto put = [&](std::uint32_t twelve) {
        *to++ = pairs[twelve][0];
        *to++ = pairs[twelve][1];
    };
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const auto group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        put(group >> 12);
        put(group & 0xfff);
    }
    if (bytes.size() - i == 1) {
        put(byte(i) << 4);
        *to++ = '=';
        *to++ = '=';
    } else if (bytes.size() - i == 2) {
        const auto group = byte(i) << 16 | byte(i + 1) << 8;
        put(group >> 12);
        *to++ = alphabet[group >> 6 & 63];
        *to++ = '=';
    }
}

std::optional<std::size_t> base64_decode(std::string_view text, std::span<std::byte> out) noexcept {
    if (text.empty()) return 0;
    if (text.size() % 4 != 0 || out.size() < base64_decoded_max(text.size())) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const auto whole = padding == 0 ? text.size() : text.size() - 4;
    std::size_t to = 0;
    std::uint32_t wrong = 0;
    for (std::size_t i = 0; i < whole; i += 4) {
        const auto group = at(0, text[i]) | at(1, text[i + 1]) | at(2, text[i + 2]) | at(3, text[i + 3]);
        wrong |= group;
        out[to++] = static_cast<std::byte>(group >> 16);
        out[to++] = static_cast<std::byte>(group >> 8);
        out[to++] = static_cast<std::byte>(group);
    }
    if (padding != 0) {
        const auto tail = text.substr(whole);
        const auto group = at(0, tail[0]) | at(1, tail[1]) | (padding == 1 ? at(2, tail[2]) : 0);
        // Bits beyond the last byte must be zero, or two texts would mean the same bytes.
        const std::uint32_t beyond = padding == 1 ? 0xff : 0xffff;
        wrong |= group | ((group & beyond) != 0 ? invalid : 0);
        out[to++] = static_cast<std::byte>(group >> 16);
        if (padding == 1) out[to++] = static_cast<std::byte>(group >> 8);
    }
    if ((wrong & invalid) != 0) return std::nullopt;
    return to;
}

}  // namespace voicectl::base
