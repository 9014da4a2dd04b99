// SPDX-License-Identifier: Apache-2.0
#include "audio/noise_floor.hpp"

#include <gtest/gtest.h>

#include <random>

namespace voicectl::audio {
namespace {

/// Windows of noise, `level_db` on average in every band, straying by a few dB.
class Room {
 public:
    NoiseFloor::Levels window(float level_db) {
        NoiseFloor::Levels levels;
        for (float& level : levels)
            level = level_db + static_cast<float>(random_() % 6001) / 1000 - 3;
        return levels;
    }
    void hear(NoiseFloor& floor, float level_db, int windows,
              NoiseFloor::Sound sound = NoiseFloor::Sound::noise) {
        for (int i = 0; i < windows; ++i)
            floor.follow(window(level_db), sound);
    }

 private:
    std::mt19937 random_{3};
};

NoiseFloor::Levels even(float level_db) {
    NoiseFloor::Levels levels;
    levels.fill(level_db);
    return levels;
}

TEST(NoiseFloor, LeavesLittleEvidenceInTheNoiseItHasHeard) {
    Room room;
    NoiseFloor floor;
    room.hear(floor, -50, 100);
    float sum = 0;
    for (int i = 0; i < 100; ++i)
        sum += floor.evidence_db(room.window(-50));
    EXPECT_LT(sum / 100, 0.6F);
    EXPECT_NEAR(floor.evidence_db(even(-40)), 8.5, 1.5);
    EXPECT_FLOAT_EQ(floor.evidence_db(even(0)), 18) << "no band counts for more";
}

TEST(NoiseFloor, StaysBelowSpeechThatPauses) {
    Room room;
    NoiseFloor floor;
    room.hear(floor, -50, 100);
    for (int syllable = 0; syllable < 30; ++syllable) {
        room.hear(floor, -30, 20, NoiseFloor::Sound::speech);
        room.hear(floor, -50, 8);
    }
    EXPECT_GT(floor.evidence_db(even(-30)), 9);
}

TEST(NoiseFloor, RisesUnderANoiseThatNeverPausesThoughItLooksLikeSpeech) {
    Room room;
    NoiseFloor floor;
    room.hear(floor, -60, 100);
    room.hear(floor, -30, 300, NoiseFloor::Sound::speech);
    EXPECT_LT(floor.evidence_db(even(-30)), 1.5F);
}

TEST(NoiseFloor, FallsAtOnceWhereANoiseEnds) {
    Room room;
    NoiseFloor floor;
    room.hear(floor, -30, 200);
    room.hear(floor, -60, 20);
    EXPECT_GT(floor.evidence_db(even(-30)), 15);
}

TEST(NoiseFloor, LearnsThatANoiseIsUneven) {
    Room room;
    NoiseFloor steady;
    NoiseFloor uneven;
    std::mt19937 random(5);
    for (int i = 0; i < 500; ++i) {
        steady.follow(room.window(-50), NoiseFloor::Sound::noise);
        uneven.follow(room.window(-50 + static_cast<float>(random() % 17) - 8), NoiseFloor::Sound::noise);
    }
    EXPECT_GT(steady.evidence_db(even(-42)), uneven.evidence_db(even(-42)) + 1);
}

TEST(NoiseFloor, IsKeptWhileTheMicrophoneIsMuted) {
    Room room;
    NoiseFloor floor;
    room.hear(floor, -40, 100);
    const auto before = floor.evidence_db(even(-30));
    room.hear(floor, -60, 2);  // half muted already
    room.hear(floor, BandEnergies::level_min_db, 1000, NoiseFloor::Sound::silence);
    room.hear(floor, -60, 2);
    EXPECT_NEAR(floor.evidence_db(even(-30)), before, 0.3);
}

TEST(NoiseFloor, LearnsARoomBehindSilenceFromWhatNeverPauses) {
    Room room;
    NoiseFloor floor;
    for (int word = 0; word < 10; ++word) {
        room.hear(floor, BandEnergies::level_min_db, 30, NoiseFloor::Sound::silence);
        room.hear(floor, -30, 40);
        EXPECT_FALSE(floor.known());
    }
    room.hear(floor, -40, 100);
    EXPECT_TRUE(floor.known());
    EXPECT_LT(floor.evidence_db(even(-40)), 1);
}

}  // namespace
}  // namespace voicectl::audio
