// SPDX-License-Identifier: Apache-2.0
// An Outbox that holds what a conversation decides against what it may, whatever has happened to it.
#pragma once

#include "session/conversation.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace voicectl::test {

class Referee : public session::Outbox {
 public:
    /// `claim` is told of every rule whether it holds.
    using Claim = void (*)(bool holds, const char* rule);
    explicit Referee(Claim claim) : claim_(claim) {}

    void to_client(const session::ServerMessage& message) override {
        claim_(!ended, "nothing is said after the end");
        if (std::holds_alternative<session::TtsPause>(message))
            claim_(!std::exchange(paused, true), "what is paused is not paused again");
        if (std::holds_alternative<session::TtsResume>(message))
            claim_(std::exchange(paused, false), "what is resumed was paused");
        if (const auto* play = std::get_if<session::TtsPlay>(&message)) {
            playing = true;
            playing_item = play->item_id;
        }
        const auto* final = std::get_if<session::AgentFinal>(&message);
        if (final != nullptr && (!playing || final->item_id == playing_item)) paused = playing = false;
    }
    base::Time reply_frame(audio::Pcm samples) override {
        claim_(playing, "a frame belongs to a reply that has begun and was not dropped");
        claim_(!paused, "no frame leaves in a pause");
        samples_to_client += samples.size();
        return now;
    }
    void drop_reply_frames() override { playing = false; }
    void to_upstream(const realtime::ClientEvent& event) override {
        claim_(!ended, "nothing is asked for after the end");
        if (const auto* cut = std::get_if<realtime::TruncateItem>(&event)) {
            claim_(cut->audio_end_ms > 0, "an item is not cut to nothing");
            claim_(cut->audio_end_ms <=
                       audio::duration_of(samples_of[cut->item_id]) / std::chrono::milliseconds(1),
                   "an item is not cut beyond its end");
            claim_(cut_items.insert(cut->item_id).second, "an item is cut once");
        }
        if (const auto* cancelled = std::get_if<realtime::CancelResponse>(&event))
            claim_(cancels.insert(cancelled->response_id).second, "a response is cancelled once");
        if (std::holds_alternative<realtime::CreateResponse>(event)) ++asked;
    }
    void audio_to_upstream(audio::Pcm samples) override { samples_upstream += samples.size(); }
    void open_upstream() override {
        claim_(!std::exchange(wanted, true), "another upstream is asked for once");
    }
    void swap_upstream() override {
        // What another upstream was told, and the names it gave, mean nothing to this one.
        samples_upstream = 0;
        samples_of.clear();
        cut_items.clear();
        cancels.clear();
    }
    void turn_is_over(const session::TurnReport& report) override {
        claim_(report.heard_ms <= report.received_ms + 20,
               "no more is heard than came, and the last frame's padding");
    }
    void end(session::CloseCode, std::string_view) override { ended = true; }

    base::Time now{};
    bool paused = false;
    bool playing = false;  ///< a reply, from its tts_play on
    std::string playing_item;
    bool ended = false;
    bool wanted = false;  ///< another upstream
    int asked = 0;  ///< for a response
    std::size_t samples_to_client = 0;
    std::size_t samples_upstream = 0;
    std::map<std::string, std::size_t, std::less<>> samples_of;  ///< an item: what the upstream sent
    std::set<std::string> cut_items;
    std::set<std::string> cancels;

 private:
    Claim claim_;
};

/// Everybody is silent for two and a half minutes: whatever is waited for has its deadline, another upstream
/// as well. Returns when that was over.
inline base::Time fall_silent(session::Conversation& conversation, Referee& referee, base::Time now) {
    using namespace std::chrono_literals;
    for (auto until = now + 150s; now < until && conversation.busy();) {
        referee.now = now += 20ms;
        if (std::exchange(referee.wanted, false)) conversation.on_upstream_opened(now);
        conversation.on_tick(now);
    }
    return now;
}

}  // namespace voicectl::test
