// SPDX-License-Identifier: Apache-2.0
#include "base/words.hpp"

#include <algorithm>

namespace voicectl::base {

std::vector<std::string_view> words(std::string_view list) {
    std::vector<std::string_view> found;
    while (!list.empty()) {
        const auto space = std::min(list.find(' '), list.size());
        found.push_back(list.substr(0, space));
        list.remove_prefix(std::min(space + 1, list.size()));
    }
    return found;
}

bool has_word(std::string_view list, std::string_view word) noexcept {
    while (!list.empty()) {
        const auto space = std::min(list.find(' '), list.size());
        if (list.substr(0, space) == word) return true;
        list.remove_prefix(std::min(space + 1, list.size()));
    }
    return false;
}

std::string wrapped(std::string_view text, std::string_view line_start, std::size_t column,
                    std::size_t width) {
    std::string out;
    const auto indent = line_start.size();
    for (const auto word : words(text)) {
        if (column > indent && column + 1 + word.size() > width) {
            out += '\n';
            out += line_start;
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
    }
    return out;
}

}  // namespace voicectl::base
