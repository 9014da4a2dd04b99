// SPDX-License-Identifier: Apache-2.0
// Real people's speech, as Debian brings it: Asterisk's prompts (8 kHz) and a chapter of LibriVox (16 kHz),
// both by women, and a few words by men in a noisy room (16 kHz).
#pragma once

#include "audio/resampler.hpp"
#include "audio/sound_file.hpp"
#include "tests/support/signal.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace voicectl::tests {

/// In the order of their names.
inline std::vector<std::filesystem::path> recordings_of_speech() {
    std::vector<std::filesystem::path> files;
    for (const auto* folder :
         {"/usr/share/asterisk/sounds/en_US_f_Allison", "/usr/share/pocketsphinx/test/data/librivox"})
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().extension() == ".wav" &&
                entry.path().filename().string().find("beep") == std::string::npos)
                files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

/// At 24 kHz; empty if it cannot be read. What has no header (.raw) is PCM at 16 kHz.
inline Signal read_speech(const std::filesystem::path& file) {
    if (file.extension() == ".raw") {
        std::ifstream raw(file, std::ios::binary);
        Signal samples(std::filesystem::file_size(file) / sizeof(Sample));
        raw.read(reinterpret_cast<char*>(samples.data()),
                 static_cast<std::streamsize>(samples.size() * sizeof(Sample)));
        return audio::resample(samples, 16'000, audio::pipeline_rate);
    }
    const auto recording = audio::read_recording(file);
    if (!recording) return {};
    return audio::resample(recording->samples, recording->rate, audio::pipeline_rate);
}

/// As loud as that: the root of its mean power.
inline void append_at_level(Signal& speech, const Signal& one, double level) {
    const double gain = level / std::sqrt(power(one));
    for (const auto sample : one)
        speech.push_back(static_cast<Sample>(std::clamp(std::lround(sample * gain), -32767L, 32767L)));
}

/// Of both women, each recording at `level`.
inline Signal speech_of_women(std::chrono::milliseconds length, double level) {
    Signal speech;
    const auto files = recordings_of_speech();
    for (std::size_t i = 0; i < files.size() && speech.size() < audio::samples_in(length); ++i) {
        // The chapter is at the end of the list; steps without a common divisor visit all of it.
        const auto one = read_speech(files[files.size() - 1 - i * 7 % files.size()]);
        if (one.size() >= audio::samples_in(std::chrono::seconds(1))) append_at_level(speech, one, level);
    }
    return speech;
}

/// Some ten seconds.
inline Signal speech_of_men(double level) {
    Signal speech;
    for (const auto* name : {"goforward", "numbers", "something"})
        append_at_level(
            speech, read_speech(std::string("/usr/share/pocketsphinx/test/data/") + name + ".raw"), level);
    return speech;
}

}  // namespace voicectl::tests
