// SPDX-License-Identifier: Apache-2.0
// Binary messages of an agreed format to samples at 24 kHz: checked, decoded, resampled. One thread; no
// allocation once warm.
#pragma once

#include "audio/format.hpp"
#include "audio/opus.hpp"
#include "audio/resampler.hpp"

#include <optional>
#include <span>
#include <vector>

namespace voicectl::audio {

class FrameDecoder {
 public:
    explicit FrameDecoder(AudioFormat format);

    /// One frame's samples, after those of a frame that was lost before it; valid until the next call.
    /// Errc::too_large over the frame's limit (an Opus packet of 4096 bytes, 60 ms of PCM16), ::malformed for
    /// what cannot be decoded, which an empty frame is: a client's word for one that it knows to be lost.
    base::Result<Pcm> decode(std::span<const std::byte> frame);
    /// After decode() refused a frame: what stands in for the one refused before it, as in
    /// OpusPacketDecoder; empty for PCM.
    Pcm conceal() noexcept;

 private:
    base::Result<Pcm> decode_pcm(std::span<const std::byte> frame);

    std::optional<OpusPacketDecoder> opus_;
    std::optional<Resampler> resampler_;
    std::vector<Sample> samples_;
    std::size_t frame_bytes_max_;
};

}  // namespace voicectl::audio
