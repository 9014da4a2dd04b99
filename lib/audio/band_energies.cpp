// SPDX-License-Identifier: Apache-2.0
#include "audio/band_energies.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace voicectl::audio {
namespace {

constexpr float high_pass_pole = 0.8F;  // 140 Hz at 4 kHz

// Bins of 46.875 Hz: the first of each band, and the end of the last.
constexpr std::array<std::size_t, BandEnergies::bands + 1> band_edges{2, 6, 11, 18, 27, 40, 58, 84, 120};

/// A low-pass by Blackman's window; `corner` as a share of the sampling rate.
template <std::size_t taps>
std::array<float, taps> low_pass(double corner) {
    std::array<float, taps> filter;
    double sum = 0;
    for (std::size_t i = 0; i < taps; ++i) {
        const double x = static_cast<double>(i) - (taps - 1) / 2.0;
        const double turn = 2 * std::numbers::pi * (static_cast<double>(i) + 1) / (taps + 1);
        const double phase = 2 * std::numbers::pi * corner * x;
        const double tap = (x == 0 ? 1 : std::sin(phase) / phase) *
                           (0.42 - 0.5 * std::cos(turn) + 0.08 * std::cos(2 * turn));
        filter[i] = static_cast<float>(tap);
        sum += tap;
    }
    for (float& tap : filter)
        tap = static_cast<float>(tap / sum);
    return filter;
}

/// Rises slowly and falls fast, so that what has just begun is seen at once.
std::array<float, spectrum_input> taper() {
    constexpr std::size_t fall = 40;
    std::array<float, spectrum_input> weights;
    double power = 0;
    for (std::size_t i = 0; i < spectrum_input; ++i) {
        const double share = i < spectrum_input - fall
                                 ? (static_cast<double>(i) + 0.5) / (spectrum_input - fall)
                                 : (static_cast<double>(spectrum_input - i) - 0.5) / fall;
        const double weight = std::pow(std::sin(std::numbers::pi / 2 * share), 2);
        weights[i] = static_cast<float>(weight);
        power += weight * weight;
    }
    // The sum over all bins, both halves, is then the mean square of the samples.
    const auto scale = static_cast<float>(std::sqrt(2 / (power * spectrum_input)));
    for (float& weight : weights)
        weight *= scale;
    return weights;
}

const auto half_filter = low_pass<11>(0.22);
const auto pitch_filter = low_pass<25>(0.075);
const auto weights = taper();

}  // namespace

void BandEnergies::take(std::span<const Sample, window> samples) noexcept {
    constexpr std::size_t halved = window / 2;
    constexpr std::size_t lowered = halved / 3;
    std::copy(input_.end() - (half_taps - 1), input_.end(), input_.begin());
    for (std::size_t i = 0; i < window; ++i)
        input_[half_taps - 1 + i] = static_cast<float>(samples[i]) / 32768.0F;

    std::copy(halved_.begin() + halved, halved_.end(), halved_.begin());
    for (std::size_t i = 0; i < halved; ++i) {
        float sum = 0;
        for (std::size_t tap = 0; tap < half_taps; ++tap)
            sum += half_filter[tap] * input_[2 * i + tap];
        halved_[halved_.size() - halved + i] = sum;
    }

    std::copy(low_.begin() + lowered, low_.end(), low_.begin());
    const float* newest = halved_.data() + (halved_.size() - halved - pitch_taps + 3);
    for (std::size_t i = 0; i < lowered; ++i) {
        float sum = 0;
        for (std::size_t tap = 0; tap < pitch_taps; ++tap)
            sum += pitch_filter[tap] * newest[3 * i + tap];
        // Without this, rumble would look like a voice.
        high_passed_ = sum - low_passed_ + high_pass_pole * high_passed_;
        low_passed_ = sum;
        low_[low_.size() - lowered + i] = high_passed_;
    }

    std::array<float, spectrum_input> weighted;
    for (std::size_t i = 0; i < spectrum_input; ++i)
        weighted[i] = weights[i] * halved_[pitch_taps + i];
    std::array<float, spectrum_bins> power;
    power_spectrum(weighted, power);
    for (std::size_t band = 0; band < bands; ++band) {
        float sum = 1e-12F;
        for (std::size_t bin = band_edges[band]; bin < band_edges[band + 1]; ++bin)
            sum += power[bin];
        levels_db_[band] = std::max(10.0F * std::log10(sum), level_min_db);
    }
}

float BandEnergies::periodicity() const noexcept {
    const float* recent = low_.data() + lag_min + lags;
    std::array<float, lags> products{};
    // The lags inside, so that they are summed side by side.
    for (std::size_t i = 0; i < correlated; ++i) {
        const float* earlier = recent + i - lag_min - lags + 1;
        for (std::size_t k = 0; k < lags; ++k)
            products[k] += recent[i] * earlier[k];
    }
    float energy = 1e-9F;
    for (std::size_t i = 0; i < correlated; ++i)
        energy += recent[i] * recent[i];
    // That of the samples a lag earlier, from the longest lag on.
    const float* earlier = recent - lag_min - lags + 1;
    float earlier_energy = 1e-9F;
    for (std::size_t i = 0; i < correlated; ++i)
        earlier_energy += earlier[i] * earlier[i];
    float best = 0;
    for (std::size_t k = 0; k < lags; ++k) {
        best = std::max(best, products[k] / std::sqrt(energy * std::max(earlier_energy, energy / 4)));
        earlier_energy += earlier[k + correlated] * earlier[k + correlated] - earlier[k] * earlier[k];
    }
    return std::min(best, 1.0F);
}

}  // namespace voicectl::audio
