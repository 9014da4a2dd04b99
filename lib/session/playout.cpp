// SPDX-License-Identifier: Apache-2.0
#include "session/playout.hpp"

#include <algorithm>

namespace voicectl::session {

Playout::Playout(PlayoutOptions options)
    : options_(options), frame_samples_(audio::samples_in(options.frame)) {}

bool Playout::push(audio::Pcm samples) {
    if (held() + samples.size() > audio::samples_in(options_.held_max)) return false;
    // What was sent is given back in halves, so that each sample is moved at most once.
    if (read_ > samples_.size() / 2) {
        samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(read_));
        read_ = 0;
    }
    samples_.insert(samples_.end(), samples.begin(), samples.end());
    received_ += samples.size();
    return true;
}

audio::Pcm Playout::next_frame(base::Time now) {
    const auto take = std::min(held(), frame_samples_);
    if (take == 0 || (take < frame_samples_ && !finished_)) return {};
    // Where the listener ran dry, the clock of what was heard stood still.
    if (const auto played = audio::duration_of(sent_); sent_ == 0 || now - start_ > played)
        start_ = now - played;
    if (start_ + audio::duration_of(sent_) - options_.lead > now) return {};
    audio::Pcm frame(samples_.data() + read_, take);
    if (take < frame_samples_) {
        last_.assign(frame.begin(), frame.end());
        last_.resize(frame_samples_, 0);
        frame = last_;
    }
    read_ += take;
    sent_ += take;
    return frame;
}

std::chrono::milliseconds Playout::heard(base::Time now) const noexcept {
    if (sent_ == 0) return std::chrono::milliseconds(0);
    return std::min(sent(), std::chrono::duration_cast<std::chrono::milliseconds>(now - start_));
}

}  // namespace voicectl::session
