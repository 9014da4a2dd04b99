// SPDX-License-Identifier: Apache-2.0
// Places in a text, and pieces of it that may be shown. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::config {

/// A text by lines. It must outlive this.
class LinedText {
 public:
    explicit LinedText(std::string_view text);

    /// Line `number` from 1, without its end; empty beyond the last.
    std::string_view line(unsigned number) const noexcept;
    unsigned line_count() const noexcept { return static_cast<unsigned>(starts_.size()); }
    /// Where it starts, in bytes; `number` is one that there is.
    std::size_t start_of(unsigned number) const noexcept { return starts_[number - 1]; }
    /// The line that the byte at `offset` is in.
    unsigned line_at(std::size_t offset) const noexcept;
    /// Its column in code points, from 1.
    unsigned column_at(std::size_t offset) const noexcept;

 private:
    std::string_view text_;
    std::vector<std::size_t> starts_;
};

/// How many code points a UTF-8 text has; bytes that are none count as one each.
unsigned code_points(std::string_view text) noexcept;

/// The line as far as column `column`, and "[redacted]" in place of the rest.
std::string redacted_from(std::string_view line, unsigned column);
/// The line with "[redacted]" in place of what follows the first = behind column `column`.
std::string redacted_value(std::string_view line, unsigned column);

/// A value as a sentence may quote it: cut to a length, control characters visible, masked().
std::string shown(std::string_view value);

/// In quotes, as a basic string of TOML 1.0 and a string of JSON: their escapes are the same.
std::string quoted(std::string_view text);

std::string_view trim(std::string_view text) noexcept;

/// The words of a list as "a, b or c".
std::string alternatives(std::string_view list);

}  // namespace voicectl::config
