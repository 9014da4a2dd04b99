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
    std::size_t samples_upstream() const noexcept { return upstream_audio_.size(); }
    const std::vector<audio::Sample>& upstream_audio() const noexcept { return upstream_audio_; }
    const std::vector<std::string>& turns() const noexcept { return turns_; }

    base::Time now{};  ///< when frames leave

    void to_client(const session::ServerMessage& message) override {
        std::string text;
        session::render(message, text);
        lines_.push_back("client: " + text);
    }
    base::Time reply_frame(audio::Pcm frame) override {
        heard_.insert(heard_.end(), frame.begin(), frame.end());
        return now;
    }
    void drop_reply_frames() override { lines_.emplace_back("drop"); }
    void to_upstream(const realtime::ClientEvent& event) override {
        std::string text;
        realtime::encode(event, text);
        lines_.push_back("upstream: " + text);
    }
    void audio_to_upstream(audio::Pcm samples) override {
        upstream_audio_.insert(upstream_audio_.end(), samples.begin(), samples.end());
    }
    void open_upstream() override { lines_.emplace_back("open"); }
    void swap_upstream() override { lines_.emplace_back("swap"); }
    void turn_is_over(const session::TurnReport& report) override { turns_.push_back(describe(report)); }
    void end(session::CloseCode code, std::string_view) override {
        lines_.push_back("end " + std::to_string(static_cast<int>(code)));
    }

 private:
    std::vector<std::string> lines_;
    std::vector<audio::Sample> heard_;
    std::vector<audio::Sample> upstream_audio_;
    std::vector<std::string> turns_;
};

}  // namespace voicectl::test
