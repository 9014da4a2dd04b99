// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <new>

namespace voicectl::base {
namespace {

TEST(Secret, PrintsAsRedacted) {
    const Secret key("sk-very-secret");
    EXPECT_EQ(fmt::format("key={}", key), "key=[redacted]");
    EXPECT_EQ(key.reveal(), "sk-very-secret");
}

TEST(Secret, ComparesByValue) {
    EXPECT_TRUE(Secret("abc") == Secret("abc"));
    EXPECT_TRUE(Secret() == Secret(""));
    for (const auto* other : {"", "a", "ab", "abd", "Abc", "abcabc", "abca"}) {
        EXPECT_FALSE(Secret("abc") == Secret(other)) << other;
        EXPECT_FALSE(Secret(other) == Secret("abc")) << other;
    }
}

TEST(Secret, LeavesNothingBehindWhenItMoves) {
    for (const auto* text : {"short", "long enough to live on the heap, away from the object"}) {
        Secret from(text);
        const Secret to(std::move(from));
        EXPECT_EQ(to.reveal(), text);
        EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the question
        Secret next("another");
        Secret last(text);
        next = std::move(last);
        EXPECT_EQ(next.reveal(), text);
        EXPECT_TRUE(last.empty());  // NOLINT(bugprone-use-after-move)
    }
}

TEST(Secret, WipesItsBytesWhenItEnds) {
    alignas(Secret) unsigned char memory[sizeof(Secret)];
    auto* secret = ::new (memory) Secret("fifteen letters");
    const auto holds = [&](const char* part) { return ::memmem(memory, sizeof memory, part, 7) != nullptr; };
    ASSERT_TRUE(holds("letters")) << "the test assumes the place of a short string";
    secret->~Secret();
    EXPECT_FALSE(holds("letters"));
}

TEST(Secret, IsUnharmedByAssignmentToItself) {
    Secret secret("abc");
    const auto& same = secret;
    secret = same;
    EXPECT_EQ(secret.reveal(), "abc");
}

}  // namespace
}  // namespace voicectl::base
