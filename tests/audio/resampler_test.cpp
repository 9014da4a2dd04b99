// SPDX-License-Identifier: Apache-2.0
#include "audio/resampler.hpp"

#include "support/signal.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

namespace voicectl::audio {
namespace {

using namespace std::chrono_literals;
using tests::Signal;

constexpr std::pair<int, int> ratios[] = {{8000, 24'000},   {16'000, 24'000}, {24'000, 8000},
                                          {24'000, 16'000}, {24'000, 48'000}, {44'100, 24'000}};

Signal in_chunks(Pcm input, int from, int to, std::size_t chunk) {
    Resampler resampler(from, to, 7);
    Signal out;
    for (std::size_t i = 0; i < input.size(); i += chunk)
        tests::append(out, resampler.process(input.subspan(i, std::min(chunk, input.size() - i))));
    tests::append(out, resampler.flush());
    return out;
}

TEST(Resampler, KeepsLengthPitchAndEnergy) {
    for (const auto& [from, to] : ratios) {
        const auto in = tests::tone(1000, 1s, 0.5, from);
        const auto out = resample(in, from, to);
        EXPECT_NEAR(static_cast<double>(out.size()), to, to / 100.0) << from << " to " << to;
        const auto steady = Pcm(out).subspan(out.size() / 10, out.size() * 8 / 10);
        EXPECT_GT(tests::share_at(1000, steady, to), 0.99) << from << " to " << to;
        EXPECT_NEAR(tests::power(steady) / tests::power(in), 1.0, 0.05) << from << " to " << to;
    }
}

TEST(Resampler, GivesTheSameInChunksOfAnySizeAsInOne) {
    for (const auto& [from, to] : ratios) {
        const auto in = tests::tone(700, 500ms, 0.5, from);
        const auto whole = in_chunks(in, from, to, in.size());
        for (const std::size_t chunk : {1, 7, 160, 441, 480, 4096}) {
            const auto pieces = in_chunks(in, from, to, chunk);
            ASSERT_EQ(pieces.size(), whole.size()) << from << " to " << to << " by " << chunk;
            for (std::size_t i = 0; i < whole.size(); ++i)
                ASSERT_LE(std::abs(pieces[i] - whole[i]), 2)
                    << from << " to " << to << " by " << chunk << " at " << i;
        }
    }
}

TEST(Resampler, RemovesWhatTheLowerRateCannotHold) {
    const auto in = tests::tone(7000, 1s, 0.5, 24'000);
    EXPECT_LT(tests::power(resample(in, 24'000, 8000)), tests::power(in) / 1000);
}

TEST(Resampler, PassesEqualRatesThroughUntouched) {
    Resampler resampler(24'000, 24'000);
    const auto in = tests::noise(20ms);
    const auto out = resampler.process(in);
    EXPECT_TRUE(std::equal(out.begin(), out.end(), in.begin(), in.end()));
    EXPECT_TRUE(resampler.flush().empty());
}

TEST(Resampler, TakesAnEmptyChunk) {
    Resampler resampler(16'000, 24'000);
    EXPECT_TRUE(resampler.process({}).empty());
}

}  // namespace
}  // namespace voicectl::audio
