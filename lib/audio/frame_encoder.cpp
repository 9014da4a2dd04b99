// SPDX-License-Identifier: Apache-2.0
#include "audio/frame_encoder.hpp"

namespace voicectl::audio {

/// speexdsp's 3: what it spends more on, 16 kbit/s of speech does not show.
constexpr int live_quality = 3;

FrameEncoder::FrameEncoder(AudioFormat format, OpusEncoderOptions opus) : format_(format) {
    if (format.codec == Codec::opus)
        opus_.emplace(opus);
    else
        resampler_.emplace(pipeline_rate, format.rate, live_quality, Resampler::Start::whole_frames);
}

base::Result<std::span<const std::byte>> FrameEncoder::encode(Pcm frame) {
    if (opus_) return opus_->encode(frame);
    return bytes_of(resampler_->process(frame));
}

void FrameEncoder::restart() {
    if (opus_)
        opus_->reset();
    else
        resampler_.emplace(pipeline_rate, format_.rate, live_quality, Resampler::Start::whole_frames);
}

}  // namespace voicectl::audio
