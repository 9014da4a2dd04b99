// SPDX-License-Identifier: Apache-2.0
// Whether a sound over a reply is somebody who takes the floor. At the first sign of a voice the reply is
// held; what follows within the verdict window makes it an interruption, or a cough, a click, an "mm-hm" that
// the reply goes on after. Lives on the input's audio clock, so that the same samples get the same verdict
// however fast they come; wall time only ends a hold whose input has stopped coming, or hardly comes. One
// thread.
#pragma once

#include "audio/voice_activity.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstdint>

namespace voicectl::session {

enum class BargeInMode {
    off,         ///< the reply is heard to its end
    immediate,   ///< the first sign of a voice ends it
    reversible,  ///< the first sign of a voice holds it until it is clear what it is
};

struct BargeInOptions {
    BargeInMode mode = BargeInMode::reversible;
    std::chrono::milliseconds voiced_min{250};    ///< a voice that goes on longer than this means it
    float voicing_min = 0.3F;                     ///< the share of it that has a pitch; a cough has little
    std::chrono::milliseconds unvoiced_min{600};  ///< sound without a pitch that is no cough any more
    std::chrono::milliseconds quiet_min{200};     ///< quiet that makes it nothing
    std::chrono::milliseconds hold_max{1500};     ///< a hold never lasts longer: in doubt, the person wins
    /// Input that brings no voice for this long has stopped; more than a client collects before it sends.
    std::chrono::milliseconds gap_min{300};
};

class BargeIn {
 public:
    enum class Step {
        none,
        hold,    ///< hold the reply
        commit,  ///< it is an interruption; from hold, or at once
        resume,  ///< it was nothing
    };

    explicit BargeIn(BargeInOptions options = {}) noexcept : options_(options) {}

    /// After `activity` took a frame, which came at `now`; `over_reply`: a reply is there to be spoken over.
    Step on_audio(const audio::VoiceActivity& activity, bool over_reply, base::Time now) noexcept;
    /// Input that has stopped is quiet, too: a codec may send nothing for silence, or a frame now and then.
    /// One that comes too slowly for a verdict is none that is waited for.
    Step on_tick(base::Time now) noexcept;
    /// Whatever was held is decided otherwise.
    void release() noexcept { holding_ = false; }

    bool holding() const noexcept { return holding_; }

 private:
    Step decide(const audio::VoiceActivity& activity) noexcept;

    BargeInOptions options_;
    std::uint64_t held_from_ = 0;  ///< on the audio clock
    std::uint64_t voice_end_ = 0;  ///< the same for the last sound of a voice
    base::Time voice_at_{};        ///< when that came
    base::Time held_at_{};
    bool holding_ = false;
};

}  // namespace voicectl::session
