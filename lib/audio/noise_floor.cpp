// SPDX-License-Identifier: Apache-2.0
#include "audio/noise_floor.hpp"

#include <algorithm>
#include <cmath>

namespace voicectl::audio {
namespace {

constexpr float excess_max_db = 18;  // a whistle is one band only
constexpr float strays = 1.25F;      // how far noise goes anyway, in its mean distances from the floor
constexpr float stray_max_db = 12;
constexpr std::size_t early_windows = 30;
constexpr std::size_t edge_windows = 2;
constexpr std::size_t listen_windows = 60;

// Shares of the way that a window moves the floor: it falls faster than it rises, and at once where a loud
// noise ends.
constexpr float fall = 0.08F;
constexpr float rise = 0.04F;
constexpr float plunge = 0.3F;
constexpr float plunge_db = 8;

constexpr float smoothing = 0.3F;
constexpr float minimum_bias_db = 2;  // the minimum of noise lies below its mean
constexpr float lift = 0.1F;

// Some of what looks like speech is a room full of talk, which the straying must learn.
constexpr float stray_rate = 0.02F;
constexpr float stray_rate_in_speech = 0.005F;

}  // namespace

NoiseFloor::NoiseFloor() noexcept {
    Levels silence;
    silence.fill(BandEnergies::level_min_db);
    begin(silence);
}

float NoiseFloor::evidence_db(const Levels& levels_db) const noexcept {
    float sum = 0;
    for (std::size_t i = 0; i < bands_.size(); ++i) {
        const float excess = levels_db[i] - bands_[i].floor_db - strays * bands_[i].stray_db;
        sum += std::clamp(excess, 0.0F, excess_max_db);
    }
    return sum / static_cast<float>(bands_.size());
}

void NoiseFloor::follow(const Levels& levels_db, Sound sound) noexcept {
    if (sound == Sound::silence) {
        since_silence_ = 0;
        from_silence_ = from_silence_ || !known();
        note_pause();
        return;
    }
    // The first windows after a silence are half of it, and those of a codec's stream are faint.
    if (++since_silence_ <= edge_windows) return;
    if (!known()) {
        listen(levels_db);
        return;
    }
    if (since_silence_ > edge_windows + waiting_.size()) learn(waiting_.front());
    std::shift_left(waiting_.begin(), waiting_.end(), 1);
    waiting_.back() = {levels_db, sound};
}

void NoiseFloor::listen(const Levels& levels_db) noexcept {
    // Who starts amid sound has begun in a room that is like that. But a microphone that was shut or gated
    // opens for speech as well as for noise, and only noise goes on without a gap.
    const auto heard = since_silence_ - edge_windows;
    if (heard == 1) begin(levels_db);
    Levels least_db;
    for (std::size_t i = 0; i < bands_.size(); ++i) {
        auto& band = bands_[i];
        band.smoothed_db += smoothing * (levels_db[i] - band.smoothed_db);
        band.minimum_db = std::min(band.minimum_db, band.smoothed_db);
        least_db[i] = band.minimum_db + minimum_bias_db;
        band.floor_db = BandEnergies::level_min_db;
    }
    if (from_silence_ && heard < listen_windows) return;
    begin(from_silence_ ? least_db : levels_db);
    windows_ = 1;
}

void NoiseFloor::note_pause() noexcept {
    // What sounds between silences pauses, so it is no noise that lifts the floor.
    for (auto& band : bands_) {
        band.smoothed_db = band.floor_db;
        band.span_minimum_db = std::min(band.span_minimum_db, band.floor_db - minimum_bias_db);
        band.minimum_db = std::min(band.minimum_db, band.span_minimum_db);
    }
}

void NoiseFloor::begin(const Levels& levels_db) noexcept {
    for (std::size_t i = 0; i < bands_.size(); ++i) {
        auto& band = bands_[i];
        band.floor_db = band.smoothed_db = band.span_minimum_db = band.minimum_db = levels_db[i];
        band.minima_db.fill(levels_db[i]);
    }
}

void NoiseFloor::learn(const Window& window) noexcept {
    ++windows_;
    for (std::size_t i = 0; i < bands_.size(); ++i)
        learn(bands_[i], window.levels_db[i], window.sound);
}

void NoiseFloor::learn(Band& band, float level_db, Sound sound) const noexcept {
    band.smoothed_db += smoothing * (level_db - band.smoothed_db);
    band.span_minimum_db = std::min(band.span_minimum_db, band.smoothed_db);
    band.minimum_db = std::min(band.minimum_db, band.smoothed_db);
    if (windows_ % span_windows == 0) {
        std::shift_left(band.minima_db.begin(), band.minima_db.end(), 1);
        band.minima_db.back() = band.span_minimum_db;
        band.span_minimum_db = band.smoothed_db;
        band.minimum_db = *std::min_element(band.minima_db.begin(), band.minima_db.end());
    }

    const float above = level_db - band.floor_db;
    // While little has been heard, the floor is the mean of that.
    const float early = windows_ < early_windows ? 1.0F / static_cast<float>(windows_) : 0;
    if (above < 0) {
        band.floor_db += above * (above < -plunge_db ? plunge : std::max(fall, early));
    } else if (sound == Sound::noise) {
        band.floor_db += above * std::max(rise, early);
    }
    const float least = band.minimum_db + minimum_bias_db;
    if (least > band.floor_db) band.floor_db += lift * (least - band.floor_db);

    const float rate = sound == Sound::speech ? stray_rate_in_speech : stray_rate;
    band.stray_db += rate * (std::min(std::abs(above), stray_max_db) - band.stray_db);
}

}  // namespace voicectl::audio
