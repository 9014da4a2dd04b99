// SPDX-License-Identifier: Apache-2.0
#include "upstream/breaker.hpp"

#include <gtest/gtest.h>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using upstream::Breaker;
using upstream::BreakerOptions;
using State = Breaker::State;

constexpr base::Time start{1000h};

BreakerOptions impatient() {
    BreakerOptions options;
    options.failures_max = 1;
    return options;
}

TEST(Breaker, OpensAfterFailuresInARow) {
    Breaker breaker;
    for (std::uint64_t lease = 1; lease <= 4; ++lease)
        breaker.granted(lease);
    EXPECT_FALSE(breaker.failed(1, start));
    EXPECT_FALSE(breaker.failed(2, start));
    EXPECT_FALSE(breaker.succeeded(3, start));
    EXPECT_FALSE(breaker.failed(3, start));
    EXPECT_FALSE(breaker.failed(4, start));
    EXPECT_EQ(breaker.failed(4, start), 500ms);
    EXPECT_EQ(breaker.state(), State::open);
    EXPECT_EQ(breaker.free_at(false), start + 500ms);
}

TEST(Breaker, StaysOpenTwiceAsLongEachTimeUpToAMost) {
    Breaker breaker(impatient());
    auto now = start;
    std::uint64_t lease = 0;
    for (const base::Duration expected :
         {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms}) {
        breaker.granted(++lease);
        EXPECT_EQ(breaker.failed(lease, now), expected);
        now += expected;
    }
}

TEST(Breaker, BeginsAnewAfterACalmTimeButNotForOneGoodConnection) {
    Breaker breaker(impatient());
    breaker.granted(1);
    breaker.failed(1, start);
    breaker.granted(2);
    EXPECT_TRUE(breaker.succeeded(2, start + 1s));
    EXPECT_EQ(breaker.failed(2, start + 2s), 1s) << "it connects, and dies";
    breaker.granted(3);
    EXPECT_TRUE(breaker.succeeded(3, start + 4s));
    EXPECT_EQ(breaker.failed(3, start + 64s), 500ms);
}

TEST(Breaker, AnOutageCountsOnceHoweverManyTellOfIt) {
    Breaker breaker(impatient());
    for (std::uint64_t lease = 1; lease <= 100; ++lease)
        breaker.granted(lease);
    EXPECT_TRUE(breaker.failed(1, start));
    for (std::uint64_t lease = 2; lease <= 100; ++lease)
        EXPECT_FALSE(breaker.failed(lease, start + 1ms));
    breaker.granted(101);
    EXPECT_FALSE(breaker.failed(50, start + 600ms)) << "not the probe";
    EXPECT_FALSE(breaker.succeeded(50, start + 600ms)) << "not the probe";
    EXPECT_TRUE(breaker.succeeded(101, start + 700ms));
    EXPECT_FALSE(breaker.failed(50, start + 800ms)) << "older than the opening";
    EXPECT_EQ(breaker.state(), State::closed);
}

TEST(Breaker, AProbeWithoutAVerdictMakesWayForAnother) {
    Breaker breaker(impatient());
    breaker.granted(1);
    breaker.failed(1, start);
    breaker.granted(2);
    EXPECT_EQ(breaker.free_at(false), std::nullopt);
    breaker.released(1);
    EXPECT_EQ(breaker.state(), State::probing);
    breaker.released(2);
    EXPECT_EQ(breaker.free_at(false), start + 500ms);
}

TEST(Breaker, WaitsLessWhereNoOtherIsClosed) {
    Breaker breaker(impatient());
    auto now = start;
    for (std::uint64_t lease = 1; lease <= 8; ++lease) {
        breaker.granted(lease);
        now += 1min;
        breaker.failed(lease, now);
    }
    EXPECT_EQ(breaker.free_at(false), now + 30s);
    EXPECT_EQ(breaker.free_at(true), now + 1s);
}

}  // namespace
}  // namespace voicectl::test
