// SPDX-License-Identifier: Apache-2.0
// The level of the noise in each band, and how far it strays. The floor follows what is not speech, and is
// carried up by the minimum of the last seconds where a noise has set in that never pauses, as speech does
// (after Martin 2001, "Noise power spectral density estimation based on optimal smoothing and minimum
// statistics"). Digital silence is a muted microphone's and tells nothing of the room: the floor is kept over
// it. Fed every 10 ms. No allocation. One thread.
#pragma once

#include "audio/band_energies.hpp"

#include <array>
#include <cstddef>

namespace voicectl::audio {

class NoiseFloor {
 public:
    using Levels = std::array<float, BandEnergies::bands>;
    /// What a window holds, as far as its judge knows.
    enum class Sound {
        silence,  ///< digital: below any microphone's noise
        noise,
        speech,  ///< maybe, so no noise
    };

    NoiseFloor() noexcept;

    /// Whether enough of the room has been heard. A start in digital silence tells nothing of it, and it is
    /// taken for silent until then.
    bool known() const noexcept { return windows_ > 0; }
    /// How far the bands stand above the floor and the noise's own straying, in dB, no band by more than a
    /// bound, as their mean.
    float evidence_db(const Levels& levels_db) const noexcept;
    /// Takes the levels of another window, which count some windows later.
    void follow(const Levels& levels_db, Sound sound) noexcept;

 private:
    static constexpr std::size_t spans = 7;
    static constexpr std::size_t span_windows = 25;

    struct Band {
        float floor_db = 0;
        float stray_db = 2;     ///< mean distance from the floor
        float smoothed_db = 0;  ///< the level, for the minimum
        float minimum_db = 0;   ///< of the spans together
        float span_minimum_db = 0;
        std::array<float, spans> minima_db{};
    };

    struct Window {
        Levels levels_db;
        Sound sound;
    };

    /// While the room is not known.
    void listen(const Levels& levels_db) noexcept;
    void begin(const Levels& levels_db) noexcept;
    void note_pause() noexcept;
    void learn(const Window& window) noexcept;
    void learn(Band& band, float level_db, Sound sound) const noexcept;

    std::array<Band, BandEnergies::bands> bands_{};
    std::size_t windows_ = 0;    ///< learned from
    bool from_silence_ = false;  ///< there was nothing but silence before them
    /// The last windows: those just before a silence are half of it.
    std::array<Window, 2> waiting_{};
    std::size_t since_silence_ = 0;  ///< windows
};

}  // namespace voicectl::audio
