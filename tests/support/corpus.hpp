// SPDX-License-Identifier: Apache-2.0
// Cases of a parser's corpus: many small texts in one file, with what is expected of each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace voicectl::tests {

/// A line `=== NAME` begins a case; `@LINE:COLUMN` behind the name, or `@LINE`, is where an error is
/// expected. The text follows. A line `--- …` beneath it is what is expected, one line or, for `---` alone,
/// all that follows. ‹0D 0A› stands for those bytes; ‹› at the end of a text says that no line end follows.
struct CorpusCase {
    std::string name;
    std::string text;
    std::vector<std::string> expected;  ///< of each line `--- …`, what follows the blank
    std::string meaning;                ///< what follows a line `---`
    unsigned line = 0;                  ///< 0: none is expected, or it is not said where
    unsigned column = 0;
    unsigned at = 0;  ///< the line of the corpus that the case begins in
};

/// Lines before the first case are a comment. Throws std::runtime_error if the file is not there or no
/// corpus.
std::vector<CorpusCase> read_corpus(const std::string& path);

}  // namespace voicectl::tests
