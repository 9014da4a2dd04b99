// SPDX-License-Identifier: Apache-2.0
// The last of the input as it went to the upstream, so that another upstream can be told what the one before
// heard and did not answer. Counts samples at 24 kHz from the session's start. Bounded: the oldest goes.
// Values; one thread.
#pragma once

#include "audio/pcm.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace voicectl::session {

class InputTail {
 public:
    explicit InputTail(std::chrono::milliseconds length_max) : samples_max_(audio::samples_in(length_max)) {}

    void push(audio::Pcm samples);
    /// What lies before is not needed any more.
    void forget_before(std::uint64_t position) noexcept;

    /// How many samples have been pushed.
    std::uint64_t position() const noexcept { return position_; }
    /// Where the oldest sample lies that is kept.
    std::uint64_t begin() const noexcept { return position_ - (samples_.size() - first_); }
    /// The samples from one position to another, as far as they are kept.
    audio::Pcm between(std::uint64_t from, std::uint64_t to) const noexcept;

 private:
    std::size_t samples_max_;
    std::vector<audio::Sample> samples_;
    std::size_t first_ = 0;  ///< what lies before it is forgotten
    std::uint64_t position_ = 0;
};

}  // namespace voicectl::session
