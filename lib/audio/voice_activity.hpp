// SPDX-License-Identifier: Apache-2.0
// Whether somebody speaks, by level above a noise floor that follows the room, with an attack and a hang
// time. Works on the audio's own clock: the same samples give the same answer however fast they come. One
// thread.
#pragma once

#include "audio/pcm.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace voicectl::audio {

struct VoiceActivityOptions {
    float above_floor_db = 12.0F;              ///< how far above the floor speech begins
    float level_min_db = -45.0F;               ///< nothing quieter counts as speech
    std::chrono::milliseconds attack{60};      ///< speech shorter than this is a click
    std::chrono::milliseconds hang_time{500};  ///< silence that ends an utterance
};

class VoiceActivity {
 public:
    enum class Change { none, started, stopped };

    explicit VoiceActivity(VoiceActivityOptions options = {}) noexcept : options_(options) {}

    /// Takes the next samples, 24 kHz, any number; says whether an utterance began or ended within them.
    /// At most one change a call is reported, so calls should be shorter than the attack (a frame or two).
    Change process(Pcm pcm) noexcept;

    bool active() const noexcept { return active_; }
    /// Samples taken so far: the audio clock.
    std::uint64_t position() const noexcept { return position_; }
    /// Where on the audio clock the speech of the last `started` began (its first loud sample).
    std::uint64_t speech_start() const noexcept { return speech_start_; }
    /// Where the last loud sample ended.
    std::uint64_t speech_end() const noexcept { return speech_end_; }
    void set_hang_time(std::chrono::milliseconds hang_time) noexcept { options_.hang_time = hang_time; }
    /// Forgets an utterance under way (it was committed by hand); the noise floor stays.
    void end_utterance() noexcept;

 private:
    static constexpr std::size_t window = samples_in(std::chrono::milliseconds(10));

    Change take_window() noexcept;

    VoiceActivityOptions options_;
    std::array<Sample, window> window_{};
    std::size_t filled_ = 0;
    std::uint64_t position_ = 0;
    std::uint64_t speech_start_ = 0;
    std::uint64_t speech_end_ = 0;
    float floor_db_ = -60.0F;
    std::size_t loud_run_ = 0;  ///< windows of speech in the attack so far
    std::size_t gap_ = 0;       ///< quiet windows since the last loud one
    bool active_ = false;
};

}  // namespace voicectl::audio
