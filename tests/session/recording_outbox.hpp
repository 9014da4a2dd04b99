// SPDX-License-Identifier: Apache-2.0
// An Outbox that writes down what a conversation decides, so that a test can compare it with what it expects.
#pragma once

#include "session/conversation.hpp"
#include "session/dialect.hpp"

#include <string>
#include <vector>

namespace voicectl::test {

class RecordingOutbox final : public session::Outbox {
 public:
    /// What was said since the last call: "client:" and "upstream:" lines as JSON, "drop", "end 4408".
    std::vector<std::string> take() { return std::exchange(lines_, {}); }
    /// The samples of the frames that were sent, in order, since the start.
    const std::vector<audio::Sample>& heard() const noexcept { return heard_; }
    std::size_t samples_upstream() const noexcept { return samples_upstream_; }

    void to_client(const session::ServerMessage& message) override {
        std::string text;
        session::render(message, text);
        lines_.push_back("client: " + text);
    }
    void reply_frame(audio::Pcm frame) override { heard_.insert(heard_.end(), frame.begin(), frame.end()); }
    void drop_reply_frames() override { lines_.emplace_back("drop"); }
    void to_upstream(const realtime::ClientEvent& event) override {
        std::string text;
        realtime::encode(event, text);
        lines_.push_back("upstream: " + text);
    }
    void audio_to_upstream(audio::Pcm samples) override { samples_upstream_ += samples.size(); }
    void end(session::CloseCode code, std::string_view) override {
        lines_.push_back("end " + std::to_string(static_cast<int>(code)));
    }

 private:
    std::vector<std::string> lines_;
    std::vector<audio::Sample> heard_;
    std::size_t samples_upstream_ = 0;
};

}  // namespace voicectl::test
