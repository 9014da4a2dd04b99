// SPDX-License-Identifier: Apache-2.0
#include "audio/power_spectrum.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace voicectl::audio {
namespace {

constexpr std::size_t points = spectrum_input / 2;
constexpr std::size_t point_bits = 7;
static_assert(points == 1U << point_bits);

struct Tables {
    /// exp(-2 pi i k / 256)
    std::array<float, points> cosine{};
    std::array<float, points> sine{};
    std::array<std::uint8_t, points> reversed{};

    Tables() noexcept {
        for (std::size_t k = 0; k < points; ++k) {
            const double angle = -2 * std::numbers::pi * static_cast<double>(k) / spectrum_input;
            cosine[k] = static_cast<float>(std::cos(angle));
            sine[k] = static_cast<float>(std::sin(angle));
            for (std::size_t bit = 0; bit < point_bits; ++bit)
                if ((k >> bit) & 1U) reversed[k] |= static_cast<std::uint8_t>(1U << (point_bits - 1 - bit));
        }
    }
};

const Tables tables;

}  // namespace

void power_spectrum(std::span<const float, spectrum_input> samples,
                    std::span<float, spectrum_bins> power) noexcept {
    std::array<float, points> re;
    std::array<float, points> im;
    for (std::size_t i = 0; i < points; ++i) {
        const std::size_t from = tables.reversed[i];
        re[i] = samples[2 * from];
        im[i] = samples[2 * from + 1];
    }
    for (std::size_t half = 1; half < points; half *= 2) {
        const std::size_t stride = points / half;  // a turn of the table is half of one of these points
        for (std::size_t block = 0; block < points; block += 2 * half) {
            for (std::size_t j = 0; j < half; ++j) {
                const float c = tables.cosine[j * stride];
                const float s = tables.sine[j * stride];
                const std::size_t a = block + j;
                const std::size_t b = a + half;
                const float x = c * re[b] - s * im[b];
                const float y = c * im[b] + s * re[b];
                re[b] = re[a] - x;
                im[b] = im[a] - y;
                re[a] += x;
                im[a] += y;
            }
        }
    }
    // The transforms of the even and of the odd samples, taken apart by their symmetry.
    power[0] = (re[0] + im[0]) * (re[0] + im[0]);
    for (std::size_t k = 1; k < points; ++k) {
        const float even_re = 0.5F * (re[k] + re[points - k]);
        const float even_im = 0.5F * (im[k] - im[points - k]);
        const float odd_re = 0.5F * (im[k] + im[points - k]);
        const float odd_im = 0.5F * (re[points - k] - re[k]);
        const float x = even_re + tables.cosine[k] * odd_re - tables.sine[k] * odd_im;
        const float y = even_im + tables.cosine[k] * odd_im + tables.sine[k] * odd_re;
        power[k] = x * x + y * y;
    }
}

}  // namespace voicectl::audio
