// SPDX-License-Identifier: Apache-2.0
#include "evaluate/scene.hpp"

#include "base/error.hpp"
#include "tests/support/recordings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <string>

namespace voicectl::evaluate {
namespace {

using namespace std::chrono_literals;
using audio::pipeline_rate;
using audio::samples_in;

constexpr std::size_t step = samples_in(5ms);
constexpr float speech_below_peak_db =
    28;                                  // what is fainter than this beside the loudest syllable is a pause
constexpr std::size_t pause_steps = 60;  // 300 ms: a longer pause parts two utterances

float mean_square(const float* samples, std::size_t count) {
    float sum = 0;
    for (std::size_t i = 0; i < count; ++i)
        sum += samples[i] * samples[i];
    return sum / static_cast<float>(count);
}

/// Scales to an RMS of 1 over the louder half of its steps, so that pauses do not count.
void normalise(Clip& clip) {
    std::vector<float> powers;
    for (std::size_t at = 0; at + step <= clip.size(); at += step)
        powers.push_back(mean_square(clip.data() + at, step));
    std::sort(powers.begin(), powers.end(), std::greater<>());
    powers.resize(std::max<std::size_t>(1, powers.size() / 2));
    float sum = 0;
    for (const float power : powers)
        sum += power;
    const float scale = 1 / std::sqrt(sum / static_cast<float>(powers.size()) + 1e-12F);
    for (float& sample : clip)
        sample *= scale;
}

/// The utterances of a recording, each trimmed to its first and last audible step.
std::vector<Clip> cut(const Clip& recording) {
    std::vector<float> powers;
    for (std::size_t at = 0; at + step <= recording.size(); at += step)
        powers.push_back(mean_square(recording.data() + at, step));
    const float peak = powers.empty() ? 0 : *std::max_element(powers.begin(), powers.end());
    const float threshold = peak * std::pow(10.0F, -speech_below_peak_db / 10);
    std::vector<Clip> clips;
    std::size_t first = 0;
    std::size_t last = 0;
    bool inside = false;
    const auto close = [&] {
        // Shorter ones are clicks and breath.
        if (inside && (last - first + 1) * step >= samples_in(300ms)) {
            clips.emplace_back(recording.begin() + static_cast<std::ptrdiff_t>(first * step),
                               recording.begin() + static_cast<std::ptrdiff_t>((last + 1) * step));
            normalise(clips.back());
        }
        inside = false;
    };
    for (std::size_t i = 0; i < powers.size(); ++i) {
        if (powers[i] >= threshold) {
            if (!inside) first = i;
            inside = true;
            last = i;
        } else if (inside && i - last > pause_steps) {
            close();
        }
    }
    close();
    return clips;
}

Clip read_clip(const std::filesystem::path& path) {
    const auto samples = tests::read_speech(path);
    VOICECTL_CHECK(!samples.empty());
    Clip clip(samples.size());
    std::transform(samples.begin(), samples.end(), clip.begin(), [](auto s) { return s / 32768.0F; });
    return clip;
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, std::string_view extension) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == extension) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

void append(std::vector<Clip>& clips, std::vector<Clip> more) {
    std::move(more.begin(), more.end(), std::back_inserter(clips));
}

using Random = std::mt19937;

double uniform(Random& random, double from, double to) {
    // Not std::uniform_real_distribution, whose numbers a library may choose.
    return from + (to - from) * static_cast<double>(random()) / 4294967296.0;
}

const Clip& any_of(const std::vector<Clip>& clips, Random& random) {
    return clips[random() % clips.size()];
}

float gaussian(Random& random) {
    double sum = 0;
    for (int i = 0; i < 12; ++i)
        sum += uniform(random, -0.5, 0.5);
    return static_cast<float>(sum);
}

/// Noise of a given kind with an RMS of 1.
Clip make_noise(const Corpus& corpus, Noise kind, std::size_t length, Random& random) {
    Clip noise(length);
    if (kind == Noise::white) {
        for (float& sample : noise)
            sample = gaussian(random);
    } else if (kind == Noise::pink) {
        // First-order low-passes an octave and a half apart, each 1.5 octaves' worth louder than the one
        // above: their sum falls by 3 dB an octave.
        std::array<float, 7> state{};
        for (float& sample : noise) {
            const float white = gaussian(random);
            float corner = 0.9F;
            for (float& low : state) {
                low += corner * (white - low);
                sample += low / std::sqrt(corner);
                corner *= 0.36F;
            }
        }
    } else {
        for (int voice = 0; voice < 6; ++voice) {
            const auto gain = static_cast<float>(uniform(random, 0.6, 1.4));
            for (std::size_t at = 0; at < length;) {
                const auto& clip = any_of(corpus.babble, random);
                for (std::size_t i = random() % (clip.size() / 2); i < clip.size() && at < length; ++i)
                    noise[at++] += gain * clip[i];
            }
        }
    }
    const float scale = 1 / std::sqrt(mean_square(noise.data(), noise.size()));
    for (float& sample : noise)
        sample *= scale;
    return noise;
}

}  // namespace

Corpus read_corpus() {
    const std::filesystem::path recordings = "/usr/share/pocketsphinx/test/data";
    const std::filesystem::path sounds = "/usr/share/asterisk/sounds/en_US_f_Allison";
    Corpus corpus;
    const auto books = files_in(recordings / "librivox", ".wav");
    // A reader's last two pieces, and every third prompt, are for the babble.
    for (std::size_t i = 0; i < books.size(); ++i)
        append(i < 3 ? corpus.readers : corpus.babble, cut(read_clip(books[i])));
    for (const auto& path : files_in(recordings / "cards", ".wav"))
        append(corpus.readers, cut(read_clip(path)));
    for (const auto* name : {"goforward.raw", "numbers.raw", "something.raw"})
        append(corpus.readers, cut(read_clip(recordings / name)));
    std::size_t count = 0;
    for (const auto& path : files_in(sounds, ".wav")) {
        // Those with tones in them have "tone" or "beep" in their names.
        const auto name = path.filename().string();
        if (name.find("tone") != std::string::npos || name.find("beep") != std::string::npos) continue;
        auto clips = cut(read_clip(path));
        append(++count % 3 == 0 ? corpus.babble : corpus.prompts, std::move(clips));
    }
    return corpus;
}

Scene make_scene(const Corpus& corpus, Noise noise, double snr_db, unsigned seed) {
    constexpr int utterances = 12;
    Random random(seed);
    Scene scene;
    Clip speech;
    for (int i = 0; i < utterances; ++i) {
        const auto& clip = any_of(i % 2 == 0 ? corpus.readers : corpus.prompts, random);
        speech.resize(speech.size() + static_cast<std::size_t>(uniform(random, 2, 4) * pipeline_rate));
        scene.utterances.push_back({speech.size(), speech.size() + clip.size()});
        speech.insert(speech.end(), clip.begin(), clip.end());
    }
    speech.resize(speech.size() + samples_in(2s));
    const double level = std::pow(10.0, uniform(random, -32, -20) / 20);
    const auto speech_gain = static_cast<float>(level * 32768);
    const auto noise_gain = speech_gain * static_cast<float>(std::pow(10.0, -snr_db / 20));
    const auto room = make_noise(corpus, noise, speech.size(), random);
    scene.samples.resize(speech.size());
    for (std::size_t i = 0; i < speech.size(); ++i) {
        const float sum = speech[i] * speech_gain + room[i] * noise_gain;
        scene.samples[i] = static_cast<audio::Sample>(std::lround(std::clamp(sum, -32768.0F, 32767.0F)));
    }
    return scene;
}

}  // namespace voicectl::evaluate
