// SPDX-License-Identifier: Apache-2.0
#include "audio/voice_activity.hpp"

#include "audio/resampler.hpp"
#include "audio/sound_file.hpp"
#include "support/signal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace voicectl::audio {
namespace {

using namespace std::chrono_literals;
using Change = VoiceActivity::Change;
using tests::Signal;

struct Utterance {
    double start_ms;
    double end_ms;
};

double ms(std::uint64_t samples) {
    return static_cast<double>(samples) * 1000 / pipeline_rate;
}

/// The utterances in a signal that is given `chunk` samples at a time.
std::vector<Utterance> utterances(VoiceActivity& activity, Pcm pcm, std::size_t chunk = samples_in(20ms)) {
    std::vector<Utterance> found;
    for (std::size_t i = 0; i < pcm.size(); i += chunk) {
        const auto change = activity.process(pcm.subspan(i, std::min(chunk, pcm.size() - i)));
        if (change == Change::started) found.push_back({ms(activity.speech_start()), 0});
        if (change == Change::stopped && !found.empty()) found.back().end_ms = ms(activity.speech_end());
    }
    return found;
}

/// A quiet room, with what is put into it from `at` on.
Signal room(std::chrono::milliseconds length, std::chrono::milliseconds at = 0ms, const Signal& burst = {}) {
    auto signal = tests::noise(length, 0.001);
    std::copy(burst.begin(), burst.end(), signal.begin() + static_cast<std::ptrdiff_t>(samples_in(at)));
    return signal;
}

TEST(VoiceActivity, FindsWhereABurstBeginsAndEnds) {
    VoiceActivity activity;
    const auto found = utterances(activity, room(3s, 1s, tests::noise(600ms, 0.3)));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NEAR(found[0].start_ms, 1000, 10);
    EXPECT_NEAR(found[0].end_ms, 1600, 10);
    EXPECT_FALSE(activity.active());
    EXPECT_EQ(activity.position(), samples_in(3s));
}

TEST(VoiceActivity, HearsNothingInSilenceOrAQuietRoom) {
    VoiceActivity silent;
    EXPECT_TRUE(utterances(silent, tests::silence(5s)).empty());
    VoiceActivity quiet;
    EXPECT_TRUE(utterances(quiet, room(5s)).empty());
}

TEST(VoiceActivity, TakesNoClickForSpeech) {
    VoiceActivity activity;
    EXPECT_TRUE(utterances(activity, room(2s, 500ms, tests::noise(30ms, 0.9))).empty());
}

TEST(VoiceActivity, BridgesAPauseShorterThanTheHangTime) {
    auto signal = room(4s, 500ms, tests::noise(500ms, 0.3));
    const auto second = tests::noise(500ms, 0.3, 2);
    std::copy(second.begin(), second.end(), signal.begin() + samples_in(1300ms));
    VoiceActivity activity;
    const auto found = utterances(activity, signal);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NEAR(found[0].end_ms, 1800, 10);

    VoiceActivityOptions options;
    options.hang_time = 200ms;
    VoiceActivity hasty(options);
    EXPECT_EQ(utterances(hasty, signal).size(), 2U);
}

TEST(VoiceActivity, GivesTheSameAnswerHoweverTheSamplesAreCut) {
    const auto signal = room(3s, 700ms, tests::noise(800ms, 0.2));
    for (const std::size_t chunk : {60UL, 100UL, 239UL, 240UL, 480UL, 1000UL}) {
        VoiceActivity activity;
        const auto found = utterances(activity, signal, chunk);
        ASSERT_EQ(found.size(), 1U) << chunk;
        EXPECT_NEAR(found[0].start_ms, 700, 10) << chunk;
        EXPECT_NEAR(found[0].end_ms, 1500, 10) << chunk;
    }
}

TEST(VoiceActivity, FollowsARoomThatIsLoudFromTheStart) {
    // A fan at -38 dB: heard as speech at first, taken for the room in the end.
    VoiceActivity activity;
    auto signal = tests::noise(30s, 0.022);
    (void)utterances(activity, signal);
    EXPECT_FALSE(activity.active());
    EXPECT_EQ(utterances(activity, tests::noise(500ms, 0.5)).size(), 1U);
}

TEST(VoiceActivity, ForgetsAnUtteranceThatWasEndedByHand) {
    VoiceActivity activity;
    ASSERT_EQ(utterances(activity, room(1s, 500ms, tests::noise(500ms, 0.3))).size(), 1U);
    ASSERT_TRUE(activity.active());
    activity.end_utterance();
    EXPECT_FALSE(activity.active());
    EXPECT_EQ(utterances(activity, tests::noise(500ms, 0.3)).size(), 1U);
}

TEST(VoiceActivity, FindsARealSentenceAndItsEnd) {
    const std::string folder = "/usr/share/pocketsphinx/test/data/librivox/";
    int heard = 0;
    for (const auto* clip : {"0870", "0880", "0890", "0920", "0930"}) {
        const auto recording =
            read_recording(folder + "sense_and_sensibility_01_austen_64kb-" + clip + ".wav");
        ASSERT_TRUE(recording) << recording.error().detail;
        auto signal = resample(recording.value().samples, recording.value().rate, pipeline_rate);
        const auto speech_ms = ms(signal.size());
        tests::append(signal, tests::noise(1s, 0.001));
        VoiceActivity activity;
        const auto found = utterances(activity, signal);
        ASSERT_FALSE(found.empty()) << clip;
        EXPECT_LT(found.front().start_ms, 1000) << clip;
        EXPECT_GT(found.back().end_ms, speech_ms * 0.7) << clip;
        EXPECT_LE(found.back().end_ms, speech_ms + 20) << clip;
        double spoken = 0;
        for (const auto& [start, end] : found)
            spoken += end - start;
        EXPECT_GT(spoken, speech_ms * 0.6) << clip;
        ++heard;
    }
    EXPECT_EQ(heard, 5);
}

}  // namespace
}  // namespace voicectl::audio
