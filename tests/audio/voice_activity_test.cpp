// SPDX-License-Identifier: Apache-2.0
#include "audio/voice_activity.hpp"

#include "audio/resampler.hpp"
#include "audio/sound_file.hpp"
#include "support/signal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
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

/// A quiet room, or one with another noise, with what is put into it from `at` on.
Signal room(std::chrono::milliseconds length, std::chrono::milliseconds at = 0ms, const Signal& burst = {},
            double noise = 0.001) {
    auto signal = tests::noise(length, noise);
    for (std::size_t i = 0; i < burst.size(); ++i) {
        auto& sample = signal[samples_in(at) + i];
        sample = static_cast<Sample>(std::clamp(sample + burst[i], -32768, 32767));
    }
    return signal;
}

/// A vowel of changing pitch: pulses through two resonances.
Signal vowel(std::chrono::milliseconds length, double amplitude, double hertz = 120) {
    std::vector<double> sound(samples_in(length));
    double phase = 1;
    for (double& sample : sound) {
        phase += hertz / pipeline_rate;
        if (phase < 1) continue;
        phase -= 1;
        hertz *= 1.005;
        sample = 1;
    }
    for (const double formant : {600.0, 1200.0}) {
        const double pole = 0.985;
        double last = 0;
        double before = 0;
        for (double& sample : sound) {
            const double turn = 2 * std::numbers::pi * formant / pipeline_rate;
            sample += 2 * pole * std::cos(turn) * last - pole * pole * before;
            before = last;
            last = sample;
        }
    }
    double peak = 0;
    for (const double sample : sound)
        peak = std::max(peak, std::abs(sample));
    Signal signal(sound.size());
    std::transform(sound.begin(), sound.end(), signal.begin(), [&](double sample) {
        return static_cast<Sample>(std::lround(32767 * amplitude * sample / peak));
    });
    return signal;
}

