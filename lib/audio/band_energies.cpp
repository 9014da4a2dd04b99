// SPDX-License-Identifier: Apache-2.0
#include "audio/band_energies.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <utility>

namespace voicectl::audio {
namespace {

constexpr std::size_t half = spectrum_samples / 2;
constexpr std::array<std::size_t, speech_bands + 1> edges{1, 3, 6, 11, 19, 30, 45, 70};  // bins

using Complex = std::complex<float>;

Complex times(Complex a, Complex b) noexcept {  // without the standard's care for infinities
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

struct Tables {
    std::array<float, spectrum_samples> window;
    std::array<Complex, half> turns;  ///< exp(-2 pi i k / 256)
    std::array<std::size_t, half> reversed;

    Tables() noexcept {
        for (std::size_t i = 0; i < spectrum_samples; ++i)
            window[i] =
                static_cast<float>((0.5 - 0.5 * std::cos(2 * std::numbers::pi *
                                                         (static_cast<double>(i) + 0.5) / spectrum_samples)) /
                                   32768);
        for (std::size_t k = 0; k < half; ++k) {
            const double angle = -2 * std::numbers::pi * static_cast<double>(k) / spectrum_samples;
            turns[k] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
            reversed[k] = 0;
            for (std::size_t bit = 1, mirror = half / 2; bit < half; bit *= 2, mirror /= 2)
                if ((k & bit) != 0) reversed[k] |= mirror;
        }
    }
};

const Tables& tables() noexcept {
    static const Tables made;
    return made;
}

/// In place; the input in bit-reversed order (Cooley and Tukey 1965, radix 2).
void transform(std::array<Complex, half>& values, const Tables& table) noexcept {
    for (std::size_t span = 1; span < half; span *= 2)
        for (std::size_t start = 0; start < half; start += 2 * span)
            for (std::size_t k = 0; k < span; ++k) {
                auto& low = values[start + k];
                auto& high = values[start + k + span];
                const auto turned = times(high, table.turns[k * (half / span)]);
                high = low - turned;
                low += turned;
            }
}

}  // namespace

BandEnergies band_energies(std::span<const Sample, spectrum_samples> samples) noexcept {
    const auto& table = tables();
    // The even samples as the real part and the odd ones as the imaginary: one transform of half the length.
    std::array<Complex, half> values;
    for (std::size_t i = 0; i < half; ++i)
        values[table.reversed[i]] = {static_cast<float>(samples[2 * i]) * table.window[2 * i],
                                     static_cast<float>(samples[2 * i + 1]) * table.window[2 * i + 1]};
    transform(values, table);
    BandEnergies energies{};
    constexpr float scale = 16.0F / (spectrum_samples * spectrum_samples);
    for (std::size_t band = 0; band < speech_bands; ++band)
        for (std::size_t bin = edges[band]; bin < edges[band + 1]; ++bin) {
            const auto a = values[bin];
            const auto b = std::conj(values[half - bin]);
            const auto spectrum = (a + b) * 0.5F + times(Complex(0, -0.5F) * (a - b), table.turns[bin]);
            energies[band] += std::norm(spectrum) * scale;
        }
    return energies;
}

}  // namespace voicectl::audio
