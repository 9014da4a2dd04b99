// SPDX-License-Identifier: Apache-2.0
// The promise of turn-taking, on the audio clock: real people's words, with room noise 10 dB below them and
// through either codec, silence a reply within 50 ms and a frame; coughs, clicks and "mm-hm" do not end it.
#include "audio/frame_decoder.hpp"
#include "audio/frame_encoder.hpp"
#include "audio/level.hpp"
#include "tests/session/conversation_fixture.hpp"
#include "tests/support/recordings.hpp"
#include "tests/support/signal.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>

namespace voicectl::test {
namespace {

using audio::samples_in;
using tests::Signal;

constexpr auto frame = 20ms;
constexpr double snr_db = 10;

double rms(audio::Pcm pcm) {
    return std::sqrt(tests::power(pcm));
}

/// Speech cut so that its first sample is the first that can be heard: the first 10 ms that are as loud as
/// the noise will be. The level is that of the speech itself, without its pauses (windows 20 dB below its
/// loudest).
struct Words {
    Signal samples;
    double level;
};

std::optional<Words> cut(const Signal& recording) {
    constexpr auto window = samples_in(10ms);
    std::vector<double> levels;
    for (std::size_t at = 0; at + window <= recording.size(); at += window)
        levels.push_back(rms(audio::Pcm(recording).subspan(at, window)));
    if (levels.size() < 80) return std::nullopt;
    const double loudest = *std::ranges::max_element(levels);
    double power = 0;
    int spoken = 0;
    for (const auto one : levels)
        if (one > loudest / 10) power += one * one, ++spoken;
    const double level = std::sqrt(power / spoken);
    const double audible = level * std::pow(10, -snr_db / 20);
    const auto first = std::ranges::find_if(levels, [&](double one) { return one > audible; });
    const auto start = static_cast<std::size_t>(first - levels.begin()) * window;
    if (level < 0.003 || start + samples_in(1200ms) > recording.size()) return std::nullopt;
    Signal samples(recording.begin() + static_cast<std::ptrdiff_t>(start),
                   recording.begin() + static_cast<std::ptrdiff_t>(start + samples_in(1200ms)));
    const double gain = 0.1 / level;  // everybody at -20 dBFS
    for (auto& sample : samples)
        sample = static_cast<audio::Sample>(std::clamp(std::lround(sample * gain), -32768L, 32767L));
    return Words{std::move(samples), 0.1};
}

std::vector<Words> all_words(std::size_t count) {
    std::vector<Words> words;
    for (const auto& file : tests::recordings_of_speech()) {
        if (auto one = cut(tests::read_speech(file))) words.push_back(std::move(*one));
        if (words.size() == count) break;
    }
    return words;
}

/// White, or pink by Kellet's filter, at a level.
Signal room(std::size_t samples, double level, bool pink, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> white;
    std::vector<double> noise(samples);
    std::array<double, 3> b{};
    for (auto& one : noise) {
        const double w = white(random);
        b = {0.99765 * b[0] + w * 0.0990460, 0.96300 * b[1] + w * 0.2965164, 0.57000 * b[2] + w * 1.0526913};
        one = pink ? b[0] + b[1] + b[2] + w * 0.1848 : w;
    }
    double power = 0;
    for (const auto one : noise)
        power += one * one;
    const double gain = 32768 * level / std::sqrt(power / static_cast<double>(samples));
    Signal signal(samples);
    std::ranges::transform(noise, signal.begin(), [&](double one) {
        return static_cast<audio::Sample>(std::clamp(std::lround(one * gain), -32768L, 32767L));
    });
    return signal;
}

void mix(Signal& into, audio::Pcm what, std::size_t at) {
    for (std::size_t i = 0; i < what.size() && at + i < into.size(); ++i)
        into[at + i] = static_cast<audio::Sample>(std::clamp(into[at + i] + what[i], -32768, 32767));
}

enum class Event { hold, commit, resume };

/// What a conversation does with a microphone while a long reply is being heard.
class Listener final : public Outbox {
 public:
    Listener(audio::Codec codec) : conversation_(options(), *this, now_) {
        format_.codec = codec;
        format_.rate = codec == audio::Codec::opus ? 48'000 : audio::pipeline_rate;
        microphone_.emplace(format_, audio::OpusEncoderOptions{});
        ear_.emplace(format_);
    }
    void say(audio::Pcm samples, std::chrono::milliseconds reply_after) {
        const auto each = samples_in(frame);
        for (std::size_t at = 0; at + each <= samples.size(); at += each) {
            now_ += frame;
            if (audio::duration_of(at) == reply_after) begin_reply();
            const auto packet = microphone_->encode(samples.subspan(at, each));
            ASSERT_TRUE(packet);
            const auto pcm = ear_->decode(*packet);
            ASSERT_TRUE(pcm);
            conversation_.on_audio(*pcm, now_);
            conversation_.on_tick(now_);
        }
    }
    base::Time time_of(std::size_t sample) const {
        return start + frame * (static_cast<int>(sample / samples_in(frame)) + 1);
    }
    struct Seen {
        Event event;
        base::Time at;
    };
    const std::vector<Seen>& seen() const { return seen_; }
    base::Time last_frame() const { return last_frame_; }
    const Signal& heard() const { return heard_; }