/// An utterance of asterisk's, trimmed of what is fainter than -45 dB at its edges.
Signal prompt(const std::string& name) {
    const auto recording = read_recording("/usr/share/asterisk/sounds/en_US_f_Allison/" + name + ".wav");
    if (!recording) return {};
    auto signal = resample(recording.value().samples, recording.value().rate, pipeline_rate);
    const auto loud = [](Sample sample) { return std::abs(sample) > 184; };
    signal.erase(std::find_if(signal.rbegin(), signal.rend(), loud).base(), signal.end());
    signal.erase(signal.begin(), std::find_if(signal.begin(), signal.end(), loud));
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

TEST(VoiceActivity, HearsAVowelBeginWithinFortyMilliseconds) {
    for (const double amplitude : {0.5, 0.1, 0.03}) {
        const auto signal = room(2s, 1s, vowel(300ms, amplitude));
        VoiceActivity activity;
        constexpr auto step = samples_in(10ms);
        std::size_t at = 0;
        for (; at < signal.size() && !activity.onset(); at += step)
            activity.process(Pcm(signal).subspan(at, step));
        EXPECT_GT(ms(at), 1000) << amplitude;
        EXPECT_LE(ms(at), 1040) << amplitude;
        EXPECT_NEAR(ms(activity.speech_start()), 1000, 30) << amplitude;
        activity.process(Pcm(signal).subspan(at));
        EXPECT_FALSE(activity.onset()) << amplitude;
        EXPECT_EQ(activity.onsets(), 1U) << amplitude;
    }
}

TEST(VoiceActivity, CountsOfASoundNoMoreThanItsLength) {
    for (const auto offset : {0ms, 3ms, 7ms}) {
        for (const double amplitude : {0.8, 0.1}) {
            // Loud enough a room for what follows the sound to count, were it taken for speech.
            VoiceActivity hum;
            (void)utterances(hum, room(2s, 1s + offset, vowel(250ms, amplitude), 0.01));
            EXPECT_LE(hum.voiced(), 250ms) << offset.count() << " " << amplitude;
            EXPECT_GE(hum.voiced(), 200ms) << offset.count() << " " << amplitude;
            VoiceActivity cough;
            (void)utterances(cough, room(2s, 1s + offset, tests::noise(250ms, amplitude), 0.01));
            EXPECT_LE(ms(cough.speech_end()), 1260 + static_cast<double>(offset.count()));
            EXPECT_LE(cough.voiced(), 250ms) << offset.count() << " " << amplitude;
        }
    }
}

TEST(VoiceActivity, TellsAVoiceFromABurstOfNoise) {
    VoiceActivity voice;
    (void)utterances(voice, room(2s, 1s, vowel(400ms, 0.3)));
    EXPECT_GT(voice.voicing(), 0.7F);
    VoiceActivity noise;
    (void)utterances(noise, room(2s, 1s, tests::noise(400ms, 0.3)));
    EXPECT_LT(noise.voicing(), 0.2F);
    EXPECT_GT(noise.voiced(), 350ms);
    // A cough of 150 ms is long enough for a voice only.
    VoiceActivity hum;
    EXPECT_EQ(utterances(hum, room(2s, 1s, vowel(150ms, 0.3))).size(), 1U);
    VoiceActivity cough;
    EXPECT_TRUE(utterances(cough, room(2s, 1s, tests::noise(150ms, 0.3))).empty());
}

TEST(VoiceActivity, IsSureOfShortWordsSpokenByAPerson) {
    for (const auto* name : {"activated", "added", "cancelled", "calling", "agent-loggedoff"}) {
        const auto word = prompt(name);
        ASSERT_GT(word.size(), samples_in(300ms)) << name;
        VoiceActivity activity;
        (void)utterances(activity, room(4s, 1s, word));
        EXPECT_GT(activity.voiced(), 250ms) << name;
        EXPECT_GT(activity.voicing(), 0.3F) << name;
    }
}

TEST(VoiceActivity, HoldsNothingForASteadyNoiseAtAnyLevel) {
    std::uint64_t onsets = 0;
    unsigned seed = 1;
    for (const double amplitude : {0.005, 0.02, 0.1, 0.3}) {
        for (int run = 0; run < 10; ++run) {
            VoiceActivity activity;
            (void)utterances(activity, tests::noise(20s, amplitude, ++seed));
            onsets += activity.onsets();
        }
    }
    EXPECT_LE(onsets, 1U) << "in 13 minutes";
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
        EXPECT_EQ(activity.voiced(), 790ms) << chunk;
        EXPECT_EQ(activity.onsets(), 1U) << chunk;
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

TEST(VoiceActivity, KnowsTheRoomAgainAfterAMute) {
    // -40 dB: enough to be speech, were it not the room.
    for (const auto first : {0ms, 2000ms}) {
        VoiceActivity activity;
        auto signal = tests::noise(first, 0.017);
        tests::append(signal, tests::silence(3s));
        tests::append(signal, tests::noise(3s, 0.017, 2));
        EXPECT_TRUE(utterances(activity, signal).empty());
        EXPECT_EQ(activity.onsets(), 0U) << "unmuted after " << first.count() << " ms of noise";
    }
}

TEST(VoiceActivity, HearsTheFirstWordAfterDigitalSilence) {
    VoiceActivity activity;
    auto signal = tests::silence(1s);
    tests::append(signal, tests::voice(400ms));
    tests::append(signal, tests::silence(300ms));
    const auto found = utterances(activity, signal);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NEAR(found[0].start_ms, 1000, 40);
}

TEST(VoiceActivity, HearsEveryUtteranceThroughANoiseGate) {
    const auto recording = read_recording("/usr/share/asterisk/sounds/en_US_f_Allison/hello-world.wav");
    ASSERT_TRUE(recording) << recording.error().detail;
    Signal signal;
    for (int i = 0; i < 20; ++i) {
        tests::append(signal, tests::silence(1500ms));
        tests::append(signal, resample(recording.value().samples, recording.value().rate, pipeline_rate));
    }
    tests::append(signal, tests::silence(1s));
    VoiceActivity activity;
    const auto found = utterances(activity, signal);
    ASSERT_EQ(found.size(), 20U);
    EXPECT_NEAR(found[19].end_ms - found[19].start_ms, found[0].end_ms - found[0].start_ms, 60);
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
