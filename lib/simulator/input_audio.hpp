// SPDX-License-Identifier: Apache-2.0
// The input audio buffer: what the client appended since the last commit, and where speech begins and ends in
// it, on the audio's own clock, however fast it comes. At most a minute is kept, and none where nobody will
// listen to it. One thread.
#pragma once

#include "audio/voice_activity.hpp"
#include "simulator/session_object.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace voicectl::simulator {

class InputAudio {
 public:
    using Change = audio::VoiceActivity::Change;
    using OnChange = std::function<void(Change)>;

    /// `keep`: whether commits will want the samples.
    explicit InputAudio(bool keep) : keep_(keep) {}

    void configure(const TurnDetection& turn);
    /// Takes samples at 24 kHz; calls `on_change` for every beginning and end of speech, with the clock at
    /// that place.
    void append(audio::Pcm pcm, const OnChange& on_change);
    /// Ends the utterance and empties the buffer.
    void clear();
    /// The same, and hands the samples over.
    std::vector<audio::Sample> commit();

    bool speaking() const noexcept { return speaking_; }
    /// What was appended since the last commit.
    std::chrono::milliseconds buffered() const noexcept;
    /// All that was ever appended.
    std::chrono::milliseconds clock() const noexcept;
    /// Where the speech under way began, with its prefix padding.
    std::chrono::milliseconds speech_start() const noexcept { return speech_start_; }
    /// Where the last speech ended, with the silence that ended it.
    std::chrono::milliseconds speech_end() const noexcept { return speech_end_; }

 private:
    void keep(audio::Pcm pcm);
    void note(Change change);

    bool keep_;
    TurnDetection turn_;
    audio::VoiceActivity activity_;
    std::uint64_t before_ = 0;  ///< samples that this voice activity did not see
    std::uint64_t buffered_ = 0;
    std::vector<audio::Sample> kept_;
    bool speaking_ = false;
    std::chrono::milliseconds speech_start_{0};
    std::chrono::milliseconds speech_end_{0};
};

}  // namespace voicectl::simulator
