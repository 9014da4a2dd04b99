// SPDX-License-Identifier: Apache-2.0
#include "simulator/wire_audio.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace voicectl::simulator {
namespace {

constexpr int telephone_rate = 8000;

/// The place of the highest set bit above a segment's width.
int segment_of(int magnitude, int lowest_bit) noexcept {
    const int width = static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude)));
    return std::clamp(width - lowest_bit, 0, 7);
}

std::uint8_t mu_law_of(audio::Sample sample) noexcept {
    constexpr int bias = 132;
    constexpr int most = 32'635;
    const int magnitude = std::min(std::abs(static_cast<int>(sample)), most) + bias;
    const int segment = segment_of(magnitude, 8);
    const int mantissa = (magnitude >> (segment + 3)) & 0x0f;
    const int sign = sample < 0 ? 0x80 : 0;
    return static_cast<std::uint8_t>(~(sign | (segment << 4) | mantissa));
}

audio::Sample from_mu_law(std::uint8_t code) noexcept {
    const int bits = ~code & 0xff;
    const int segment = (bits >> 4) & 7;
    const int magnitude = ((((bits & 0x0f) << 3) + 132) << segment) - 132;
    return static_cast<audio::Sample>((bits & 0x80) != 0 ? -magnitude : magnitude);
}

std::uint8_t a_law_of(audio::Sample sample) noexcept {
    const int magnitude =
        std::min(sample < 0 ? -(static_cast<int>(sample) + 1) : static_cast<int>(sample), 32'767);
    const int segment = segment_of(magnitude, 8);
    const int mantissa = (magnitude >> (segment == 0 ? 4 : segment + 3)) & 0x0f;
    const int sign = sample < 0 ? 0 : 0x80;
    return static_cast<std::uint8_t>((sign | (segment << 4) | mantissa) ^ 0x55);
}

audio::Sample from_a_law(std::uint8_t code) noexcept {
    const int bits = code ^ 0x55;
    const int segment = (bits >> 4) & 7;
    int magnitude = ((bits & 0x0f) << 4) + 8;
    if (segment > 0) magnitude = (magnitude + 256) << (segment - 1);
    return static_cast<audio::Sample>((bits & 0x80) != 0 ? magnitude : -magnitude);
}

}  // namespace

WireFormat wire_format(std::string_view type) noexcept {
    if (type == "audio/pcmu") return WireFormat::mu_law;
    if (type == "audio/pcma") return WireFormat::a_law;
    return WireFormat::pcm;
}

audio::Pcm WireDecoder::decode(std::span<const std::byte> bytes) {
    if (format_ == WireFormat::pcm) {
        odd_.insert(odd_.end(), bytes.begin(), bytes.end());
        samples_.resize(odd_.size() / sizeof(audio::Sample));
        if (samples_.empty()) return {};
        std::memcpy(samples_.data(), odd_.data(), samples_.size() * sizeof(audio::Sample));
        odd_.erase(odd_.begin(),
                   odd_.begin() + static_cast<std::ptrdiff_t>(samples_.size() * sizeof(audio::Sample)));
        return samples_;
    }
    if (!resampler_) resampler_ = std::make_shared<audio::Resampler>(telephone_rate, audio::pipeline_rate);
    samples_.resize(bytes.size());
    const auto decode_one = format_ == WireFormat::mu_law ? &from_mu_law : &from_a_law;
    std::transform(bytes.begin(), bytes.end(), samples_.begin(),
                   [decode_one](std::byte code) { return decode_one(std::to_integer<std::uint8_t>(code)); });
    return resampler_->process(samples_);
}

std::span<const std::byte> WireEncoder::encode(audio::Pcm pcm) {
    if (format_ == WireFormat::pcm) return audio::bytes_of(pcm);
    if (!resampler_) resampler_ = std::make_shared<audio::Resampler>(audio::pipeline_rate, telephone_rate);
    const auto narrow = resampler_->process(pcm);
    bytes_.resize(narrow.size());
    const auto encode_one = format_ == WireFormat::mu_law ? &mu_law_of : &a_law_of;
    std::transform(narrow.begin(), narrow.end(), bytes_.begin(),
                   [encode_one](audio::Sample sample) { return std::byte{encode_one(sample)}; });
    return bytes_;
}

}  // namespace voicectl::simulator
