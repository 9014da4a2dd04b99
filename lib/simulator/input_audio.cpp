// SPDX-License-Identifier: Apache-2.0
#include "simulator/input_audio.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::simulator {
namespace {

constexpr std::size_t kept_max = audio::samples_in(std::chrono::seconds(60));
constexpr std::chrono::milliseconds padding_kept_max{2000};
/// Between speech and its discovery: the attack, with its gaps.
constexpr std::chrono::milliseconds discovery{200};
constexpr std::size_t window = audio::samples_in(std::chrono::milliseconds(10));

std::chrono::milliseconds milliseconds_of(std::uint64_t samples) noexcept {
    return std::chrono::milliseconds(samples / static_cast<std::uint64_t>(audio::pipeline_rate / 1000));
}

audio::VoiceActivityOptions options_for(const TurnDetection& turn) noexcept {
    audio::VoiceActivityOptions options;
    options.evidence_db = audio::evidence_for(static_cast<float>(turn.threshold));
    options.hang_time = std::max(turn.silence, std::chrono::milliseconds(10));
    return options;
}

}  // namespace

void InputAudio::configure(const TurnDetection& turn) {
    const bool same_ear = turn.automatic == turn_.automatic && turn.threshold == turn_.threshold;
    if (same_ear) {
        activity_.set_hang_time(options_for(turn).hang_time);
    } else {
        before_ += activity_.position();
        activity_ = audio::VoiceActivity(options_for(turn));
        speaking_ = false;
    }
    turn_ = turn;
}

void InputAudio::append(audio::Pcm pcm, const OnChange& on_change) {
    while (!pcm.empty()) {
        // Up to the next window's edge, so that every change is seen where it happens, whatever the sizes
        // appended.
        const auto part =
            turn_.automatic ? pcm.first(std::min(pcm.size(), window - activity_.position() % window)) : pcm;
        keep(part);
        buffered_ += part.size();
        pcm = pcm.subspan(part.size());
        if (!turn_.automatic) {
            before_ += part.size();
            continue;
        }
        const auto change = activity_.process(part);
        if (change == Change::none) continue;
        note(change);
        on_change(change);
    }
}

void InputAudio::note(Change change) {
    if (change == Change::started) {
        speaking_ = true;
        const auto start = milliseconds_of(before_ + activity_.speech_start());
        speech_start_ = std::max(start - turn_.prefix_padding, std::chrono::milliseconds(0));
        // What lies before the padding is not part of the utterance.
        const auto own = audio::samples_in(clock() - speech_start_);
        if (kept_.size() > own) kept_.erase(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(own));
    } else {
        speaking_ = false;
        speech_end_ = milliseconds_of(before_ + activity_.position());
    }
}

void InputAudio::keep(audio::Pcm pcm) {
    if (!keep_) return;
    const bool silence = turn_.automatic && !speaking_;
    const auto most =
        silence ? audio::samples_in(std::min(turn_.prefix_padding, padding_kept_max) + discovery) : kept_max;
    kept_.insert(kept_.end(), pcm.begin(), pcm.end());
    // Now and then a larger piece from the front, not a little at every append.
    const auto slack = audio::samples_in(std::chrono::seconds(1));
    if (kept_.size() > most + slack)
        kept_.erase(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(most));
}

std::vector<audio::Sample> InputAudio::commit() {
    auto samples = std::exchange(kept_, {});
    clear();
    return samples;
}

void InputAudio::clear() {
    activity_.end_utterance();
    speaking_ = false;
    buffered_ = 0;
    kept_.clear();
}

std::chrono::milliseconds InputAudio::buffered() const noexcept {
    return milliseconds_of(buffered_);
}
std::chrono::milliseconds InputAudio::clock() const noexcept {
    return milliseconds_of(before_ + activity_.position());
}

}  // namespace voicectl::simulator
