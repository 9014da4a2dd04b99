// SPDX-License-Identifier: Apache-2.0
// The power spectrum of 256 real samples by a complex FFT of half the length (Cooley and Tukey 1965; the even
// samples as real and the odd ones as imaginary parts). Written by hand because 256 points of one kind are
// all that is wanted, with no plan and no allocation. Its tables are shared and constant; any thread.
#pragma once

#include <array>
#include <span>

namespace voicectl::audio {

constexpr std::size_t spectrum_input = 256;
constexpr std::size_t spectrum_bins = spectrum_input / 2;

/// |X_k|^2 for k = 0 .. 127, without scaling; bin k lies at k / 256 of the sampling rate.
void power_spectrum(std::span<const float, spectrum_input> samples,
                    std::span<float, spectrum_bins> power) noexcept;

}  // namespace voicectl::audio
