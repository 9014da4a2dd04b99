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

}  // namespace voicectl::base
