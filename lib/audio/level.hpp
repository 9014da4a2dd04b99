// SPDX-License-Identifier: Apache-2.0
// How loud a frame is. Pure functions; any thread.
#pragma once

#include "audio/pcm.hpp"

namespace voicectl::audio {

/// Root mean square over full scale: 0 for silence, 1 for a square wave at full scale.
float rms(Pcm frame) noexcept;

/// The same in dB below full scale; -100 for silence.
float rms_db(Pcm frame) noexcept;

/// For a meter: -60 dB and below is 0, full scale is 1, linear in dB between.
float meter_level(Pcm frame) noexcept;

}  // namespace voicectl::audio
