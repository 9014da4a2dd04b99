// SPDX-License-Identifier: Apache-2.0
#include "config/dotenv.hpp"
#include "config/text.hpp"
#include "support/corpus.hpp"

#include <gtest/gtest.h>

#include <set>

namespace voicectl::test {
namespace {

using tests::CorpusCase;
using tests::read_corpus;

std::vector<CorpusCase> cases_of(const std::string& name) {
    return read_corpus(VOICECTL_CORPUS "/dotenv/" + name);
}

/// "NAME=value" of each entry; of several with one name, the last.
std::vector<std::string> entries_of(const config::EnvFile& file) {
    std::vector<std::string> lines;
    for (const auto& entry : file.entries) {
        std::erase_if(lines, [&](const auto& line) { return line.starts_with(entry.name + "="); });
        lines.push_back(entry.name + "=" + entry.value);
    }
    return lines;
}

/// Lines about what other readers make of it are for the test that runs one.
std::vector<std::string> expected_of(const CorpusCase& entry) {
    auto lines = entry.expected;
    std::erase_if(lines, [](const auto& line) { return line.starts_with("dotenv:"); });
    return lines;
}

TEST(DotenvCorpus, WhatIsValidIsRead) {
    for (const auto* name : {"valid.txt", "own.txt"})
        for (const auto& entry : cases_of(name)) {
            const auto file = config::parse_env_file(entry.text);
            EXPECT_EQ(entries_of(file), expected_of(entry)) << name << ":" << entry.at << ": " << entry.name;
            EXPECT_EQ(file.problems.empty(), entry.line == 0)
                << name << ":" << entry.at << ": " << entry.name;
        }
}

TEST(DotenvCorpus, WhatIsInvalidIsSaidWhere) {
    for (const auto* name : {"own.txt", "invalid.txt"})
        for (const auto& entry : cases_of(name)) {
            if (entry.line == 0) continue;
            const auto file = config::parse_env_file(entry.text);
            if (file.problems.empty()) {
                ADD_FAILURE() << name << ":" << entry.at << ": " << entry.name << ": is accepted";
                continue;
            }
            const config::LinedText lines(entry.text);
            const auto at = file.problems.front().at;
            EXPECT_EQ(lines.line_at(at), entry.line) << name << ":" << entry.at << ": " << entry.name;
            EXPECT_EQ(lines.column_at(at), entry.column) << name << ":" << entry.at << ": " << entry.name;
            EXPECT_EQ(entries_of(file), expected_of(entry)) << name << ":" << entry.at << ": " << entry.name;
        }
}

TEST(DotenvCorpus, HasEnoughCasesAndEachOnce) {
    std::set<std::string> names;
    for (const auto* name : {"valid.txt", "own.txt", "invalid.txt"})
        for (const auto& entry : cases_of(name))
            EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_GE(names.size(), 80U);
}

}  // namespace
}  // namespace voicectl::test
