// SPDX-License-Identifier: Apache-2.0
// Minutes of a noisy room in which people say something now and then: real recordings, cut into utterances,
// laid into noise of a known kind at a known ratio. Where each utterance begins is known from the clean
// recording. The same seed gives the same scene.
#pragma once

#include "audio/pcm.hpp"

#include <random>
#include <string_view>
#include <vector>

namespace voicectl::evaluate {

using Clip = std::vector<float>;  ///< 24 kHz, scaled so that its loud half has an RMS of 1

/// Utterances of several people; and longer stretches of speech to make babble of, none of them among the
/// first.
struct Corpus {
    std::vector<Clip> readers;  ///< pocketsphinx's recordings: several people, 16 kHz, some room noise
    std::vector<Clip> prompts;  ///< a telephone exchange's prompts: one speaker, 8 kHz, clean
    std::vector<Clip> babble;
};

/// Reads and cuts what Debian's packages pocketsphinx-testdata and asterisk-core-sounds-en-wav installed.
Corpus read_corpus();

enum class Noise { white, pink, babble };
constexpr std::string_view name_of(Noise noise) noexcept {
    return noise == Noise::white ? "white" : noise == Noise::pink ? "pink" : "babble";
}

struct Span {
    std::size_t begin;
    std::size_t end;
};

struct Scene {
    std::vector<audio::Sample> samples;  ///< 24 kHz
    std::vector<Span> utterances;        ///< first and last sample of each in the clean recording, in order
};

/// A dozen utterances, two to four seconds of noise before each.
Scene make_scene(const Corpus& corpus, Noise noise, double snr_db, unsigned seed);

}  // namespace voicectl::evaluate
