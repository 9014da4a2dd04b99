// SPDX-License-Identifier: Apache-2.0
#include "upstream/group_limits.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using namespace upstream;

constexpr base::Time start{1000h};

TEST(GroupLimits, WhatTheUpstreamSaidIsForgottenWhenItsResetTimePasses) {
    GroupLimits limits;
    EXPECT_EQ(limits.room(start), Room::ample);
    limits.learn(LimitsUpdated{{}, RateLimit{40'000, 3'000, 6s}}, start);
    EXPECT_EQ(limits.room(start), Room::scarce);
    EXPECT_EQ(limits.room(start + 6s), Room::ample);
    limits.learn(LimitsUpdated{RateLimit{100, 0, 1.5s}, {}}, start);
    EXPECT_EQ(limits.room(start + 1s), Room::none);
    EXPECT_EQ(limits.free_at(start), start + 1500ms);
    EXPECT_EQ(limits.room(start + 1500ms), Room::scarce) << "the tokens are still few";
}

TEST(GroupLimits, LaterWordReplacesEarlierWord) {
    GroupLimits limits;
    limits.learn(LimitsUpdated{{}, RateLimit{40'000, 0, 60s}}, start);
    limits.learn(LimitsUpdated{{}, RateLimit{40'000, 39'000, 1s}}, start + 1s);
    EXPECT_EQ(limits.room(start + 1s), Room::ample);
}

TEST(GroupLimits, NonsenseTakesNothingOutForGood) {
    constexpr auto infinity = std::numeric_limits<double>::infinity();
    constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    for (const double reset : {-1.0, 0.0, 1e300, infinity, -infinity, nan}) {
        GroupLimits limits;
        limits.learn(LimitsUpdated{RateLimit{0, least, std::chrono::duration<double>(reset)}, {}}, start);
        limits.learn(Throttled{std::chrono::milliseconds::max()}, start);
        EXPECT_LE(limits.free_at(start), start + 10min) << reset;
        EXPECT_EQ(limits.room(start + 10min), Room::ample) << reset;
    }
}

TEST(GroupLimits, A429HoldsForAsLongAsItSays) {
    GroupLimits limits;
    limits.learn(Throttled{20s}, start);
    limits.learn(Throttled{}, start + 1s);
    EXPECT_EQ(limits.free_at(start + 2s), start + 20s);
    EXPECT_EQ(limits.room(start + 20s), Room::ample);
}

TEST(GroupLimits, AnOwnBudgetFillsUpWithinAMinuteAndOwesNoMoreThanOne) {
    GroupLimits limits;
    limits.set_budget({0, 6'000});
    limits.learn(Spent{6'000}, start);
    EXPECT_EQ(limits.room(start), Room::none);
    EXPECT_EQ(limits.room(start + 1s), Room::ample);
    limits.learn(Spent{1'000'000'000}, start + 1s);
    EXPECT_GT(limits.free_at(start + 1s), start + 59s);
    EXPECT_LE(limits.free_at(start + 1s), start + 62s);
    EXPECT_EQ(limits.room(limits.free_at(start + 1s)), Room::ample);
}

TEST(GroupLimits, AReloadFillsNoBudget) {
    GroupLimits limits;
    limits.set_budget({10, 0});
    for (int i = 0; i < 10; ++i)
        limits.learn(Spent{5}, start);
    limits.set_budget({20, 0});
    EXPECT_EQ(limits.room(start), Room::none);
    limits.set_budget({0, 0});
    EXPECT_EQ(limits.room(start), Room::ample);
}

}  // namespace
}  // namespace voicectl::test
