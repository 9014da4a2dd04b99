// SPDX-License-Identifier: Apache-2.0
// Recordings on disk, over libsndfile: WAV, FLAC, Ogg and whatever else it reads; WAV is what is written.
#pragma once

#include "audio/pcm.hpp"
#include "base/error.hpp"

#include <memory>
#include <string>
#include <vector>

namespace voicectl::audio {

struct Recording {
    int rate = pipeline_rate;
    std::vector<Sample> samples;  ///< mono: several channels are averaged
};

/// The longest recording that is read whole; a longer one is an error before anything is allocated.
constexpr std::chrono::hours recording_max{4};

/// Reads the whole file. Errc::not_found if it cannot be opened, ::malformed if it is not audio.
base::Result<Recording> read_recording(const std::string& path);

/// Writes a mono 16-bit WAV. Errc::cannot_create or ::io.
base::Result<void> write_wav(const std::string& path, Pcm samples, int rate);

}  // namespace voicectl::audio
