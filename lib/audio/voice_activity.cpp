// SPDX-License-Identifier: Apache-2.0
#include "audio/voice_activity.hpp"

#include "audio/level.hpp"

#include <algorithm>

namespace voicectl::audio {
namespace {

constexpr float floor_fall = 0.3F;    // a quieter room is believed at once
constexpr float floor_rise = 0.003F;  // speech lifts the floor slowly: 3 s of it by a quarter of the distance
constexpr float floor_max_db = -30.0F;

}  // namespace

VoiceActivity::Change VoiceActivity::process(Pcm pcm) noexcept {
    auto change = Change::none;
    while (!pcm.empty()) {
        const auto take = std::min(pcm.size(), window - filled_);
        std::copy_n(pcm.begin(), take, window_.begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ += take;
        position_ += take;
        pcm = pcm.subspan(take);
        if (filled_ < window) break;
        filled_ = 0;
        if (const auto seen = take_window(); seen != Change::none) change = seen;
    }
    return change;
}

VoiceActivity::Change VoiceActivity::take_window() noexcept {
    const float level = rms_db(window_);
    const bool loud = level > std::max(floor_db_ + options_.above_floor_db, options_.level_min_db);
    floor_db_ += (level - floor_db_) * (level < floor_db_ ? floor_fall : floor_rise);
    floor_db_ = std::min(floor_db_, floor_max_db);

    if (loud) {
        if (loud_run_ == 0 && !active_) speech_start_ = position_ - window;
        ++loud_run_;
        gap_ = 0;
        speech_end_ = position_;
    } else {
        ++gap_;
    }
    const auto windows_in = [](std::chrono::milliseconds span) { return samples_in(span) / window; };
    if (!active_) {
        // Syllables have holes: the attack survives a gap of half its length.
        if (!loud && gap_ > windows_in(options_.attack) / 2) loud_run_ = 0;
        if (loud_run_ < windows_in(options_.attack)) return Change::none;
        active_ = true;
        return Change::started;
    }
    if (gap_ < windows_in(options_.hang_time)) return Change::none;
    end_utterance();
    return Change::stopped;
}

void VoiceActivity::end_utterance() noexcept {
    active_ = false;
    loud_run_ = 0;
    gap_ = 0;
}

}  // namespace voicectl::audio
