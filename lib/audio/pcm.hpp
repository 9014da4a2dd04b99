// SPDX-License-Identifier: Apache-2.0
// Audio as the house speaks of it: signed 16-bit mono samples, 24 kHz wherever no rate is named, sizes in
// samples.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace voicectl::audio {

using Sample = std::int16_t;
using Pcm = std::span<const Sample>;

/// The rate of the upstream's audio, and so of everything between the two codecs.
constexpr int pipeline_rate = 24'000;

constexpr std::size_t samples_in(std::chrono::milliseconds span, int rate = pipeline_rate) noexcept {
    return static_cast<std::size_t>(span.count() * rate / 1000);
}

constexpr std::chrono::microseconds duration_of(std::size_t samples, int rate = pipeline_rate) noexcept {
    return std::chrono::microseconds(static_cast<std::int64_t>(samples) * 1'000'000 / rate);
}

static_assert(samples_in(std::chrono::milliseconds(20)) == 480, "a frame of 20 ms at 24 kHz is 480 samples");
static_assert(duration_of(480) == std::chrono::milliseconds(20));

/// The samples as they lie in memory: little-endian on every machine this is built for.
inline std::span<const std::byte> bytes_of(Pcm pcm) noexcept {
    return std::as_bytes(pcm);
}

}  // namespace voicectl::audio
