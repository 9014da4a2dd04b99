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
    if (paused_at_ || take == 0 || (take < frame_samples_ && !finished_)) return {};
    // Where the listener ran dry, the clock of what was heard stood still.
    if (const auto played = audio::duration_of(sent_); sent_ == 0 || clock(now) > played) {
        const auto gap = clock(now) - played;
        start_ = now - played;
        if (report_) report_->at -= gap;
    }
    if (clock(now) < audio::duration_of(sent_) - options_.lead) return {};
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

void Playout::pause(base::Time now) noexcept {
    if (!paused_at_) paused_at_ = now;
}

void Playout::resume(base::Time now) noexcept {
    if (paused_at_) start_ += now - *paused_at_;
    paused_at_.reset();
}

void Playout::report(std::chrono::milliseconds heard, base::Time now) noexcept {
    heard = std::min(heard, sent());
    if (!started() || (report_ && heard < report_->heard)) return;
    report_ = Report{heard, clock(now)};
}

std::chrono::milliseconds Playout::heard(base::Time now) const noexcept {
    if (sent_ == 0) return std::chrono::milliseconds(0);
    auto heard = clock(now);
    // It goes on being heard after the report.
    if (report_) heard = report_->heard + (clock(now) - report_->at);
    return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(heard),
                      std::chrono::milliseconds(0), sent());
}

}  // namespace voicectl::session
