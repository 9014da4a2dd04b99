// SPDX-License-Identifier: Apache-2.0
#include "audio/opus.hpp"

#include "support/signal.hpp"

#include <gtest/gtest.h>

#include <random>

namespace voicectl::audio {
namespace {

using namespace std::chrono_literals;
using tests::Signal;

constexpr std::size_t frame = samples_in(20ms);

/// The signal through encoder and decoder, 20 ms a packet.
Signal there_and_back(const Signal& signal, OpusEncoderOptions options = {}) {
    OpusPacketEncoder encoder(options);
    OpusPacketDecoder decoder;
    Signal out;
    for (std::size_t i = 0; i + frame <= signal.size(); i += frame) {
        const auto packet = encoder.encode(Pcm(signal).subspan(i, frame));
        EXPECT_TRUE(packet) << packet.error().detail;
        if (!packet) break;
        const auto pcm = decoder.decode(packet.value());
        EXPECT_TRUE(pcm) << pcm.error().detail;
        if (!pcm) break;
        EXPECT_EQ(pcm.value().size(), frame);
        tests::append(out, pcm.value());
    }
    return out;
}

TEST(Opus, KeepsATonesPitchAndEnergy) {
    const auto in = tests::tone(440, 1s);
    const auto out = there_and_back(in, {.bitrate_bps = 24'000, .complexity = 5});
    ASSERT_EQ(out.size(), in.size());
    // The first packets fill the codec's look-ahead.
    const auto steady = Pcm(out).subspan(5 * frame, 40 * frame);
    EXPECT_GT(tests::share_at(440, steady), 0.95);
    EXPECT_NEAR(tests::power(steady) / tests::power(in), 1.0, 0.15);
}

TEST(Opus, KeepsTheEnergyOfNoiseWithinThreeDecibels) {
    const auto in = tests::noise(1s);
    const auto out = there_and_back(in, {.bitrate_bps = 32'000, .complexity = 5});
    const auto ratio = tests::power(Pcm(out).subspan(5 * frame)) / tests::power(in);
    EXPECT_GT(ratio, 0.5);
    EXPECT_LT(ratio, 2.0);
}

TEST(Opus, KeepsSilenceSilent) {
    EXPECT_LT(tests::power(there_and_back(tests::silence(1s))), 1e-8);
}

TEST(Opus, EncodesEveryFrameLengthThatExists) {
    for (const std::size_t samples : {60, 120, 240, 480, 960, 1440}) {
        OpusPacketEncoder encoder({});
        OpusPacketDecoder decoder;
        const Signal signal(samples, 100);
        const auto packet = encoder.encode(signal);
        ASSERT_TRUE(packet) << packet.error().detail;
        EXPECT_EQ(decoder.decode(packet.value()).value().size(), samples);
    }
    EXPECT_FALSE(OpusPacketEncoder({}).encode(Signal(481)));
}

TEST(Opus, RefusesEmptyAndOversizePackets) {
    OpusPacketDecoder decoder;
    EXPECT_EQ(decoder.decode({}).error().code, base::Errc::malformed);
    const std::vector<std::byte> large(opus_packet_max + 1);
    EXPECT_EQ(decoder.decode(large).error().code, base::Errc::malformed);
}

TEST(Opus, SurvivesGarbageAndDecodesWhatFollowsIt) {
    std::mt19937 generator(3);
    std::uniform_int_distribution<int> byte(0, 255);
    std::uniform_int_distribution<std::size_t> length(1, 400);
    OpusPacketDecoder decoder;
    int refused = 0;
    for (int i = 0; i < 5000; ++i) {
        std::vector<std::byte> packet(length(generator));
        for (auto& b : packet)
            b = static_cast<std::byte>(byte(generator));
        const auto pcm = decoder.decode(packet);
        if (pcm) {
            ASSERT_LE(pcm.value().size(), 2 * opus_samples_max);
        } else {
            ++refused;
            ASSERT_EQ(pcm.error().code, base::Errc::malformed);
            ASSERT_LE(decoder.conceal().size(), opus_samples_max);
        }
    }
    EXPECT_GT(refused, 100) << "nothing in it was garbage";

    OpusPacketEncoder encoder({});
    const auto signal = tests::tone(440, 1s);
    Signal out;
    for (std::size_t i = 0; i + frame <= signal.size(); i += frame) {
        const auto packet = encoder.encode(Pcm(signal).subspan(i, frame));
        tests::append(out, decoder.decode(packet.value()).value());
    }
    EXPECT_GT(tests::share_at(440, Pcm(out).subspan(10 * frame)), 0.9);
}

TEST(Opus, ConcealsALostPacketWithMoreOfTheSame) {
    const auto signal = tests::tone(440, 1s);
    OpusPacketEncoder encoder({});
    OpusPacketDecoder decoder;
    for (std::size_t i = 0; i + frame <= signal.size(); i += frame)
        (void)decoder.decode(encoder.encode(Pcm(signal).subspan(i, frame)).value());
    EXPECT_TRUE(decoder.conceal().empty()) << "the next packet may tell";
    const auto guess = decoder.conceal();
    ASSERT_EQ(guess.size(), frame);
    EXPECT_GT(tests::power(guess), tests::power(signal) / 4);
    // What never comes back fades away.
    Pcm last = guess;
    for (int i = 0; i < 50; ++i)
        last = decoder.conceal();
    EXPECT_LT(tests::power(last), tests::power(signal) / 100);
}

TEST(Opus, GivesALostPacketWithTheOneAfterIt) {
    OpusPacketEncoder encoder({});
    OpusPacketDecoder decoder;
    const auto packet = encoder.encode(tests::tone(440, 20ms)).value();
    (void)decoder.conceal();
    EXPECT_FALSE(decoder.decode({}));
    EXPECT_EQ(decoder.decode(packet).value().size(), 2 * frame);
    EXPECT_EQ(decoder.decode(packet).value().size(), frame);
}

TEST(Opus, ConcealsBeforeAnyPacketCame) {
    OpusPacketDecoder decoder;
    EXPECT_TRUE(decoder.conceal().empty());
    EXPECT_EQ(decoder.conceal().size(), frame);
}

TEST(Opus, StartsAnewAfterAReset) {
    const auto signal = tests::tone(440, 200ms);
    OpusPacketEncoder used({});
    OpusPacketEncoder fresh({});
    for (std::size_t i = 0; i + frame <= signal.size(); i += frame)
        ASSERT_TRUE(used.encode(Pcm(signal).subspan(i, frame)));
    used.reset();
    const auto after = used.encode(Pcm(signal).first(frame)).value();
    const auto first = fresh.encode(Pcm(signal).first(frame)).value();
    EXPECT_TRUE(std::equal(after.begin(), after.end(), first.begin(), first.end()));
}

TEST(Opus, WorksAfterAMove) {
    OpusPacketEncoder encoder({});
    OpusPacketDecoder decoder;
    auto moved_encoder = std::move(encoder);
    auto moved_decoder = std::move(decoder);
    const auto packet = moved_encoder.encode(tests::tone(440, 20ms));
    EXPECT_EQ(moved_decoder.decode(packet.value()).value().size(), frame);
}

}  // namespace
}  // namespace voicectl::audio