    void to_client(const ServerMessage& message) override {
        if (std::holds_alternative<TtsPause>(message)) seen_.push_back({Event::hold, now_});
        if (std::holds_alternative<TtsResume>(message)) seen_.push_back({Event::resume, now_});
        if (std::holds_alternative<BargedIn>(message)) seen_.push_back({Event::commit, now_});
    }
    base::Time reply_frame(audio::Pcm samples) override {
        tests::append(heard_, samples);
        return last_frame_ = now_;
    }
    void drop_reply_frames() override {}
    void to_upstream(const realtime::ClientEvent&) override {}
    void audio_to_upstream(audio::Pcm) override {}
    void open_upstream() override {}
    void swap_upstream() override {}
    void turn_is_over(const TurnReport&) override {}
    void end(CloseCode, std::string_view) override {}

    static constexpr base::Time start{1000h};

 private:
    static ConversationOptions options() { return ConversationOptions{}; }
    void begin_reply() {
        conversation_.on_upstream(realtime::ResponseCreated{"resp_1"}, now_);
        const auto audio = encoded(ramp(20s));
        conversation_.on_upstream(realtime::AudioDelta{"resp_1", "item_a", audio}, now_);
    }

    audio::AudioFormat format_;
    std::optional<audio::FrameEncoder> microphone_;
    std::optional<audio::FrameDecoder> ear_;
    base::Time now_ = start;
    base::Time last_frame_{};
    std::vector<Seen> seen_;
    Signal heard_;
    Conversation conversation_;
};

class Silence : public testing::TestWithParam<audio::Codec> {};

TEST_P(Silence, ComesWithin50MillisecondsOfAVoiceAndAFrame) {
    constexpr std::size_t trials = 200;
    const auto words = all_words(trials);
    ASSERT_EQ(words.size(), trials);
    std::vector<double> late;
    int held_by_noise = 0;
    int committed = 0;
    std::mt19937 random(4);
    for (std::size_t i = 0; i < trials; ++i) {
        const auto at = samples_in(3000ms) + random() % samples_in(frame);
        auto input = room(at + words[i].samples.size(), words[i].level * std::pow(10, -snr_db / 20),
                          i % 2 == 1, static_cast<unsigned>(i));
        mix(input, words[i].samples, at);
        Listener listener(GetParam());
        listener.say(input, 1000ms);
        const auto spoken = listener.time_of(at);
        held_by_noise += std::ranges::any_of(
            listener.seen(), [&](const auto& seen) { return seen.event == Event::hold && seen.at < spoken; });
        committed += std::ranges::any_of(listener.seen(), [&](const auto& seen) {
            return seen.event == Event::commit && seen.at >= spoken;
        });
        late.push_back(base::milliseconds(listener.last_frame() - spoken));
        if (late.back() > 50) std::cout << "late " << late.back() << " trial " << i << '\n';
    }
    std::ranges::sort(late);
    const auto p = [&](double share) { return late[static_cast<std::size_t>(share * trials) - 1]; };
    std::cout << "time to silence after the frame with the onset: p50 " << p(0.5) << ", p95 " << p(0.95)
              << ", p99 " << p(0.99) << ", max " << late.back() << " ms; committed " << committed << " of "
              << trials << ", held by noise alone " << held_by_noise << '\n';
    EXPECT_LE(p(0.99), 50);
    EXPECT_LE(held_by_noise, static_cast<int>(trials) / 50);
    EXPECT_EQ(committed, static_cast<int>(trials));
}

TEST_P(Silence, IsMeantByAsLittleAsAWordOrTwo) {
    // As long as "stop, please".
    constexpr std::size_t trials = 100;
    const auto words = all_words(trials);
    std::size_t committed = 0;
    for (std::size_t i = 0; i < trials; ++i) {
        const auto at = samples_in(3000ms) + 7 * i;
        auto input = room(at + samples_in(2s), words[i].level * std::pow(10, -snr_db / 20), i % 2 == 1,
                          static_cast<unsigned>(i));
        mix(input, audio::Pcm(words[i].samples).first(samples_in(700ms)), at);
        Listener listener(GetParam());
        listener.say(input, 1000ms);
        committed += std::ranges::any_of(listener.seen(),
                                         [](const auto& seen) { return seen.event == Event::commit; });
    }
    EXPECT_EQ(committed, trials);
}

/// Of up to 250 ms: a click, a burst of breath through a throat, or a hum.
Signal small_sound(int kind, std::mt19937& random) {
    if (kind == 0)
        return tests::noise(std::chrono::milliseconds(5 + random() % 20), 0.5,
                            static_cast<unsigned>(random()));
    const std::chrono::milliseconds length(100 + random() % 151);
    if (kind == 1) {
        auto burst = tests::noise(length, 0.6, static_cast<unsigned>(random()));
        double a = 0;
        double b = 0;
        for (std::size_t i = 0; i < burst.size(); ++i) {
            // A resonance near 900 Hz, dying away.
            const double out = 0.1 * burst[i] + 1.75 * a - 0.81 * b;
            b = std::exchange(a, out);
            burst[i] = static_cast<audio::Sample>(
                std::clamp(out * std::exp(-3.0 * static_cast<double>(i) / static_cast<double>(burst.size())),
                           -32000.0, 32000.0));
        }
        return burst;
    }
    auto hum = tests::voice(length, 100 + static_cast<double>(random() % 120), 0.15);
    const auto third = hum.size() / 3;
    std::fill(hum.begin() + static_cast<std::ptrdiff_t>(third),
              hum.begin() + static_cast<std::ptrdiff_t>(third * 3 / 2), audio::Sample{0});
    return hum;
}

TEST_P(Silence, IsTakenBackAfterASmallSoundWithoutAGapOrARepeat) {
    constexpr int trials = 100;
    std::mt19937 random(11);
    const auto whole = ramp(20s);
    int whole_replies = 0;
    int held = 0;
    for (int i = 0; i < trials; ++i) {
        auto input = room(samples_in(6s), 0.002, i % 2 == 1, static_cast<unsigned>(i));
        mix(input, small_sound(i % 3, random), samples_in(3000ms) + random() % samples_in(frame));
        Listener listener(GetParam());
        listener.say(input, 1000ms);
        const auto& heard = listener.heard();
        const bool exact =
            heard.size() > samples_in(4s) && std::equal(heard.begin(), heard.end(), whole.begin());
        const bool committed = std::ranges::any_of(
            listener.seen(), [](const auto& seen) { return seen.event == Event::commit; });
        held += !listener.seen().empty();
        whole_replies += exact && !committed;
    }
    std::cout << whole_replies << " of " << trials << " replies went on, " << held << " had been held\n";
    EXPECT_GE(whole_replies, 95);
    EXPECT_GE(held, trials / 3) << "sounds that nobody heard prove nothing";
}

INSTANTIATE_TEST_SUITE_P(Codecs, Silence, testing::Values(audio::Codec::pcm16, audio::Codec::opus),
                         [](const auto& codec) { return std::string(name_of(codec.param)); });

}  // namespace
}  // namespace voicectl::test
