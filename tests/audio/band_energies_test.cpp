// SPDX-License-Identifier: Apache-2.0
#include "audio/band_energies.hpp"

#include "support/signal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>

namespace voicectl::audio {
namespace {

using namespace std::chrono_literals;

BandEnergies fed_with(const tests::Signal& signal) {
    BandEnergies energies;
    for (std::size_t at = 0; at + BandEnergies::window <= signal.size(); at += BandEnergies::window)
        energies.take(Pcm(signal).subspan(at).first<BandEnergies::window>());
    return energies;
}

TEST(PowerSpectrum, AgreesWithTheDefinition) {
    const auto signal = tests::noise(20ms, 0.5);
    std::array<float, spectrum_input> samples;
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<float>(signal[i]) / 32768.0F;
    std::array<float, spectrum_bins> power;
    power_spectrum(samples, power);
    for (std::size_t k = 0; k < power.size(); ++k) {
        std::complex<double> sum;
        for (std::size_t i = 0; i < samples.size(); ++i)
            sum += static_cast<double>(samples[i]) *
                   std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * i) / spectrum_input);
        EXPECT_NEAR(power[k], std::norm(sum), 1e-3) << k;
    }
}

TEST(BandEnergies, PutsAToneInItsBandAtItsLevel) {
    const std::pair<double, std::size_t> tones[] = {{200, 0},  {400, 1},  {680, 2},  {1050, 3},
                                                    {1570, 4}, {2300, 5}, {3300, 6}, {4400, 7}};
    for (const auto& [hertz, band] : tones) {
        const auto energies = fed_with(tests::tone(hertz, 100ms, 0.1));
        const auto& levels = energies.levels_db();
        EXPECT_EQ(std::max_element(levels.begin(), levels.end()) - levels.begin(),
                  static_cast<std::ptrdiff_t>(band))
            << hertz;
        // A sine of a tenth of full scale has -23 dB; the uppermost band is on the decimating filter's slope.
        EXPECT_NEAR(levels[band], -23, band == 7 ? 6 : 2) << hertz;
    }
}

TEST(BandEnergies, GivesSilenceItsLeastLevel) {
    const auto energies = fed_with(tests::silence(100ms));
    for (const float level : energies.levels_db())
        EXPECT_FLOAT_EQ(level, -80);
}

TEST(BandEnergies, FindsThePitchOfPulsesAndNoneInNoise) {
    for (const int hertz : {80, 125, 240, 395}) {
        tests::Signal pulses(samples_in(200ms));
        for (std::size_t i = 0; i < pulses.size(); i += static_cast<std::size_t>(pipeline_rate / hertz))
            pulses[i] = 20'000;
        EXPECT_GT(fed_with(pulses).periodicity(), 0.8F) << hertz;
    }
    int periodic = 0;
    for (unsigned seed = 1; seed <= 200; ++seed)
        periodic += fed_with(tests::noise(100ms, 0.3, seed)).periodicity() > 0.6F ? 1 : 0;
    EXPECT_LE(periodic, 6);
}

}  // namespace
}  // namespace voicectl::audio
