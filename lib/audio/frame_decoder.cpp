// SPDX-License-Identifier: Apache-2.0
#include "audio/frame_decoder.hpp"

#include <cstring>

namespace voicectl::audio {

using base::Errc;
using base::fail;

FrameDecoder::FrameDecoder(AudioFormat format) {
    if (format.codec == Codec::opus) {
        opus_.emplace();
        frame_bytes_max_ = opus_packet_max;
        return;
    }
    resampler_.emplace(format.rate, pipeline_rate);
    frame_bytes_max_ = samples_in(std::chrono::milliseconds(60), format.rate) * sizeof(Sample);
    samples_.resize(frame_bytes_max_ / sizeof(Sample));
}

base::Result<Pcm> FrameDecoder::decode(std::span<const std::byte> frame) {
    if (frame.size() > frame_bytes_max_)
        return fail(Errc::too_large, "a frame has at most {} bytes, this one {}", frame_bytes_max_,
                    frame.size());
    return opus_ ? opus_->decode(frame) : decode_pcm(frame);
}

base::Result<Pcm> FrameDecoder::decode_pcm(std::span<const std::byte> frame) {
    if (frame.empty() || frame.size() % sizeof(Sample) != 0)
        return fail(Errc::malformed, "a PCM16 frame has an even number of bytes, this one {}", frame.size());
    // The bytes of a websocket message lie at any address.
    std::memcpy(samples_.data(), frame.data(), frame.size());
    return resampler_->process(Pcm(samples_.data(), frame.size() / sizeof(Sample)));
}

Pcm FrameDecoder::conceal() noexcept {
    return opus_ ? opus_->conceal() : Pcm();
}

}  // namespace voicectl::audio
