// SPDX-License-Identifier: Apache-2.0
// Signals whose properties a test can state: tones, noise, silence, and the energy of any of them.
#pragma once

#include "audio/pcm.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace voicectl::tests {

using audio::Sample;
using Signal = std::vector<Sample>;

/// `amplitude` is a share of full scale.
inline Signal tone(double hertz, std::chrono::milliseconds length, double amplitude = 0.5,
                   int rate = audio::pipeline_rate) {
    Signal signal(audio::samples_in(length, rate));
    for (std::size_t i = 0; i < signal.size(); ++i) {
        const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
        signal[i] = static_cast<Sample>(std::lround(32767 * amplitude * std::sin(phase)));
    }
    return signal;
}

inline Signal noise(std::chrono::milliseconds length, double amplitude = 0.2, unsigned seed = 1) {
    std::mt19937 generator(seed);
    std::uniform_int_distribution<int> sample(-static_cast<int>(32767 * amplitude),
                                              static_cast<int>(32767 * amplitude));
    Signal signal(audio::samples_in(length));
    std::generate(signal.begin(), signal.end(), [&] { return static_cast<Sample>(sample(generator)); });
    return signal;
}

/// A vowel: the harmonics of a pitch, weaker the higher they are.
inline Signal voice(std::chrono::milliseconds length, double pitch = 130, double amplitude = 0.2) {
    Signal signal(audio::samples_in(length));
    for (std::size_t i = 0; i < signal.size(); ++i) {
        double sum = 0;
        for (int harmonic = 1; harmonic <= 20; ++harmonic)
            sum += std::sin(2 * std::numbers::pi * pitch * harmonic * static_cast<double>(i) /
                            audio::pipeline_rate) /
                   harmonic;
        signal[i] = static_cast<Sample>(std::lround(32767 * amplitude * sum / 2));
    }
    return signal;
}

inline Signal silence(std::chrono::milliseconds length) {
    return Signal(audio::samples_in(length));
}

inline void append(Signal& signal, audio::Pcm more) {
    signal.insert(signal.end(), more.begin(), more.end());
}

/// Mean power, full scale being 1.
inline double power(audio::Pcm pcm) {
    double sum = 0;
    for (const auto sample : pcm)
        sum += static_cast<double>(sample) * sample;
    return pcm.empty() ? 0 : sum / static_cast<double>(pcm.size()) / (32768.0 * 32768.0);
}

/// How far the signal bends at a sample, as a share of how it bends within `around` samples of it: near 1
/// where nothing is, up to 2 * around + 1 at a click.
inline double bend(audio::Pcm pcm, std::size_t at, std::size_t around) {
    const auto second_difference = [&](std::size_t i) {
        const double d = pcm[i - 1] - 2.0 * pcm[i] + pcm[i + 1];
        return d * d;
    };
    double sum = 1;  // a least bit, for digital silence
    for (auto i = at - around; i <= at + around; ++i)
        sum += second_difference(i);
    return second_difference(at) / sum * static_cast<double>(2 * around + 1);
}

/// The share of the power that lies at one frequency (Goertzel): 1 for a pure tone, near 0 for anything else.
inline double share_at(double hertz, audio::Pcm pcm, int rate = audio::pipeline_rate) {
    double re = 0;
    double im = 0;
    for (std::size_t i = 0; i < pcm.size(); ++i) {
        const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
        re += pcm[i] / 32768.0 * std::cos(phase);
        im += pcm[i] / 32768.0 * std::sin(phase);
    }
    const auto n = static_cast<double>(pcm.size());
    const double total = power(pcm);
    return total == 0 ? 0 : 2 * (re * re + im * im) / (n * n) / total;
}

}  // namespace voicectl::tests
