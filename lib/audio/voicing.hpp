// SPDX-License-Identifier: Apache-2.0
// Whether a sound has a pitch: the peak of the normalised autocorrelation over the pitches of human voices.
// A voice reaches 0.6 and more even in noise; coughs, clicks, breath and noise do not. Values; one thread.
#pragma once

#include "audio/pcm.hpp"

#include <array>
#include <cstddef>

namespace voicectl::audio {

class Voicing {
 public:
    static constexpr std::size_t decimation = 4;  ///< 6 kHz: above every pitch and the first formant

    /// Takes the next samples, 24 kHz, a multiple of `decimation`, at most 10 ms.
    void push(Pcm samples) noexcept;
    /// Of the last 33 ms, from 0 to 1; pitches from 80 to 400 Hz.
    float periodicity() const noexcept;

 private:
    static constexpr std::size_t lag_min = 15;
    static constexpr std::size_t lag_max = 75;
    static constexpr std::size_t compared = 120;

    std::array<float, compared + lag_max> recent_{};
};

}  // namespace voicectl::audio
