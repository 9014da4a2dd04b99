// SPDX-License-Identifier: Apache-2.0
// What a frame of 20 ms costs between the two sockets: decoded, judged and encoded, without any I/O. An item
// is a frame, so items_per_second over 50 is how many one-way streams a core could carry if it did nothing
// else.
#include "audio/frame_decoder.hpp"
#include "audio/frame_encoder.hpp"
#include "audio/voice_activity.hpp"
#include "base/base64.hpp"
#include "session/conversation.hpp"
#include "session/dialect.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace voicectl;
using namespace std::chrono_literals;

/// Vowels of changing pitch and loudness in a little noise: enough for a speech codec to work on.
std::vector<audio::Sample> speech_like(std::chrono::milliseconds length) {
    std::mt19937 random(7);
    std::normal_distribution<double> noise(0, 120);
    std::vector<audio::Sample> samples(audio::samples_in(length));
    double phase = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double t = static_cast<double>(i) / audio::pipeline_rate;
        phase += 2 * M_PI * (130 + 30 * std::sin(5 * t)) / audio::pipeline_rate;
        double value = 0;
        for (int harmonic = 1; harmonic <= 12; ++harmonic)
            value += std::sin(phase * harmonic) / harmonic;
        samples[i] = static_cast<audio::Sample>(value * 3000 * (0.6 + 0.4 * std::sin(9 * t)) + noise(random));
    }
    return samples;
}

/// Does with a decision what Session does, short of the sockets.
class EncodingOutbox final : public session::Outbox {
 public:
    explicit EncodingOutbox(audio::AudioFormat format, audio::OpusEncoderOptions opus = {})
        : encoder_(format, opus) {}

    void to_client(const session::ServerMessage& message) override { session::render(message, text_); }
    base::Time reply_frame(audio::Pcm frame) override {
        benchmark::DoNotOptimize(encoder_.encode(frame).value().data());
        ++frames;
        return {};
    }
    void drop_reply_frames() override {}
    void to_upstream(const realtime::ClientEvent& event) override { realtime::encode(event, text_); }
    void audio_to_upstream(audio::Pcm samples) override {
        realtime::encode_append(samples, text_);
        benchmark::DoNotOptimize(text_.data());
    }
    void open_upstream() override {}
    void swap_upstream() override {}
    void turn_is_over(const session::TurnReport&) override {}
    void end(session::CloseCode, std::string_view) override {}

    std::int64_t frames = 0;

 private:
    audio::FrameEncoder encoder_;
    std::string text_;
};

session::ConversationOptions options_of(audio::AudioFormat format) {
    session::ConversationOptions options;
    options.format = format;
    options.idle_timeout = 24h;
    options.playout.held_max = 1h;
    return options;
}

audio::AudioFormat format_of(const benchmark::State& state) {
    const auto rate = static_cast<int>(state.range(0));
    if (rate == 0) return {};
    return {audio::Codec::pcm16, rate, 20};
}

void frame_in(benchmark::State& state) {
    const auto format = format_of(state);
    audio::FrameEncoder client(format, {});
    std::vector<std::vector<std::byte>> packets;
    const auto speech = speech_like(4s);
    for (std::size_t at = 0; at + 480 <= speech.size(); at += 480) {
        const auto packet = client.encode(audio::Pcm(speech).subspan(at, 480)).value();
        packets.emplace_back(packet.begin(), packet.end());
    }
    EncodingOutbox outbox(format);
    auto now = base::now();
    session::Conversation conversation(options_of(format), outbox, now);
    audio::FrameDecoder decoder(format);
    std::size_t next = 0;
    for (auto _ : state) {
        now += 20ms;
        conversation.on_audio(decoder.decode(packets[next]).value(), now);
        next = (next + 1) % packets.size();
    }
    state.SetItemsProcessed(state.iterations());
}

void frame_back(benchmark::State& state) {
    const auto format = format_of(state);
    const audio::OpusEncoderOptions opus{.bitrate_bps = static_cast<int>(state.range(1))};
    constexpr auto delta_length = 200ms;
    std::vector<std::string> events;
    const auto speech = speech_like(4s);
    const auto samples = audio::samples_in(delta_length);
    for (std::size_t at = 0; at + samples <= speech.size(); at += samples) {
        std::string event =
            R"({"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","item_id":"item_A",)"
            R"("output_index":0,"content_index":0,"delta":")";
        base::base64_append(audio::bytes_of(audio::Pcm(speech).subspan(at, samples)), event);
        events.push_back(event + "\"}");
    }
    EncodingOutbox outbox(format, opus);
    auto now = base::now();
    session::Conversation conversation(options_of(format), outbox, now);
    realtime::ServerEventDecoder decoder;
    conversation.on_upstream(realtime::ResponseCreated{"resp_1"}, now);
    std::size_t next = 0;
    for (auto _ : state) {
        conversation.on_upstream(decoder.decode(events[next]).value(), now);
        for (int tick = 0; tick < delta_length / 20ms; ++tick) {
            now += 20ms;
            conversation.on_tick(now);
        }
        next = (next + 1) % events.size();
    }
    state.SetItemsProcessed(outbox.frames);
}

void voice_activity(benchmark::State& state) {
    const auto speech = speech_like(4s);
    audio::VoiceActivity activity;
    std::size_t at = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(activity.process(audio::Pcm(speech).subspan(at, 480)));
        at = at + 960 <= speech.size() ? at + 480 : 0;
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(voice_activity);
// 0 stands for Opus, any other number for PCM16 at that rate.
BENCHMARK(frame_in)->ArgName("rate")->Arg(0)->Arg(24'000)->Arg(48'000)->Arg(8'000);
BENCHMARK(frame_back)
    ->ArgNames({"rate", "bitrate"})
    ->Args({0, 16'000})
    ->Args({0, 24'000})
    ->Args({24'000, 0})
    ->Args({48'000, 0})
    ->Args({8'000, 0});

}  // namespace
