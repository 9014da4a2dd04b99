// SPDX-License-Identifier: Apache-2.0
// Base64 of RFC 4648 section 4, strict: the standard alphabet, padded, canonical, nothing between the
// letters. Pure functions into the caller's memory; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace voicectl::base {

constexpr std::size_t base64_encoded_size(std::size_t bytes) noexcept {
    return (bytes + 2) / 3 * 4;
}

/// Appends the encoding of `bytes` to `out`.
void base64_append(std::span<const std::byte> bytes, std::string& out);

/// An upper bound of what `text` decodes to.
constexpr std::size_t base64_decoded_max(std::size_t letters) noexcept {
    return letters / 4 * 3;
}

/// Decodes into `out`, which holds at least base64_decoded_max(text.size()); returns the bytes written, or
/// nothing if the text is not canonical base64.
std::optional<std::size_t> base64_decode(std::string_view text, std::span<std::byte> out) noexcept;

}  // namespace voicectl::base
