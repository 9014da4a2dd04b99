// SPDX-License-Identifier: Apache-2.0
// Changes the rate of a stream of mono samples; the filter's state runs on from call to call, so that no
// click marks the edges. Over speexdsp. One thread.
#pragma once

#include "audio/pcm.hpp"

#include <memory>
#include <vector>

struct SpeexResamplerState_;

namespace voicectl::audio {

class Resampler {
 public:
    /// Rates from 1000 to 384000 Hz; equal rates pass samples through. `quality` 0 to 10 as speexdsp counts:
    /// 3 for live audio, 7 for files.
    enum class Start {
        aligned,       ///< the filter's delay is cut off: the output begins where the input does, and is short by it
        whole_frames,  ///< every block of input gives its full share, the first one led in by the delay
    };
    Resampler(int from_rate, int to_rate, int quality = 3, Start start = Start::aligned);
    ~Resampler();
    Resampler(Resampler&&) noexcept;

    /// The resampled input, valid until the next call. Its length follows the ratio, give or take a sample.
    Pcm process(Pcm input);
    /// What the filter still holds, to be called once at the end of the stream.
    Pcm flush();

 private:
    struct Free {
        void operator()(SpeexResamplerState_* state) const noexcept;
    };
    int from_rate_;
    int to_rate_;
    std::unique_ptr<SpeexResamplerState_, Free> state_;
    std::vector<Sample> output_;
};

/// A whole recording at another rate.
std::vector<Sample> resample(Pcm input, int from_rate, int to_rate);

}  // namespace voicectl::audio
