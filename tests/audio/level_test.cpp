// SPDX-License-Identifier: Apache-2.0
#include "audio/level.hpp"

#include "support/signal.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace voicectl::audio {
namespace {

using namespace std::chrono_literals;

TEST(Level, IsZeroForSilenceAndForNothing) {
    EXPECT_EQ(rms(tests::silence(20ms)), 0.0F);
    EXPECT_EQ(rms({}), 0.0F);
    EXPECT_EQ(rms_db({}), -100.0F);
    EXPECT_EQ(meter_level(tests::silence(20ms)), 0.0F);
}

TEST(Level, IsOneForFullScale) {
    const tests::Signal loudest(480, std::numeric_limits<Sample>::min());
    EXPECT_FLOAT_EQ(rms(loudest), 1.0F);
    EXPECT_FLOAT_EQ(rms_db(loudest), 0.0F);
    EXPECT_FLOAT_EQ(meter_level(loudest), 1.0F);
}

TEST(Level, FollowsATonesAmplitude) {
    EXPECT_NEAR(rms(tests::tone(440, 1s, 0.5)), 0.3536, 0.001);
    EXPECT_NEAR(rms_db(tests::tone(440, 1s, 0.5)) - rms_db(tests::tone(440, 1s, 0.05)), 20.0, 0.1);
}

TEST(Level, IsLinearInDecibelsOnTheMeter) {
    const tests::Signal minus_thirty(480, 1036);
    EXPECT_NEAR(meter_level(minus_thirty), 0.5, 0.001);
    const tests::Signal faint(480, 1);
    EXPECT_EQ(meter_level(faint), 0.0F);
}

}  // namespace
}  // namespace voicectl::audio
