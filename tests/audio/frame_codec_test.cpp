// SPDX-License-Identifier: Apache-2.0
#include "audio/frame_decoder.hpp"
#include "audio/frame_encoder.hpp"
#include "support/signal.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace voicectl::audio {
namespace {

using namespace std::chrono_literals;
using tests::Signal;

constexpr AudioFormat formats[] = {{Codec::opus, 48'000, 20},  {Codec::pcm16, 8000, 20},
                                   {Codec::pcm16, 16'000, 20}, {Codec::pcm16, 24'000, 20},
                                   {Codec::pcm16, 48'000, 20}, {Codec::opus, 48'000, 60},
                                   {Codec::pcm16, 8000, 60}};

std::string name(const AudioFormat& format) {
    return fmt::format("{} at {} by {} ms", name_of(format.codec), format.rate, format.frame_ms);
}

TEST(FrameCodec, CarriesAToneThereAndBackInEveryFormat) {
    const auto signal = tests::tone(440, 1200ms);
    for (const auto& format : formats) {
        FrameEncoder encoder(format, {24'000, 5});
        FrameDecoder decoder(format);
        const auto frame = samples_in(std::chrono::milliseconds(format.frame_ms));
        Signal out;
        for (std::size_t i = 0; i + frame <= signal.size(); i += frame) {
            const auto message = encoder.encode(Pcm(signal).subspan(i, frame));
            ASSERT_TRUE(message) << name(format);
            const auto pcm = decoder.decode(message.value());
            ASSERT_TRUE(pcm) << name(format) << ": " << pcm.error().detail;
            tests::append(out, pcm.value());
        }
        EXPECT_NEAR(static_cast<double>(out.size()), static_cast<double>(signal.size()), 200) << name(format);
        const auto steady = Pcm(out).subspan(out.size() / 4, out.size() / 2);
        EXPECT_GT(tests::share_at(440, steady), 0.95) << name(format);
        EXPECT_NEAR(tests::power(steady) / tests::power(signal), 1.0, 0.2) << name(format);
    }
}

TEST(FrameCodec, RefusesFramesOverTheirLimit) {
    const auto code = [](AudioFormat format, std::size_t size) {
        FrameDecoder decoder(format);
        const std::vector<std::byte> frame(size);
        const auto pcm = decoder.decode(frame);
        return pcm ? base::Errc::internal : pcm.error().code;
    };
    constexpr auto accepted = base::Errc::internal;
    EXPECT_EQ(code({Codec::pcm16, 8000, 20}, 960), accepted);
    EXPECT_EQ(code({Codec::pcm16, 8000, 20}, 962), base::Errc::too_large);
    EXPECT_EQ(code({Codec::pcm16, 48'000, 20}, 5760), accepted);
    EXPECT_EQ(code({Codec::pcm16, 48'000, 20}, 5762), base::Errc::too_large);
    EXPECT_EQ(code({Codec::opus, 48'000, 20}, opus_packet_max + 1), base::Errc::too_large);
    EXPECT_EQ(code({Codec::pcm16, 24'000, 20}, 0), base::Errc::malformed);
    EXPECT_EQ(code({Codec::pcm16, 24'000, 20}, 7), base::Errc::malformed);
    EXPECT_EQ(code({Codec::opus, 48'000, 20}, 0), base::Errc::malformed);
}

TEST(FrameCodec, ConcealsOpusAndNothingElse) {
    FrameDecoder opus({Codec::opus, 48'000, 20});
    FrameDecoder pcm16({Codec::pcm16, 8000, 20});
    EXPECT_TRUE(opus.conceal().empty()) << "the next packet may tell";
    EXPECT_EQ(opus.conceal().size(), samples_in(20ms));
    for (int i = 0; i < 2; ++i)
        EXPECT_TRUE(pcm16.conceal().empty());
}

TEST(FrameCodec, ReadsPcmAtAnyAddress) {
    FrameDecoder decoder({Codec::pcm16, 24'000, 20});
    const Signal signal(480, 0x1234);
    std::vector<std::byte> shifted(1 + 960);
    std::copy_n(bytes_of(signal).begin(), 960, shifted.begin() + 1);
    const auto pcm = decoder.decode(std::span(shifted).subspan(1));
    ASSERT_TRUE(pcm);
    EXPECT_TRUE(std::equal(pcm->begin(), pcm->end(), signal.begin(), signal.end()));
}

TEST(FrameCodec, StartsAnewAfterARestart) {
    for (const auto& format : formats) {
        const auto samples = samples_in(std::chrono::milliseconds(format.frame_ms));
        const auto signal = tests::tone(440, std::chrono::milliseconds(format.frame_ms));
        ASSERT_EQ(signal.size(), samples);
        FrameEncoder used(format, {});
        FrameEncoder fresh(format, {});
        for (int i = 0; i < 3; ++i)
            ASSERT_TRUE(used.encode(signal));
        used.restart();
        const auto after = used.encode(signal).value();
        const auto first = fresh.encode(signal).value();
        EXPECT_TRUE(std::equal(after.begin(), after.end(), first.begin(), first.end())) << name(format);
    }
}

}  // namespace
}  // namespace voicectl::audio
