// SPDX-License-Identifier: Apache-2.0
// What voice activity is judged by: the energy in bands of speech, about as wide as hearing's own at their
// place (narrow below, wide above), and how periodic the low ones are. Fed with 10 ms at a time and looking
// back over 21 ms, 45 ms for the pitch, with the newest samples weighing most. No allocation. One thread.
#pragma once

#include "audio/pcm.hpp"
#include "audio/power_spectrum.hpp"

#include <array>

namespace voicectl::audio {

class BandEnergies {
 public:
    static constexpr std::size_t window = samples_in(std::chrono::milliseconds(10));
    static constexpr std::size_t bands = 8;
    static constexpr float level_min_db = -80;

    /// Takes the next 10 ms.
    void take(std::span<const Sample, window> samples) noexcept;

    /// Mean power of each band from 90 Hz to 5.6 kHz in dB below full scale, `level_min_db` at least.
    const std::array<float, bands>& levels_db() const noexcept { return levels_db_; }
    /// The normalised autocorrelation below 1 kHz at its best lag among those of a voice's pitch, 80 to 400
    /// Hz: near 1 for a vowel, a third or so for noise (after Rabiner 1977, "On the use of autocorrelation
    /// analysis for pitch detection"). Costs as much as the rest, so it is for the windows that need it.
    float periodicity() const noexcept;

 private:
    static constexpr int pitch_rate = 4'000;
    static constexpr std::size_t lag_min = pitch_rate / 400;
    static constexpr std::size_t lags = 44;
    static constexpr std::size_t correlated =
        128;  ///< samples at the pitch rate: 32 ms, two periods and more
    static constexpr std::size_t pitch_history = correlated + lag_min + lags;

    static constexpr std::size_t half_taps = 11;   ///< of the filter to 12 kHz
    static constexpr std::size_t pitch_taps = 25;  ///< of the one from there to 4 kHz

    std::array<float, window + half_taps - 1> input_{};
    std::array<float, spectrum_input + pitch_taps> halved_{};  ///< at 12 kHz, the newest last
    std::array<float, pitch_history> low_{};                   ///< at 4 kHz, the newest last
    float low_passed_ = 0;                                     ///< the high-pass's last input and output
    float high_passed_ = 0;
    std::array<float, bands> levels_db_{};
};

}  // namespace voicectl::audio
