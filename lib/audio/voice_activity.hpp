// SPDX-License-Identifier: Apache-2.0
// Whether somebody speaks: how far the bands of speech stand above a noise floor of their own, and whether
// what is heard has a pitch, judged every 10 ms, with an attack and a hang time. Two answers: a quick one
// that is cheap to be wrong (`onset`), and one that is sure (`started`), which a click is too short for and a
// cough or a burst of noise, having no pitch, must last longer for. Works on the audio's own clock: the same
// samples give the same answer however they are cut and however fast they come. Nothing is allocated. One
// thread.
#pragma once

#include "audio/band_energies.hpp"
#include "audio/noise_floor.hpp"
#include "audio/pcm.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace voicectl::audio {

/// The evidence, in dB, that a threshold on the Realtime API's scale stands for: 0 to 1, usually 0.5.
constexpr float evidence_for(float threshold) noexcept {
    return 0.7F + 2.0F * threshold;
}

struct VoiceActivityOptions {
    /// How far the bands must stand above the noise and its straying, as their mean, in a quiet room; in an
    /// uneven noise the need grows, in proportion to this.
    float evidence_db = evidence_for(0.5F);
    float level_min_db = -50.0F;                     ///< nothing quieter counts as speech
    std::chrono::milliseconds attack{60};            ///< speech with a pitch that is shorter is none
    std::chrono::milliseconds attack_unvoiced{200};  ///< the same for speech without
    std::chrono::milliseconds hang_time{500};        ///< silence that ends an utterance
};

class VoiceActivity {
 public:
    enum class Change { none, started, stopped };

    explicit VoiceActivity(VoiceActivityOptions options = {}) noexcept : options_(options) {}

    /// Takes the next samples, 24 kHz, any number; says whether an utterance began or ended within them.
    /// At most one change a call is reported, so calls should be shorter than the attack (a frame or two).
    Change process(Pcm pcm) noexcept;

    /// From `started` to `stopped`.
    bool active() const noexcept { return active_; }
    /// Speech is likely as of the last 10 ms. Before `started`, it may turn out to have been none.
    bool onset() const noexcept { return onset_; }
    /// How often `onset` has become true.
    std::uint64_t onsets() const noexcept { return onsets_; }
    /// How much of the utterance, or of the onset that may become one, sounded like speech: pauses and the
    /// hang time do not count. Of the last one until the next begins.
    std::chrono::milliseconds voiced() const noexcept;
    /// The share of that which has a pitch, 0 to 1.
    float voicing() const noexcept;

    /// Samples taken so far: the audio clock.
    std::uint64_t position() const noexcept { return position_; }
    /// Where on the audio clock the speech of the last `onset` or `started` began.
    std::uint64_t speech_start() const noexcept { return speech_start_; }
    /// Where the last that sounded like speech ended.
    std::uint64_t speech_end() const noexcept { return speech_end_; }
    void set_hang_time(std::chrono::milliseconds hang_time) noexcept { options_.hang_time = hang_time; }
    /// Forgets an utterance under way (it was committed by hand); the noise floor stays.
    void end_utterance() noexcept;

 private:
    static constexpr std::chrono::milliseconds window_length{10};
    static constexpr std::size_t window = samples_in(window_length);

    /// The evidence that noise itself gives, and its mean distance from that.
    struct Usual {
        float mean_db = 0;
        float stray_db = 0.5F;
        void follow(float evidence_db) noexcept;
    };

    Change take_window() noexcept;
    /// Whether the window is speech, and notes if it has a pitch.
    bool judge(float level_db) noexcept;
    void note_speech() noexcept;
    void note_pause() noexcept;
    bool attacked() const noexcept;

    VoiceActivityOptions options_;
    BandEnergies energies_;
    NoiseFloor floor_;
    std::array<Sample, window> window_{};
    std::size_t filled_ = 0;
    std::uint64_t position_ = 0;
    std::uint64_t speech_start_ = 0;
    std::uint64_t speech_end_ = 0;
    std::uint64_t onsets_ = 0;
    float last_level_db_ = -100.0F;
    float last_evidence_db_ = 0;
    Usual usual_;
    Usual usual_before_;       ///< as it was at the onset
    int windows_spoken_ = 0;   ///< since speech_start_
    int windows_pitched_ = 0;  ///< those among them that have a pitch
    int run_ = 0;              ///< windows of speech in the attack so far
    int run_pitched_ = 0;
    int gap_ = 1'000'000;   ///< windows since the last of speech
    bool pitched_ = false;  ///< the last window
    bool onset_ = false;
    bool active_ = false;
};

}  // namespace voicectl::audio
