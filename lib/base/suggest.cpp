// SPDX-License-Identifier: Apache-2.0
#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace voicectl::base {
namespace {

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
    const std::size_t near_enough = word.size() < 6 ? 2 : 3;
    std::string best;
    std::size_t best_distance = near_enough + 1;
    for (const auto& candidate : known) {
        // A word cut short is a likelier slip than any wrong letter.
        const bool cut = word.size() >= 3 && candidate.starts_with(word);
        const auto longer = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
        // What differs more in length alone is no slip, however long it is.
        if (!cut && longer >= best_distance) continue;
        const auto away = cut ? 0 : distance(word, candidate);
        if (away >= best_distance) continue;
        best = candidate;
        best_distance = away;
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    const auto meant = nearest(word, known);
    return meant.empty() ? std::string() : fmt::format("; did you mean '{}'?", meant);
}

}  // namespace voicectl::base
