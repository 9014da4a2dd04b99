// SPDX-License-Identifier: Apache-2.0
// Whether somebody speaks: the levels in the bands of speech above a floor that follows the room in each of
// them, and whether the sound has a pitch. A first sign comes within 20 to 40 ms (onset), for who can take it
// back; an utterance is sure after the attack (started) and over after the hang time. Works on the audio's
// own clock: the same samples give the same answer however fast they come. One thread; allocates nothing.
#pragma once

#include "audio/band_energies.hpp"
#include "audio/pcm.hpp"
#include "audio/voicing.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace voicectl::audio {

struct VoiceActivityOptions {
    float evidence_db = 1.7F;     ///< how far above the floor, in the mean of the bands, sound counts
    float level_min_db = -50.0F;  ///< nothing quieter counts
    std::chrono::milliseconds attack{60};            ///< a voice shorter than this is no utterance
    std::chrono::milliseconds attack_unvoiced{120};  ///< the same for sound without a pitch
    std::chrono::milliseconds hang_time{500};        ///< silence that ends an utterance
};

class VoiceActivity {
 public:
    enum class Change { none, started, stopped };

    explicit VoiceActivity(VoiceActivityOptions options = {}) noexcept : options_(options) {}

    /// Takes the next samples, 24 kHz, any number; says whether an utterance began or ended within them.
    /// At most one change a call is reported, so calls should be shorter than the attack (a frame or two).
    Change process(Pcm pcm) noexcept;

    /// Whether the last windows sounded like the beginning of speech, or its going on. Wrong now and then.
    bool onset() const noexcept { return onset_; }
    /// How much sound there has been since the onset, without the gaps.
    std::chrono::milliseconds voiced() const noexcept { return window_length * sounding_; }
    /// The share of it that had a pitch, 0 to 1.
    float voicing() const noexcept {
        return sounding_ == 0 ? 0.0F : static_cast<float>(pitched_) / static_cast<float>(sounding_);
    }

    bool active() const noexcept { return active_; }
    /// Samples taken so far: the audio clock.
    std::uint64_t position() const noexcept { return position_; }
    /// Where on the audio clock the sound of the last onset began.
    std::uint64_t speech_start() const noexcept { return speech_start_; }
    /// Where the last sound that was part of an onset ended.
    std::uint64_t speech_end() const noexcept { return speech_end_; }
    void set_hang_time(std::chrono::milliseconds hang_time) noexcept { options_.hang_time = hang_time; }
    /// Forgets an utterance under way (it was committed by hand); the noise floor stays.
    void end_utterance() noexcept;

 private:
    static constexpr std::chrono::milliseconds window_length{10};
    static constexpr std::size_t window = samples_in(window_length);

    Change take_window() noexcept;
    /// How far the window stands above the floor, in dB; the floor follows it.
    float weigh(const BandEnergies& energies) noexcept;
    void follow(const BandEnergies& levels_db, float evidence) noexcept;
    void note_onset(float evidence) noexcept;
    void note_sound(bool sounds) noexcept;

    VoiceActivityOptions options_;
    std::array<Sample, spectrum_samples> recent_{};  ///< the last of them are the window being filled
    std::size_t filled_ = 0;
    std::uint64_t position_ = 0;
    std::uint64_t speech_start_ = 0;
    std::uint64_t speech_end_ = 0;
    BandEnergies before_{};    ///< of the window before
    BandEnergies floor_db_{};  ///< of the room
    std::size_t windows_ = 0;  ///< taken, as far as the first ones are special
    Voicing voicing_;
    float sum_ = 0;                ///< of evidence towards an onset
    std::uint64_t sum_start_ = 0;  ///< where it began to grow
    int sounding_ = 0;             ///< windows with sound since the onset
    int pitched_ = 0;              ///< those of them that had a pitch
    int run_ = 0;                  ///< windows with sound in the attack so far
    int pitched_run_ = 0;          ///< those of them that had a pitch
    int gap_ = 0;                  ///< windows without since the last with
    bool onset_ = false;
    bool active_ = false;
};

}  // namespace voicectl::audio
