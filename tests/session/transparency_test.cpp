// SPDX-License-Identifier: Apache-2.0
// What goes in comes out: a chirp and real speech from the client's microphone to the upstream, and from the
// upstream's deltas to the client's ear, through each format. No frame's edge can be told from what lies
// between, nothing clips, and the level stays.
#include "audio/frame_decoder.hpp"
#include "audio/frame_encoder.hpp"
#include "tests/session/conversation_fixture.hpp"
#include "tests/session/opus_client.hpp"
#include "tests/support/recordings.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>
#include <numbers>

namespace voicectl::test {
namespace {

using audio::samples_in;
using tests::Signal;

constexpr auto frame = 20ms;

double decibels(double power_ratio) {
    return 10 * std::log10(power_ratio);
}

/// Every octave from 100 Hz as long as the next one, at -6 dBFS.
Signal chirp(double hertz_max) {
    constexpr double hertz_min = 100;
    Signal signal(samples_in(6s));
    double phase = 0;
    for (std::size_t i = 0; i < signal.size(); ++i) {
        const double hertz =
            hertz_min *
            std::pow(hertz_max / hertz_min, static_cast<double>(i) / static_cast<double>(signal.size()));
        phase += 2 * std::numbers::pi * hertz / audio::pipeline_rate;
        signal[i] = static_cast<audio::Sample>(std::lround(32767 * 0.5012 * std::sin(phase)));
    }
    return signal;
}

const Signal& speech() {
    static const Signal all = tests::speech_of_women(60s, 0.1);
    return all;
}

/// The gateway without its sockets.
class Gateway final : public Outbox {
 public:
    Gateway(AudioFormat format, int bitrate_bps) : decoder_(format), encoder_(format, {bitrate_bps}) {}

    /// A client's frames as they reach the upstream.
    Signal to_upstream(const tests::Packets& frames) {
        for (const auto& one : frames) {
            const auto pcm = decoder_.decode(one);
            EXPECT_TRUE(pcm);
            if (pcm) conversation_.on_audio(*pcm, now_ += frame);
        }
        return upstream_;
    }
    /// A reply's deltas as its frames reach the client.
    tests::Packets to_client(audio::Pcm reply) {
        conversation_.on_upstream(realtime::ResponseCreated{"resp_1"}, now_);
        std::size_t length = samples_in(100ms);
        for (std::size_t at = 0; at < reply.size(); at += length) {
            if (at > 0) length = samples_in(200ms) + at % 97;  // some services cut anywhere
            const auto audio = encoded(reply.subspan(at, std::min(length, reply.size() - at)));
            conversation_.on_upstream(realtime::AudioDelta{"resp_1", "item_a", audio}, now_);
            for (int tick = 0; tick < 10; ++tick)
                conversation_.on_tick(now_ += frame);
        }
        conversation_.on_upstream(realtime::ResponseDone{"resp_1", "completed", "", "", {}}, now_);
        for (int tick = 0; tick < 100; ++tick)
            conversation_.on_tick(now_ += frame);
        return frames_;
    }

    void to_client(const ServerMessage&) override {}
    base::Time reply_frame(audio::Pcm pcm) override {
        const auto message = encoder_.encode(pcm);
        EXPECT_TRUE(message);
        if (message) frames_.emplace_back(message->begin(), message->end());
        return now_;
    }
    void drop_reply_frames() override { ADD_FAILURE() << "nobody spoke over it"; }
    void to_upstream(const realtime::ClientEvent&) override {}
    void audio_to_upstream(audio::Pcm samples) override { tests::append(upstream_, samples); }
    void open_upstream() override {}
    void swap_upstream() override {}
    void turn_is_over(const TurnReport&) override {}
    void end(CloseCode, std::string_view) override {}

 private:
    base::Time now_{1000h};
    audio::FrameDecoder decoder_;
    audio::FrameEncoder encoder_;
    Signal upstream_;
    tests::Packets frames_;
    Conversation conversation_{{}, *this, now_};
};

tests::Packets pcm_frames(const Signal& samples, int rate) {
    const auto each = samples_in(frame, rate);
    tests::Packets frames;
    for (std::size_t at = 0; at + each <= samples.size(); at += each) {
        const auto bytes = audio::bytes_of(audio::Pcm(samples).subspan(at, each));
        frames.emplace_back(bytes.begin(), bytes.end());
    }
    return frames;
}

Signal pcm_samples(const tests::Packets& frames) {
    Signal samples;
    for (const auto& one : frames) {
        samples.resize(samples.size() + one.size() / sizeof(audio::Sample));
        std::memcpy(samples.data() + samples.size() - one.size() / sizeof(audio::Sample), one.data(),
                    one.size());
    }
    return samples;
}

/// Where `out` begins in the time of `in`: the lag at which they are most alike.
std::size_t delay(audio::Pcm in, audio::Pcm out, int rate) {
    const auto span = samples_in(1500ms, rate);
    double best = -1;
    std::size_t at = 0;
    for (std::size_t lag = 0; lag <= samples_in(25ms, rate); ++lag) {
        double sum = 0;
        for (std::size_t i = 0; i < span; ++i)
            sum += static_cast<double>(in[i]) * out[i + lag];
        if (sum > best) best = sum, at = lag;
    }
    return at;
}

/// The mean bend at the two samples beside each frame's edge over that in the middle of frames.
double edges_over_middles(audio::Pcm pcm, int rate) {
    const auto each = samples_in(frame, rate);
    const auto around = samples_in(1ms, rate);
    double edges = 0;
    double middles = 0;
    for (std::size_t edge = each; edge + each < pcm.size(); edge += each) {
        edges += tests::bend(pcm, edge - 1, around) + tests::bend(pcm, edge, around);
        for (const auto eighths : {3U, 4U, 5U})
            middles += tests::bend(pcm, edge + each * eighths / 8, around) * 2 / 3;
    }
    return edges / middles;
}

struct Path {
    AudioFormat format;
    int bitrate_bps = 0;
};

class Transparency : public testing::TestWithParam<Path> {
 protected:
    int rate() const { return GetParam().format.rate; }
    bool opus() const { return GetParam().format.codec == Codec::opus; }
    Gateway gateway() const { return Gateway(GetParam().format, GetParam().bitrate_bps); }
    /// What the format can carry of it.
    Signal chirp_of_format() const { return chirp(std::min(7000.0, 0.4 * rate())); }

