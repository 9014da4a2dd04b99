// SPDX-License-Identifier: Apache-2.0
#include "audio/voice_activity.hpp"

#include "audio/level.hpp"

#include <algorithm>
#include <cmath>

namespace voicectl::audio {
namespace {

constexpr int windows_in(std::chrono::milliseconds span) noexcept {
    return static_cast<int>(span.count() / 10);
}

constexpr int gap_forever = 1'000'000;
constexpr int onset_gap_max = 5;       // a pause of 50 ms ends an onset
constexpr int candidate_gap_max = 20;  // and one of 200 ms what has become no utterance by then

constexpr float periodicity_min = 0.6F;  // noise seldom reaches it
constexpr float needed_with_pitch = 0.8F;
constexpr float needed_within = 0.7F;  // an onset under way, whose faint parts are speech too
constexpr float needed_before = 0.7F;  // of the window before, where this one is not strong by itself
constexpr float strong = 1.2F;
constexpr float maybe_speech = 0.8F;      // kept out of the floor
constexpr float maybe_with_pitch = 0.5F;  // worth a look at the pitch

// What the noise's evidence strays by, at evidence_db's default, is multiplied by this: a steady noise
// stays below it, and so does most of the talk of a full room.
constexpr float usual_strays = 5.5F;
constexpr float usual_rate = 0.01F;
constexpr float learned_max = 1.3F;  // what an utterance may have added to that

constexpr float tail_db = 10;
constexpr float silence_db = -85;  // two steps of 16 bits

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

std::chrono::milliseconds VoiceActivity::voiced() const noexcept {
    // Of the windows at the two edges a part each is speech.
    return std::max(windows_spoken_ - 1, 0) * window_length;
}

float VoiceActivity::voicing() const noexcept {
    return windows_spoken_ == 0 ? 0
                                : static_cast<float>(windows_pitched_) / static_cast<float>(windows_spoken_);
}

VoiceActivity::Change VoiceActivity::take_window() noexcept {
    energies_.take(window_);
    if (judge(rms_db(window_))) {
        note_speech();
    } else {
        note_pause();
    }
    if (!active_) {
        if (!attacked()) return Change::none;
        active_ = true;
        // It was speech, so little is learned from it; but where a room's talk is taken for speech time and
        // again, that little adds up.
        usual_.mean_db = std::min(usual_.mean_db, learned_max * usual_before_.mean_db);
        usual_.stray_db = std::min(usual_.stray_db, learned_max * usual_before_.stray_db);
        return Change::started;
    }
    if (gap_ < windows_in(options_.hang_time)) return Change::none;
    end_utterance();
    return Change::stopped;
}

bool VoiceActivity::judge(float level_db) noexcept {
    const auto& levels_db = energies_.levels_db();
    const float evidence = floor_.evidence_db(levels_db);
    const float caution = usual_strays * options_.evidence_db / VoiceActivityOptions{}.evidence_db;
    float needed = std::max(options_.evidence_db, usual_.mean_db + caution * usual_.stray_db);
    pitched_ = evidence > maybe_with_pitch * needed && energies_.periodicity() > periodicity_min;
    // The first sound after a start in silence is a person's or a room's: only a pitch tells them apart.
    const bool nothing = !floor_.known() && !pitched_ && !onset_;
    if (pitched_) needed *= needed_with_pitch;
    if (onset_) needed *= needed_within;

    const bool backed = onset_ || last_evidence_db_ > needed_before * needed || evidence > strong * needed;
    // The spectrum still holds the 10 ms before: what stands out there but not here is their tail.
    const bool sounds = level_db > options_.level_min_db && level_db > last_level_db_ - tail_db;
    const auto sound = level_db < silence_db                          ? NoiseFloor::Sound::silence
                       : !nothing && evidence > maybe_speech * needed ? NoiseFloor::Sound::speech
                                                                      : NoiseFloor::Sound::noise;
    floor_.follow(levels_db, sound);
    if (!active_ && floor_.known()) usual_.follow(std::min(evidence, 2 * needed));
    last_evidence_db_ = evidence;
    last_level_db_ = level_db;
    return evidence > needed && backed && sounds && !nothing;
}

void VoiceActivity::Usual::follow(float evidence_db) noexcept {
    mean_db += usual_rate * (evidence_db - mean_db);
    stray_db += usual_rate * (std::abs(evidence_db - mean_db) - stray_db);
}

void VoiceActivity::note_speech() noexcept {
    if (!active_ && gap_ > candidate_gap_max) {
        windows_spoken_ = windows_pitched_ = 0;
        speech_start_ = position_ - window;
        usual_before_ = usual_;
    }
    if (!onset_) ++onsets_;
    onset_ = true;
    gap_ = 0;
    speech_end_ = position_;
    ++windows_spoken_;
    windows_pitched_ += pitched_ ? 1 : 0;
    ++run_;
    run_pitched_ += pitched_ ? 1 : 0;
}

void VoiceActivity::note_pause() noexcept {
    gap_ = std::min(gap_ + 1, gap_forever);
    if (gap_ > onset_gap_max) onset_ = false;
    // Syllables have holes, which the attack survives.
    if (!active_ && gap_ > windows_in(options_.attack) / 2) run_ = run_pitched_ = 0;
}

bool VoiceActivity::attacked() const noexcept {
    const auto attack = run_pitched_ * 10 > run_ * 3 ? options_.attack : options_.attack_unvoiced;
    return run_ > 0 && run_ >= windows_in(attack);
}

void VoiceActivity::end_utterance() noexcept {
    active_ = false;
    onset_ = false;
    run_ = run_pitched_ = 0;
    gap_ = gap_forever;
}

}  // namespace voicectl::audio
