// SPDX-License-Identifier: Apache-2.0
// One reply's audio on its way to the listener: holds it as PCM, hands out a frame when it is due, and knows
// how much was heard. Frames go out ahead of real time by a bounded lead, so that a stall of the network is
// not heard and an interruption wastes little. Sans-I/O: time comes as an argument, and never goes back.
#pragma once

#include "audio/pcm.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace voicectl::session {

struct PlayoutOptions {
    std::chrono::milliseconds frame{20};
    std::chrono::milliseconds lead{200};
    /// A reply that holds more unsent audio than this is cut: push() says so.
    std::chrono::milliseconds held_max{std::chrono::minutes(3)};
};

class Playout {
 public:
    explicit Playout(PlayoutOptions options);

    /// Takes more of the reply, 24 kHz; false if it does not fit, and nothing of it is taken.
    bool push(audio::Pcm samples);
    /// The reply is whole: what is left over after full frames goes out padded with silence.
    void finish() noexcept { finished_ = true; }

    /// The next frame if one is due, else empty; valid until the next call of any kind.
    audio::Pcm next_frame(base::Time now);

    /// Nothing is due until resume(); the listener is taken to hold what they have, too.
    void pause(base::Time now) noexcept;
    /// Goes on with the sample after the last one sent, with the lead that there was.
    void resume(base::Time now) noexcept;

    /// The listener's own account of how much was heard. One that goes back is not believed.
    void report(std::chrono::milliseconds heard, base::Time now) noexcept;

    bool has_audio() const noexcept { return received_ > 0; }
    bool started() const noexcept { return sent_ > 0; }
    /// Finished, and all of it handed out.
    bool drained() const noexcept { return finished_ && held() == 0; }
    /// Drained, and time enough has passed for a listener without delay to have heard it to its end.
    bool played(base::Time now) const noexcept {
        return drained() && clock(now) >= audio::duration_of(sent_);
    }

    std::chrono::milliseconds received() const noexcept { return in_ms(received_); }
    std::chrono::milliseconds sent() const noexcept { return in_ms(sent_); }
    /// How much was heard by now, at most what was sent: counted on from the listener's last report; without
    /// one, what a listener without delay has heard.
    std::chrono::milliseconds heard(base::Time now) const noexcept;

 private:
    struct Report {
        std::chrono::milliseconds heard;
        base::Duration at;  ///< on the clock of the playout, which stands still in a pause
    };
    static std::chrono::milliseconds in_ms(std::size_t samples) noexcept {
        return std::chrono::duration_cast<std::chrono::milliseconds>(audio::duration_of(samples));
    }
    std::size_t held() const noexcept { return samples_.size() - read_; }
    /// Time since the listener's first sample sounded, without pauses and gaps.
    base::Duration clock(base::Time now) const noexcept { return paused_at_.value_or(now) - start_; }

    PlayoutOptions options_;
    std::size_t frame_samples_;
    std::vector<audio::Sample> samples_;
    std::vector<audio::Sample> last_;  ///< the padded last frame
    std::size_t read_ = 0;
    std::size_t received_ = 0;
    std::size_t sent_ = 0;
    base::Time start_{};  ///< when the listener's first sample sounded, moved by every gap and pause since
    std::optional<base::Time> paused_at_;
    std::optional<Report> report_;
    bool finished_ = false;
};

}  // namespace voicectl::session
