// SPDX-License-Identifier: Apache-2.0
// Words in one text, apart by single blanks: lists, as rows of flags and settings hold them, and prose. Pure;
// any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::base {

std::vector<std::string_view> words(std::string_view list);
bool has_word(std::string_view list, std::string_view word) noexcept;

/// The text in lines of at most `width` bytes, each but the first behind `line_start`; that one goes on at
/// `column`. A word that is longer than a line has one for itself.
std::string wrapped(std::string_view text, std::string_view line_start, std::size_t column,
                    std::size_t width);

}  // namespace voicectl::base
