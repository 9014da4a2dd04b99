// SPDX-License-Identifier: Apache-2.0
#include "audio/voice_activity.hpp"

#include "audio/level.hpp"

#include <algorithm>
#include <cmath>

namespace voicectl::audio {
namespace {

constexpr std::size_t first_windows = 10;  // of a room that nothing is known of
constexpr float floor_first = 0.3F;
constexpr float floor_fall = 0.05F;         // a quieter room is believed within 200 ms
constexpr float floor_rise = 0.02F;         // a louder one within half a second
constexpr float floor_rise_sound = 0.002F;  // what sounds may be speech, but not for ever: 5 s
constexpr float band_db_max = 15.0F;        // what one band can say for all
// How far steady noise strays over two windows, which is the more the fewer bins a band has.
constexpr BandEnergies stray_db{3.0F, 2.6F, 2.2F, 1.8F, 1.5F, 1.3F, 1.1F};
constexpr float periodic = 0.6F;
constexpr float pitched_share = 0.3F;
// The onset is a cumulative sum (Page 1954) of what the windows say beyond the drift: one loud window is
// enough, or three faint ones. Both are shares of the evidence.
constexpr float onset_drift = 0.65F;
constexpr float onset_sum = 0.8F;
constexpr int onset_gap = 10;  // windows: longer than the closure of a "p"
constexpr float quiet_db = -90.0F;

}  // namespace

VoiceActivity::Change VoiceActivity::process(Pcm pcm) noexcept {
    auto change = Change::none;
    constexpr auto kept = spectrum_samples - window;
    while (!pcm.empty()) {
        const auto take = std::min(pcm.size(), window - filled_);
        std::copy_n(pcm.begin(), take, recent_.begin() + static_cast<std::ptrdiff_t>(kept + filled_));
        filled_ += take;
        position_ += take;
        pcm = pcm.subspan(take);
        if (filled_ < window) break;
        filled_ = 0;
        if (const auto seen = take_window(); seen != Change::none) change = seen;
        std::copy_n(recent_.end() - kept, kept, recent_.begin());
    }
    return change;
}

float VoiceActivity::weigh(const BandEnergies& energies) noexcept {
    BandEnergies levels_db;
    float sum = 0;
    for (std::size_t band = 0; band < speech_bands; ++band) {
        // Over two windows: one alone is too uneven to tell noise from more.
        const float power = (energies[band] + before_[band]) / 2;
        levels_db[band] = std::max(10 * std::log10(power + 1e-12F), quiet_db);
        if (windows_ == 0) floor_db_[band] = levels_db[band];
        sum += std::clamp(levels_db[band] - floor_db_[band] - stray_db[band], 0.0F, band_db_max);
    }
    before_ = energies;
    const float evidence = sum / speech_bands;
    follow(levels_db, evidence);
    return evidence;
}

void VoiceActivity::follow(const BandEnergies& levels_db, float evidence) noexcept {
    const bool first = windows_ < first_windows;
    if (first) ++windows_;
    for (std::size_t band = 0; band < speech_bands; ++band) {
        const float above = levels_db[band] - floor_db_[band];
        const float rise = evidence > options_.evidence_db ? floor_rise_sound : floor_rise;
        floor_db_[band] += above * (first ? floor_first : above < 0 ? floor_fall : rise);
    }
}

VoiceActivity::Change VoiceActivity::take_window() noexcept {
    const auto fresh = Pcm(recent_).last(window);
    const float evidence = weigh(band_energies(recent_));
    voicing_.push(fresh);
    const bool loud = rms_db(fresh) > options_.level_min_db;
    const bool sounds = loud && evidence > options_.evidence_db;
    note_onset(loud ? evidence : 0);
    note_sound(sounds);

    const auto windows_in = [](std::chrono::milliseconds span) {
        return static_cast<int>(span / window_length);
    };
    if (!active_) {
        // Syllables have holes: the attack survives a gap of half its length.
        if (!sounds && gap_ > windows_in(options_.attack) / 2) run_ = pitched_run_ = 0;
        const bool pitched = static_cast<float>(pitched_run_) > pitched_share * static_cast<float>(run_);
        if (run_ < windows_in(pitched ? options_.attack : options_.attack_unvoiced)) return Change::none;
        active_ = true;
        return Change::started;
    }
    if (gap_ < windows_in(options_.hang_time)) return Change::none;
    end_utterance();
    return Change::stopped;
}

void VoiceActivity::note_onset(float evidence) noexcept {
    if (onset_) return;
    if (sum_ <= 0) sum_start_ = position_ - window;
    sum_ = std::max(0.0F, sum_ + evidence - onset_drift * options_.evidence_db);
    if (sum_ < onset_sum * options_.evidence_db) return;
    onset_ = true;
    sum_ = 0;
    gap_ = 0;
    speech_start_ = sum_start_;
    speech_end_ = position_;
}

void VoiceActivity::note_sound(bool sounds) noexcept {
    if (!sounds) {
        ++gap_;
        if (gap_ > onset_gap) onset_ = false;
        if (!onset_ && !active_) sounding_ = pitched_ = 0;
        return;
    }
    const bool pitched = voicing_.periodicity() > periodic;
    gap_ = 0;
    ++sounding_;
    ++run_;
    pitched_ += pitched ? 1 : 0;
    pitched_run_ += pitched ? 1 : 0;
    if (onset_ || active_) speech_end_ = position_;
}

void VoiceActivity::end_utterance() noexcept {
    active_ = onset_ = false;
    sounding_ = pitched_ = run_ = pitched_run_ = gap_ = 0;
}

}  // namespace voicectl::audio
