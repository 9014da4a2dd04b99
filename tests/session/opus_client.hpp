// SPDX-License-Identifier: Apache-2.0
// What a browser does with Opus: libopus at 48 kHz with a copy of each packet in the next one, and none of
// our code between.
#pragma once

#include "tests/support/signal.hpp"

#include <opus/opus.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

namespace voicectl::tests {

constexpr int browser_rate = 48'000;
constexpr std::size_t browser_frame = audio::samples_in(std::chrono::milliseconds(20), browser_rate);

using Packets = std::vector<std::vector<std::byte>>;

/// 48 kHz in, 20 ms a packet. `loss_percent` is what it prepares for with in-band FEC.
inline Packets browser_encodes(audio::Pcm samples, int loss_percent = 0) {
    const std::unique_ptr<OpusEncoder, decltype(&opus_encoder_destroy)> encoder(
        opus_encoder_create(browser_rate, 1, OPUS_APPLICATION_VOIP, nullptr), opus_encoder_destroy);
    opus_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(32'000));
    opus_encoder_ctl(encoder.get(), OPUS_SET_INBAND_FEC(loss_percent > 0 ? 1 : 0));
    opus_encoder_ctl(encoder.get(), OPUS_SET_PACKET_LOSS_PERC(loss_percent));
    Packets packets;
    for (std::size_t at = 0; at + browser_frame <= samples.size(); at += browser_frame) {
        std::vector<std::byte> packet(1500);
        const auto bytes = opus_encode(encoder.get(), samples.data() + at, browser_frame,
                                       reinterpret_cast<unsigned char*>(packet.data()), 1500);
        if (bytes < 0) std::abort();
        packet.resize(static_cast<std::size_t>(bytes));
        packets.push_back(std::move(packet));
    }
    return packets;
}

inline Signal browser_decodes(const Packets& packets) {
    const std::unique_ptr<OpusDecoder, decltype(&opus_decoder_destroy)> decoder(
        opus_decoder_create(browser_rate, 1, nullptr), opus_decoder_destroy);
    Signal samples(packets.size() * browser_frame);
    for (std::size_t i = 0; i < packets.size(); ++i)
        if (opus_decode(decoder.get(), reinterpret_cast<const unsigned char*>(packets[i].data()),
                        static_cast<opus_int32>(packets[i].size()), samples.data() + i * browser_frame,
                        browser_frame, 0) != browser_frame)
            std::abort();
    return samples;
}

}  // namespace voicectl::tests
