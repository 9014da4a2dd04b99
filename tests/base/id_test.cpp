// SPDX-License-Identifier: Apache-2.0
#include "base/id.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

namespace voicectl::base {
namespace {

TEST(Id, HasItsPrefixAndTwentyOneLettersOrDigits) {
    const auto id = make_id("sess_");
    ASSERT_EQ(id.size(), 5 + 21U);
    EXPECT_TRUE(id.starts_with("sess_"));
    for (const char c : id.substr(5))
        EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c))) << id;
}

TEST(Id, NeverComesTwice) {
    std::set<std::string> seen;
    for (int i = 0; i < 10'000; ++i)
        EXPECT_TRUE(seen.insert(make_id("")).second);
}

TEST(Id, UsesEveryLetterAboutEquallyOften) {
    std::map<char, int> counts;
    constexpr int ids = 5000;
    for (int i = 0; i < ids; ++i)
        for (const char c : make_id(""))
            ++counts[c];
    EXPECT_EQ(counts.size(), 62U);
    // 1694 of each are expected, with a standard deviation of 41: eight of those either way never happen.
    for (const auto& [letter, count] : counts)
        EXPECT_NEAR(count, ids * 21 / 62.0, 330) << letter;
}

TEST(Id, FillsBytesAtRandom) {
    std::array<std::byte, 64> first{};
    std::array<std::byte, 64> second{};
    fill_random(first);
    fill_random(second);
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace voicectl::base
