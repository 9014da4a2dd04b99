// SPDX-License-Identifier: Apache-2.0
#include "audio/voicing.hpp"

#include <algorithm>
#include <cmath>

namespace voicectl::audio {

void Voicing::push(Pcm samples) noexcept {
    const auto added = std::min(samples.size() / decimation, recent_.size());
    std::copy(recent_.begin() + static_cast<std::ptrdiff_t>(added), recent_.end(), recent_.begin());
    auto* out = recent_.data() + recent_.size() - added;
    for (std::size_t i = 0; i < added; ++i) {
        int sum = 0;
        for (std::size_t k = 0; k < decimation; ++k)
            sum += samples[i * decimation + k];
        out[i] = static_cast<float>(sum);
    }
}

float Voicing::periodicity() const noexcept {
    const auto dot = [](const float* a, const float* b) {
        // Four sums, so that the additions need not wait for each other.
        std::array<float, 4> sums{};
        for (std::size_t i = 0; i < compared; i += 4)
            for (std::size_t k = 0; k < 4; ++k)
                sums[k] += a[i + k] * b[i + k];
        return sums[0] + sums[1] + sums[2] + sums[3];
    };
    const float* now = recent_.data() + lag_max;
    const float power = dot(now, now);
    if (power <= 0) return 0;
    float past_power = dot(now - lag_min, now - lag_min);
    float best = 0;
    for (std::size_t lag = lag_min; lag <= lag_max; ++lag) {
        const float* past = now - lag;
        if (lag > lag_min) past_power += past[0] * past[0] - past[compared] * past[compared];
        if (past_power <= 0) continue;
        best = std::max(best, dot(now, past) / std::sqrt(power * past_power));
    }
    return std::min(best, 1.0F);
}

}  // namespace voicectl::audio
