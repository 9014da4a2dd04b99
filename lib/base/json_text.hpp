// SPDX-License-Identifier: Apache-2.0
// Appending JSON strings to text that is built by hand, where a tree would cost more than the message is
// worth.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace voicectl::base {

/// Appends `text` as a JSON string with its quotes (RFC 8259 section 7). Bytes that are not UTF-8 become
/// U+FFFD.
void append_json_string(std::string_view text, std::string& out);

/// Whether `text` is well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text) noexcept;

/// How many bytes from the start are well-formed UTF-8.
std::size_t valid_utf8(std::string_view text) noexcept;

}  // namespace voicectl::base