    void expect_alike(audio::Pcm in, audio::Pcm out, int at_rate, const char* what) {
        const auto lag = delay(in, out, at_rate);
        const auto length = std::min(in.size(), out.size() - lag);
        ASSERT_GT(length + samples_in(60ms, at_rate), in.size()) << what << ": some of it is missing";
        const auto before = in.first(length);
        const auto after = out.subspan(lag, length);
        const auto level = decibels(tests::power(after) / tests::power(before));
        // The edges of what is heard, and those that lay there before the delay.
        const auto edges = edges_over_middles(out, at_rate);
        const auto former_edges = edges_over_middles(after, at_rate);
        std::cout << what << ": level " << level << " dB, edges over middles " << edges << " and "
                  << former_edges << ", delay " << base::milliseconds(audio::duration_of(lag, at_rate))
                  << " ms\n";
        EXPECT_LT(std::abs(level), 0.5) << what;
        // Of a chirp, a sixth is an octave.
        for (std::size_t at = 0; at + length / 6 <= length; at += length / 6)
            EXPECT_NEAR(decibels(tests::power(after.subspan(at, length / 6)) /
                                 tests::power(before.subspan(at, length / 6))),
                        0, 0.5)
                << what << ", from sample " << at;
        EXPECT_NEAR(edges, 1, 0.15) << what;
        EXPECT_NEAR(former_edges, 1, 0.15) << what;
        EXPECT_TRUE(std::ranges::none_of(out, [](auto sample) { return std::abs(sample) >= 32767; }))
            << what << " clips";
    }
    void expect_kept_in(const Signal& in, const char* what) {
        const auto spoken = audio::resample(in, audio::pipeline_rate, rate());
        const auto frames = opus() ? tests::browser_encodes(spoken) : pcm_frames(spoken, rate());
        expect_alike(in, gateway().to_upstream(frames), audio::pipeline_rate, what);
    }
    void expect_kept_back(const Signal& in, const char* what) {
        const auto frames = gateway().to_client(in);
        const auto out = opus() ? tests::browser_decodes(frames) : pcm_samples(frames);
        expect_alike(audio::resample(in, audio::pipeline_rate, rate()), out, rate(), what);
    }
};

TEST_P(Transparency, OfAChirpOnItsWayIn) {
    expect_kept_in(chirp_of_format(), "chirp in");
}

TEST_P(Transparency, OfSpeechOnItsWayIn) {
    expect_kept_in(speech(), "speech in");
}

TEST_P(Transparency, OfAChirpOnItsWayBack) {
    expect_kept_back(chirp_of_format(), "chirp back");
}

TEST_P(Transparency, OfSpeechOnItsWayBack) {
    expect_kept_back(speech(), "speech back");
}

TEST_P(Transparency, OfMensSpeechOnItsWayBack) {
    // SILK takes 0.8 dB of a man in a noisy room at 16 kbit/s, whatever it is told.
    if (GetParam().bitrate_bps == 16'000) GTEST_SKIP();
    expect_kept_back(tests::speech_of_men(0.1), "men back");
}

std::string name_of_path(const testing::TestParamInfo<Path>& info) {
    const auto& [format, bitrate_bps] = info.param;
    return fmt::format("{}_{}", name_of(format.codec), bitrate_bps > 0 ? bitrate_bps : format.rate);
}

INSTANTIATE_TEST_SUITE_P(Paths, Transparency,
                         testing::Values(Path{{Codec::opus, 48'000, 20}, 16'000},
                                         Path{{Codec::opus, 48'000, 20}, 24'000},
                                         Path{{Codec::pcm16, 8000, 20}}, Path{{Codec::pcm16, 16'000, 20}},
                                         Path{{Codec::pcm16, 24'000, 20}}, Path{{Codec::pcm16, 48'000, 20}}),
                         name_of_path);

}  // namespace
}  // namespace voicectl::test
