// SPDX-License-Identifier: Apache-2.0
// Thousands of random schedules: upstreams that answer late, twice, out of order or not at all, clients that
// report nonsense. Whatever comes, a conversation never wedges, and never asks the upstream for what it
// refuses.
#include "tests/session/conversation_fixture.hpp"
#include "tests/session/referee.hpp"
#include "tests/support/signal.hpp"

#include <random>

namespace voicectl::test {
namespace {

void claim(bool holds, const char* rule) {
    EXPECT_TRUE(holds) << rule;
}

class Schedule {
 public:
    explicit Schedule(unsigned seed) : random_(seed) {}

    void run(int steps) {
        conversation_.start();
        for (int i = 0; i < steps; ++i) {
            referee_.now = now_ += std::chrono::milliseconds(random_() % 60);
            step();
            conversation_.on_tick(now_);
        }
    }
    void fall_silent() {
        now_ = test::fall_silent(conversation_, referee_, now_);
        EXPECT_FALSE(conversation_.busy()) << "still waiting after two and a half minutes of silence";
        EXPECT_FALSE(referee_.playing) << "a reply has neither been resumed nor ended";
    }
    std::size_t samples_in() const { return samples_in_; }
    std::size_t samples_upstream() const { return referee_.samples_upstream; }

 private:
    static ConversationOptions options() {
        ConversationOptions options;
        options.idle_timeout = 1h;
        options.renewal.after = 3s;
        options.renewal.at_latest = 5s;
        return options;
    }
    std::string response() { return "resp_" + std::to_string(random_() % 6 + static_cast<unsigned>(epoch_)); }
    std::string item(const std::string& response) {
        return response + "_item_" + std::to_string(random_() % 2);
    }
    void upstream(const realtime::ServerEvent& event) { conversation_.on_upstream(event, now_); }
    void client(const ClientMessage& message) { conversation_.on_client(message, now_); }

    void hear() {
        static const auto quiet = tests::noise(20ms, 0.001);
        static const auto loud = tests::noise(20ms, 0.3);
        static const auto voice = tests::voice(20ms);
        const auto& samples = random_() % 3 == 0 ? quiet : random_() % 2 == 0 ? loud : voice;
        const auto frames = random_() % 20 + 1;
        for (unsigned i = 0; i < frames; ++i) {
            referee_.now = now_ += 20ms;
            samples_in_ += samples.size();
            conversation_.on_audio(samples, now_);
        }
    }
    void step() {
        if (random_() % 40 == 0) epoch_ += 3;
        if (random_() % 60 == 0) conversation_.on_upstream_lost(now_);
        if (random_() % 5 == 0 && std::exchange(referee_.wanted, false))
            conversation_.on_upstream_opened(now_);
        const auto id = response();
        switch (random_() % 20) {
            case 0:
            case 1:
                return hear();
            case 2:
                return upstream(realtime::SpeechStarted{100, "item_u"});
            case 3:
                return upstream(realtime::SpeechStopped{900, "item_u"});
            case 4:
            case 5:
                return upstream(realtime::ResponseCreated{id});
            case 6:
            case 7:
            case 8: {
                const std::chrono::milliseconds length(random_() % 900);
                const auto audio = encoded(ramp(length));
                const auto of = item(id);
                referee_.samples_of[of] += audio::samples_in(length);
                return upstream(realtime::AudioDelta{id, of, audio});
            }
            case 9:
                return upstream(realtime::ReplyDelta{id, item(id), "word"});
            case 10:
                return upstream(
                    realtime::ResponseDone{id, random_() % 2 == 0 ? "completed" : "failed", "", "", {}});
            case 11:
                return upstream(realtime::ErrorEvent{"", "conversation_already_has_active_response", "", ""});
            case 12:
                return upstream(
                    realtime::ErrorEvent{"server_error", "boom", "", realtime::CreateResponse::event_id});
            case 13:
                return upstream(realtime::TranscriptionDelta{"item_u", "word"});
            case 14:
                return client(TextInput{"typed", ""});
            case 15:
                return client(PlaybackReport{item(id), static_cast<std::int64_t>(random_() % 100'000)});
            case 16:
                return client(InterruptReply{});
            case 17:
                closed_ = random_() % 2 == 0;
                return closed_ ? client(StopRecording{}) : client(StartRecording{});
            case 18:
                return client(ClearSession{});
            default:
                return upstream(realtime::ToolCall{id, "call_1", "tool", "{}"});
        }
    }

    std::mt19937 random_;
    base::Time now_{1000h};
    Referee referee_{claim};
    Conversation conversation_{options(), referee_, now_};
    std::size_t samples_in_ = 0;
    int epoch_ = 0;
    bool closed_ = false;
};

TEST(Schedules, NeverWedgeAConversation) {
    for (unsigned seed = 0; seed < 2000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Schedule schedule(seed);
        schedule.run(200);
        schedule.fall_silent();
        // What a closed microphone heard is dropped; nothing is doubled.
        EXPECT_LE(schedule.samples_upstream(), schedule.samples_in());
    }
}

}  // namespace
}  // namespace voicectl::test
