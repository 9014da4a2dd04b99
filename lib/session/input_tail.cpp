// SPDX-License-Identifier: Apache-2.0
#include "session/input_tail.hpp"

#include <algorithm>

namespace voicectl::session {

void InputTail::push(audio::Pcm samples) {
    // What is forgotten is given back in halves, so that each sample is moved at most once.
    if (first_ > samples_.size() / 2) {
        samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    samples_.insert(samples_.end(), samples.begin(), samples.end());
    position_ += samples.size();
    if (samples_.size() - first_ > samples_max_) first_ = samples_.size() - samples_max_;
}

void InputTail::forget_before(std::uint64_t position) noexcept {
    if (position > begin()) first_ += static_cast<std::size_t>(std::min(position, position_) - begin());
}

audio::Pcm InputTail::between(std::uint64_t from, std::uint64_t to) const noexcept {
    from = std::clamp(from, begin(), position_);
    to = std::clamp(to, from, position_);
    return audio::Pcm(samples_).subspan(first_ + static_cast<std::size_t>(from - begin()),
                                        static_cast<std::size_t>(to - from));
}

}  // namespace voicectl::session
