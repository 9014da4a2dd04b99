// SPDX-License-Identifier: Apache-2.0
// Samples at 24 kHz to binary messages of an agreed format. One thread; no allocation once warm.
#pragma once

#include "audio/format.hpp"
#include "audio/opus.hpp"
#include "audio/resampler.hpp"

#include <optional>
#include <span>

namespace voicectl::audio {

class FrameEncoder {
 public:
    FrameEncoder(AudioFormat format, OpusEncoderOptions opus);

    /// One binary message, valid until the next call.
    base::Result<std::span<const std::byte>> encode(Pcm frame);
    /// The next frame does not follow the last one.
    void restart();

 private:
    AudioFormat format_;
    std::optional<OpusPacketEncoder> opus_;
    std::optional<Resampler> resampler_;
};

}  // namespace voicectl::audio
