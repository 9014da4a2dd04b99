// SPDX-License-Identifier: Apache-2.0
#include "audio/level.hpp"

#include <algorithm>
#include <cmath>

namespace voicectl::audio {

float rms(Pcm frame) noexcept {
    if (frame.empty()) return 0.0F;
    std::int64_t sum = 0;
    for (const auto sample : frame)
        sum += static_cast<std::int64_t>(sample) * sample;
    return std::sqrt(static_cast<float>(sum) / static_cast<float>(frame.size())) / 32768.0F;
}

float rms_db(Pcm frame) noexcept {
    return 20.0F * std::log10(std::max(rms(frame), 1e-5F));
}

float meter_level(Pcm frame) noexcept {
    return std::clamp(rms_db(frame) / 60.0F + 1.0F, 0.0F, 1.0F);
}

}  // namespace voicectl::audio
