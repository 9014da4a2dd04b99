// SPDX-License-Identifier: Apache-2.0
#include "session/playout.hpp"

#include <gtest/gtest.h>

#include <random>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using session::Playout;
using session::PlayoutOptions;

constexpr base::Time start{1000h};

std::vector<audio::Sample> take_due(Playout& playout, base::Time now) {
    std::vector<audio::Sample> taken;
    while (true) {
        const auto frame = playout.next_frame(now);
        if (frame.empty()) return taken;
        taken.insert(taken.end(), frame.begin(), frame.end());
    }
}

TEST(Playout, KeepsAFrameBackUntilItIsFullOrTheReplyIsWhole) {
    Playout playout(PlayoutOptions{});
    playout.push(std::vector<audio::Sample>(479, 7));
    EXPECT_TRUE(playout.next_frame(start).empty());
    playout.finish();
    const auto frame = playout.next_frame(start);
    ASSERT_EQ(frame.size(), 480U);
    EXPECT_EQ(frame[478], 7);
    EXPECT_EQ(frame[479], 0) << "the last frame is padded with silence";
    EXPECT_TRUE(playout.drained());
}

TEST(Playout, HandsOutEverySampleOnceInOrderHoweverItArrives) {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        Playout playout(PlayoutOptions{});
        std::vector<audio::Sample> in;
        std::vector<audio::Sample> out;
        auto now = start;
        for (int step = 0; step < 50; ++step) {
            std::vector<audio::Sample> piece(random() % 3000);
            for (auto& sample : piece)
                sample = static_cast<audio::Sample>(random());
            playout.push(piece);
            in.insert(in.end(), piece.begin(), piece.end());
            now += std::chrono::milliseconds(random() % 120);
            const auto taken = take_due(playout, now);
            out.insert(out.end(), taken.begin(), taken.end());
            EXPECT_LE(playout.heard(now), playout.sent());
        }
        playout.finish();
        const auto rest = take_due(playout, now + 1h);
        out.insert(out.end(), rest.begin(), rest.end());
        // All that is left came due within the hour, a lead at a time at the most.
        while (!playout.drained()) {
            now += 1h;
            const auto more = take_due(playout, now);
            out.insert(out.end(), more.begin(), more.end());
        }
        ASSERT_GE(out.size(), in.size());
        out.resize(in.size());
        ASSERT_EQ(out, in);
    }
}

TEST(Playout, DoesNotCountAGapAsHeard) {
    Playout playout(PlayoutOptions{});
    playout.push(std::vector<audio::Sample>(audio::samples_in(100ms), 1));
    take_due(playout, start);
    EXPECT_EQ(playout.heard(start + 5s), 100ms);
    playout.push(std::vector<audio::Sample>(audio::samples_in(400ms), 1));
    take_due(playout, start + 5s);
    EXPECT_EQ(playout.heard(start + 5s), 100ms);
    EXPECT_EQ(playout.heard(start + 5s + 50ms), 150ms);
}

TEST(Playout, RefusesWhatItIsNotToHold) {
    PlayoutOptions options;
    options.held_max = 1s;
    Playout playout(options);
    EXPECT_TRUE(playout.push(std::vector<audio::Sample>(audio::samples_in(1s))));
    EXPECT_FALSE(playout.push(std::vector<audio::Sample>(1)));
    EXPECT_EQ(playout.received(), 1s);
}

}  // namespace
}  // namespace voicectl::test
