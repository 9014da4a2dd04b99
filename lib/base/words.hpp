// SPDX-License-Identifier: Apache-2.0
// Lists of words in one text, apart by single blanks: what rows of flags and settings hold. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace voicectl::base {

std::vector<std::string_view> words(std::string_view list);
bool has_word(std::string_view list, std::string_view word) noexcept;

}  // namespace voicectl::base
