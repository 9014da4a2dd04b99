// SPDX-License-Identifier: Apache-2.0
// How audio travels between a client and the gateway: the codec of the binary messages, their rate and
// length.
#pragma once

#include <string_view>

namespace voicectl::audio {

enum class Codec { opus, pcm16 };

/// What was agreed at the upgrade. Opus carries its own rate; 48000 is the one of its clock.
struct AudioFormat {
    Codec codec = Codec::opus;
    int rate = 48'000;
    int frame_ms = 20;
};

constexpr std::string_view name_of(Codec codec) noexcept {
    return codec == Codec::opus ? "opus" : "pcm16";
}

}  // namespace voicectl::audio
