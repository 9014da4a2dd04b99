// SPDX-License-Identifier: Apache-2.0
#include "evaluate/listener.hpp"

#include "audio/resampler.hpp"
#include "audio/voice_activity.hpp"
#include "base/error.hpp"
#include "evaluate/webrtc_vad.hpp"

#include <algorithm>
#include <limits>
#include <memory>

namespace voicectl::evaluate {
namespace {

using namespace std::chrono_literals;
using audio::samples_in;

constexpr std::size_t window = samples_in(10ms);
// Speech may have been heard before the clean recording is loud enough to count, and rings out after its end.
constexpr std::size_t before = 5;
constexpr std::size_t after = 70;

}  // namespace

Heard hear_with_voice_activity(audio::Pcm samples) {
    audio::VoiceActivity activity;
    Heard heard;
    for (std::size_t at = 0; at + window <= samples.size(); at += window) {
        activity.process(samples.subspan(at, window));
        heard.onset.push_back(activity.onset());
        heard.started.push_back(activity.active());
    }
    return heard;
}

Heard hear_with_webrtc(audio::Pcm samples, int mode) {
    constexpr int rate = 16'000;
    constexpr std::size_t frame = samples_in(10ms, rate);
    const audio::VoiceActivityOptions options;
    const auto attack = static_cast<std::size_t>(options.attack / 10ms);
    const auto hang = static_cast<std::size_t>(options.hang_time / 10ms);
    const std::unique_ptr<WebRtcVadInst, decltype(&WebRtcVad_Free)> vad(WebRtcVad_Create(), &WebRtcVad_Free);
    VOICECTL_CHECK(WebRtcVad_Init(vad.get()) == 0 && WebRtcVad_set_mode(vad.get(), mode) == 0);
    const auto resampled = audio::resample(samples, audio::pipeline_rate, rate);
    Heard heard;
    std::size_t run = 0;
    std::size_t gap = 0;
    bool started = false;
    for (std::size_t at = 0; at + frame <= resampled.size(); at += frame) {
        const int speech = WebRtcVad_Process(vad.get(), rate, resampled.data() + at, frame);
        VOICECTL_CHECK(speech >= 0);
        gap = speech == 1 ? 0 : gap + 1;
        run = speech == 1 ? run + 1 : gap > attack / 2 ? 0 : run;
        started = started ? gap < hang : run >= attack;
        heard.onset.push_back(speech == 1);
        heard.started.push_back(started);
    }
    return heard;
}

double Score::delay_ms(double quantile) const {
    if (delays_ms.empty()) return std::numeric_limits<double>::infinity();
    auto sorted = delays_ms;
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<std::size_t>(quantile * static_cast<double>(sorted.size() - 1) + 0.5)];
}

void add(Score& score, const std::vector<bool>& flags, const Scene& scene) {
    std::size_t noise_from = 0;
    const auto count_alarms = [&](std::size_t from, std::size_t to) {
        // One that lasts counts again every second.
        std::size_t run = 0;
        for (std::size_t i = from; i < to; ++i) {
            run = flags[i] ? run + 1 : 0;
            if (run % 100 == 1) ++score.false_alarms;
        }
        score.noise_minutes += static_cast<double>(to - from) / 6000;
    };
    for (const auto& utterance : scene.utterances) {
        const auto begin = utterance.begin / window;
        const auto end = std::min(utterance.end / window, flags.size());
        count_alarms(noise_from, begin - before);
        noise_from = std::min(end + after, flags.size());
        ++score.utterances;
        // A detector that has been firing already is wrong, not quick.
        if (flags[begin - before - 1]) continue;
        const auto first = std::find(flags.begin() + static_cast<std::ptrdiff_t>(begin - before),
                                     flags.begin() + static_cast<std::ptrdiff_t>(end), true) -
                           flags.begin();
        if (static_cast<std::size_t>(first) == end) {
            ++score.missed;
            score.delays_ms.push_back(std::numeric_limits<double>::infinity());
        } else {
            const auto heard_at = static_cast<double>(first + 1) * window;
            score.delays_ms.push_back((heard_at - static_cast<double>(utterance.begin)) * 1000 /
                                      audio::pipeline_rate);
        }
    }
    count_alarms(noise_from, flags.size());
}

}  // namespace voicectl::evaluate
