// SPDX-License-Identifier: Apache-2.0
#include "config/toml_syntax.hpp"
#include "support/corpus.hpp"

#include <gtest/gtest.h>

#include <set>

namespace voicectl::test {
namespace {

using tests::CorpusCase;
using tests::read_corpus;

std::string said(const config::Findings& findings) {
    std::string text;
    for (const auto& finding : findings)
        text += "\n" + finding.origin.text() + ": " + finding.sentence;
    return text;
}

const std::vector<CorpusCase>& valid() {
    static const auto cases = read_corpus(VOICECTL_CORPUS "/toml/valid.txt");
    return cases;
}
const std::vector<CorpusCase>& invalid() {
    static const auto cases = read_corpus(VOICECTL_CORPUS "/toml/invalid.txt");
    return cases;
}

TEST(TomlCorpus, WhatIsValidIsRead) {
    for (const auto& entry : valid()) {
        config::Findings findings;
        const auto document = config::parse_toml(entry.text, "valid.txt", findings);
        EXPECT_TRUE(findings.empty()) << entry.at << ": " << entry.name << said(findings);
        if (entry.meaning.empty()) continue;
        const auto meaning = config::parse_toml(entry.meaning, "meaning", findings);
        EXPECT_TRUE(findings.empty()) << entry.at << ": " << entry.name << said(findings);
        EXPECT_EQ(document, meaning) << entry.at << ": " << entry.name;
    }
}

TEST(TomlCorpus, WhatIsInvalidIsNotAndIsSaidWhere) {
    for (const auto& entry : invalid()) {
        config::Findings findings;
        config::parse_toml(entry.text, "invalid.txt", findings);
        if (findings.empty()) {
            ADD_FAILURE() << entry.at << ": " << entry.name << ": is accepted";
            continue;
        }
        const auto& first = findings.front();
        EXPECT_EQ(first.code, config::Code::toml_syntax);
        EXPECT_EQ(first.origin.line, entry.line) << entry.at << ": " << entry.name << said(findings);
        const auto column = entry.column != 0 ? entry.column : first.origin.column;
        EXPECT_EQ(first.origin.column, column) << entry.at << ": " << entry.name << said(findings);
    }
}

TEST(TomlCorpus, HasEnoughCasesAndEachOnce) {
    EXPECT_GE(valid().size() + invalid().size(), 250U);
    std::set<std::string> names;
    for (const auto* cases : {&valid(), &invalid()})
        for (const auto& entry : *cases)
            EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
}

}  // namespace
}  // namespace voicectl::test
