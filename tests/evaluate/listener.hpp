// SPDX-License-Identifier: Apache-2.0
// What a detector says of a scene, every 10 ms, and what that is worth beside the truth.
#pragma once

#include "evaluate/scene.hpp"

#include <cstdint>
#include <vector>

namespace voicectl::evaluate {

/// One flag for every 10 ms of a scene.
struct Heard {
    std::vector<bool> onset;    ///< speech is likely
    std::vector<bool> started;  ///< an utterance is under way
};

Heard hear_with_voice_activity(audio::Pcm samples);
/// WebRTC's detector in one of its modes, 0 to 3. Its first frame of speech is its onset; the same attack and
/// hang time that VoiceActivity has by default make its utterances.
Heard hear_with_webrtc(audio::Pcm samples, int mode);

/// Sums over scenes.
struct Score {
    std::vector<double> delays_ms;  ///< of the utterances it could be late for, a missed one as infinite
    int missed = 0;
    int utterances = 0;
    double false_alarms = 0;
    double noise_minutes = 0;

    double delay_ms(double quantile) const;
    double false_alarms_per_minute() const { return false_alarms / noise_minutes; }
};

void add(Score& score, const std::vector<bool>& flags, const Scene& scene);

}  // namespace voicectl::evaluate
