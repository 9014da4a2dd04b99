// SPDX-License-Identifier: Apache-2.0
// 5 % of a browser's packets are lost, two at a time, and it says so with empty messages: what reaches the
// upstream has neither a gap in time nor a hole in the sound nor a click where one was mended.
#include "audio/frame_decoder.hpp"
#include "tests/session/conversation_fixture.hpp"
#include "tests/session/opus_client.hpp"
#include "tests/support/recordings.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>

namespace voicectl::test {
namespace {

using audio::samples_in;
using tests::Signal;

constexpr auto frame = samples_in(20ms);
constexpr std::size_t burst = 2;

/// Where bursts begin, in packets; not within half a second of each other, nor of the ends.
std::vector<std::size_t> bursts(std::size_t packets, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::size_t> starts;
    for (std::size_t at = 25; at + 25 < packets; at += 40)
        starts.push_back(at + random() % 15);
    return starts;
}

/// A client's packets as Session hands them on, empty ones for lost ones.
Signal to_upstream(const tests::Packets& packets) {
    RecordingOutbox outbox;
    base::Time now(1000h);
    Conversation conversation({}, outbox, now);
    audio::FrameDecoder decoder({Codec::opus, 48'000, 20});
    for (const auto& packet : packets) {
        now += 20ms;
        if (const auto pcm = decoder.decode(packet))
            conversation.on_audio(*pcm, now);
        else
            conversation.on_bad_frame(ErrorCode::audio_decode_failed, "", decoder.conceal(), now);
    }
    return outbox.upstream_audio();
}

double median(std::vector<double> values) {
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

/// How much of `a` is `b`: 1 for all of it, 0 for another sound.
double likeness(audio::Pcm a, audio::Pcm b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * b[i];
    const auto n = static_cast<double>(a.size()) * 32768.0 * 32768.0;
    return sum / n / std::sqrt(tests::power(a) * tests::power(b) + 1e-20);
}

/// What the bursts that fell into speech have become, beside what would have come without them.
struct Mended {
    std::vector<double> level_db;
    std::vector<double> second_is_like;  ///< the packet whose copy arrived
    std::vector<double> bends;           ///< at the edges
};

Mended compare(audio::Pcm whole, audio::Pcm mended, const std::vector<std::size_t>& starts) {
    const double loud = tests::power(whole) / 10;
    Mended result;
    for (const auto start : starts) {
        const auto at = start * frame;
        const auto before = whole.subspan(at, burst * frame);
        const auto after = mended.subspan(at, burst * frame);
        if (tests::power(before.first(frame)) < loud || tests::power(before.last(frame)) < loud) continue;
        result.level_db.push_back(10 * std::log10(tests::power(after) / tests::power(before)));
        result.second_is_like.push_back(likeness(before.last(frame), after.last(frame)));
        for (const auto edge : {at, at + frame, at + burst * frame})
            result.bends.push_back(
                std::max(tests::bend(mended, edge - 1, 24), tests::bend(mended, edge, 24)));
    }
    return result;
}

TEST(Loss, OfPairsOfPacketsIsConcealedWithoutAGap) {
    const auto speech = tests::speech_of_women(120s, 0.1);
    auto packets =
        tests::browser_encodes(audio::resample(speech, audio::pipeline_rate, tests::browser_rate), 5);
    const auto whole = to_upstream(packets);
    const auto starts = bursts(packets.size(), 5);
    for (const auto start : starts)
        for (std::size_t i = 0; i < burst; ++i)
            packets[start + i].clear();
    const auto share = static_cast<double>(starts.size() * burst) / static_cast<double>(packets.size());
    EXPECT_NEAR(share, 0.05, 0.003);

    const auto mended = to_upstream(packets);
    ASSERT_EQ(mended.size(), whole.size()) << "a gap in time";
    const auto heard = compare(whole, mended, starts);
    const auto level = median(heard.level_db);
    const auto likeness = median(heard.second_is_like);
    const auto click = std::ranges::max(heard.bends);
    std::cout << heard.level_db.size() << " bursts in speech: level " << level << " dB, lowest "
              << std::ranges::min(heard.level_db) << "; the second packet is like itself " << likeness
              << "; bend at an edge " << median(heard.bends) << ", highest " << click << '\n';
    ASSERT_GT(heard.level_db.size(), 50U);
    EXPECT_GT(level, -6) << "a hole in the sound";
    EXPECT_GT(std::ranges::min(heard.level_db), -25) << "a silent one";
    EXPECT_GT(likeness, 0.6) << "the copy in the packet after the burst was not used";
    EXPECT_LT(median(heard.bends), 3) << "clicks";
    EXPECT_LT(click, 30) << "a click";
}

}  // namespace
}  // namespace voicectl::test
