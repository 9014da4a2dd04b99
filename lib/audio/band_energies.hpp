// SPDX-License-Identifier: Apache-2.0
// The level of a short window in the bands of speech, by a Fourier transform of its own: small, fixed, and
// without memory to allocate. Values; one thread.
#pragma once

#include "audio/pcm.hpp"

#include <array>
#include <cstddef>

namespace voicectl::audio {

constexpr std::size_t spectrum_samples = 256;  ///< 10.7 ms at 24 kHz; bins of 94 Hz
constexpr std::size_t speech_bands = 7;        ///< edges at 90, 280, 560, 1030, 1780, 2810, 4220 and 6560 Hz

using BandEnergies = std::array<float, speech_bands>;

/// Mean power in each band, a full-scale sine in it being about 1; `samples` at 24 kHz. Hann window.
BandEnergies band_energies(std::span<const Sample, spectrum_samples> samples) noexcept;

}  // namespace voicectl::audio
