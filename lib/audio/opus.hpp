// SPDX-License-Identifier: Apache-2.0
// Opus (RFC 6716) over libopus, created at 24 kHz so that no resampler stands between the codec and the
// upstream. One packet is one frame. Objects belong to one session and its thread; no allocation after
// construction.
#pragma once

#include "audio/pcm.hpp"
#include "base/error.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>

struct OpusDecoder;
struct OpusEncoder;

namespace voicectl::audio {

/// The longest packet is 120 ms (RFC 6716 section 3.1); at 24 kHz that is this many samples.
constexpr std::size_t opus_samples_max = 2880;
/// Larger packets are refused unread; libopus needs less for any bitrate it offers.
constexpr std::size_t opus_packet_max = 4096;

class OpusPacketDecoder {
 public:
    OpusPacketDecoder();
    ~OpusPacketDecoder();
    OpusPacketDecoder(OpusPacketDecoder&&) noexcept;

    /// The packet's samples, after those of a packet that was lost before it; valid until the next call.
    /// Errc::malformed for what is not a packet.
    base::Result<Pcm> decode(std::span<const std::byte> packet) noexcept;
    /// A packet is lost, or was refused; it is taken to be as long as the last one. What it held comes with
    /// the next packet, which may carry a copy of it (in-band FEC, RFC 6716 section 2.1.7), or with the next
    /// loss. Returns what the packet lost before this one most likely held; nothing if there was none.
    Pcm conceal() noexcept;

 private:
    struct Free {
        void operator()(OpusDecoder* decoder) const noexcept;
    };
    std::unique_ptr<OpusDecoder, Free> decoder_;
    std::array<Sample, 2 * opus_samples_max> pcm_{};
    std::size_t last_samples_ = samples_in(std::chrono::milliseconds(20));
    bool lost_ = false;  ///< a packet, whose samples have not been given
};

struct OpusEncoderOptions {
    int bitrate_bps = 16'000;  ///< 6000 to 510000
    int complexity = 5;        ///< 0 to 10; beyond 8 costs time and gains nothing on speech
};

class OpusPacketEncoder {
 public:
    explicit OpusPacketEncoder(OpusEncoderOptions options);
    ~OpusPacketEncoder();
    OpusPacketEncoder(OpusPacketEncoder&&) noexcept;

    /// Encodes 2.5, 5, 10, 20, 40 or 60 ms at 24 kHz; the packet is valid until the next call.
    base::Result<std::span<const std::byte>> encode(Pcm frame) noexcept;
    /// Forgets what came before: the next frame starts a new stream (after an interruption).
    void reset() noexcept;

 private:
    struct Free {
        void operator()(OpusEncoder* encoder) const noexcept;
    };
    std::unique_ptr<OpusEncoder, Free> encoder_;
    std::array<std::byte, opus_packet_max> packet_{};
};

}  // namespace voicectl::audio
