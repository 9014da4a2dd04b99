// SPDX-License-Identifier: Apache-2.0
#include "net/backoff.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace voicectl::net {
namespace {

using namespace std::chrono_literals;

constexpr BackoffLimits limits{100ms, 1'000ms};

std::vector<std::chrono::milliseconds> delays(Backoff backoff, std::size_t count) {
    std::vector<std::chrono::milliseconds> drawn(count);
    std::ranges::generate(drawn, [&] { return backoff.next(); });
    return drawn;
}

TEST(Backoff, RepeatsItselfUnderASeedAndNotUnderAnother) {
    EXPECT_EQ(delays(Backoff(limits, 7), 20), delays(Backoff(limits, 7), 20));
    EXPECT_NE(delays(Backoff(limits, 7), 20), delays(Backoff(limits, 8), 20));
}

TEST(Backoff, DoublesItsCeilingUpToTheLongest) {
    std::vector<std::chrono::milliseconds> most(6);
    for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
        const auto drawn = delays(Backoff(limits, seed), most.size());
        for (std::size_t i = 0; i < most.size(); ++i)
            most[i] = std::max(most[i], drawn[i]);
    }
    const std::vector<std::chrono::milliseconds> ceilings{100ms, 200ms, 400ms, 800ms, 1'000ms, 1'000ms};
    for (std::size_t i = 0; i < most.size(); ++i) {
        EXPECT_LE(most[i], ceilings[i]);
        EXPECT_GE(most[i], ceilings[i] * 98 / 100);
    }
}

TEST(Backoff, BeginsAnewAfterASuccess) {
    Backoff backoff(limits, 1);
    for (int i = 0; i < 1'000; ++i) {
        backoff.next();
        backoff.next();
        backoff.reset();
        EXPECT_LE(backoff.next(), 100ms);
        backoff.reset();
    }
}

// Kolmogorov-Smirnov against the uniform distribution; 1.63 is the bound for p = 0.01.
TEST(Backoff, SpreadsItsDelaysEvenly) {
    auto drawn = delays(Backoff({100'000ms, 100'000ms}, 42), 1'000);
    std::ranges::sort(drawn);
    double distance = 0;
    const auto count = static_cast<double>(drawn.size());
    for (std::size_t i = 0; i < drawn.size(); ++i) {
        const auto uniform = static_cast<double>(drawn[i].count()) / 100'000;
        distance = std::max({distance, std::abs(uniform - static_cast<double>(i) / count),
                             std::abs(uniform - static_cast<double>(i + 1) / count)});
    }
    EXPECT_LT(distance * std::sqrt(count), 1.63);
}

}  // namespace
}  // namespace voicectl::net
