// SPDX-License-Identifier: Apache-2.0
// The grammar of environment files: NAME=VALUE lines, `export` allowed before the name. An unquoted value
// ends at the line's end or at a # behind a blank; 'single quotes' and `backticks` hold text as it stands;
// "double quotes" know \n \r \t \" \\ \$ and \`; all three may span lines. Nothing is expanded, nothing is
// run. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::config {

enum class Quotes { none, single_quotes, double_quotes, backticks };

struct EnvEntry {
    std::string name;
    std::string value;
    std::size_t name_at = 0;   ///< byte in the text
    std::size_t value_at = 0;  ///< byte in the text, of the quote where there is one
    std::size_t value_end = 0;
    Quotes quotes = Quotes::none;
};

struct EnvProblem {
    std::size_t at = 0;  ///< byte in the text
    std::string sentence;
    std::string fix;
};

/// Everything that can be read, and everything that cannot; after a problem it goes on in the next line.
struct EnvFile {
    std::vector<EnvEntry> entries;
    std::vector<EnvProblem> problems;
};

EnvFile parse_env_file(std::string_view text);

}  // namespace voicectl::config
