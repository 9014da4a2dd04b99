// SPDX-License-Identifier: Apache-2.0
// A conversation and the simulator's session, wired together on one virtual clock with delays between them,
// and a client that reports anything about what it has heard: true, stale, reordered, doubled, beyond all
// that was sent, of items that are old or were never there. Whatever it says, the upstream refuses no
// truncation and no deletion, and remembers no more of a reply than was sent of it.
#include "session/dialect.hpp"
#include "simulator/realtime_session.hpp"
#include "tests/session/conversation_fixture.hpp"
#include "tests/session/delayed_line.hpp"
#include "tests/support/signal.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <random>

namespace voicectl::test {
namespace {

/// What the two may refuse each other because it crossed something on the wire.
bool is_crossing(std::string_view code) {
    return code == "response_cancel_not_active" || code == "conversation_already_has_active_response" ||
           code == "input_audio_buffer_commit_empty";
}

/// Both ends, and the wire between them.
class Call final : public Outbox, public simulator::Output {
 public:
    explicit Call(unsigned seed) : random_(seed) {
        session_->start(now_);
        conversation_.start();
    }
    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            if (random_() % 5 == 0) act();
            if (random_() % 3 == 0) report();
            pass();
        }
    }
    /// Nobody speaks any more.
    void fall_silent() {
        // What was said last may still be on its way for the first seconds.
        for (int i = 0; i < 150 || (i < 7500 && conversation_.busy()); ++i)
            pass();
        EXPECT_FALSE(conversation_.busy()) << "still waiting after two and a half minutes of silence";
        for (const auto& [id, item] : items_) {
            const auto remembered = item.deleted ? 0 : item.truncated_at.value_or(in_ms(item.received));
            EXPECT_LE(remembered, in_ms(item.sent)) << id << " is remembered beyond what was sent of it";
        }
    }

    int truncations = 0;
    int deletions = 0;

    // what the conversation decides
    void to_client(const ServerMessage& message) override {
        if (const auto* play = std::get_if<TtsPlay>(&message)) playing_ = play->item_id;
        if (const auto* final = std::get_if<AgentFinal>(&message)) check(*final);
    }
    base::Time reply_frame(audio::Pcm frame) override {
        items_[playing_].sent += frame.size();
        return now_;
    }
    void drop_reply_frames() override {}
    void to_upstream(const realtime::ClientEvent& event) override {
        if (const auto* cut = std::get_if<realtime::TruncateItem>(&event)) {
            auto& item = items_[cut->item_id];
            EXPECT_GT(cut->audio_end_ms, 0);
            EXPECT_LE(cut->audio_end_ms, in_ms(item.sent)) << "more than was sent";
            EXPECT_FALSE(item.truncated_at || item.deleted) << "cut twice";
            item.truncated_at = cut->audio_end_ms;
            ++truncations;
        }
        if (const auto* deletion = std::get_if<realtime::DeleteItem>(&event)) {
            EXPECT_FALSE(std::exchange(items_[deletion->item_id].deleted, true)) << "deleted twice";
            ++deletions;
        }
        std::string text;
        realtime::encode(event, text);
        up_.put(std::move(text), now_ + latency());
    }
    void audio_to_upstream(audio::Pcm samples) override {
        std::string text;
        realtime::encode_append(samples, text);
        up_.put(std::move(text), now_ + latency());
    }
    void open_upstream() override { wanted_ = true; }
    void swap_upstream() override {
        // Another simulator, which knows nothing of what the one before said.
        up_ = {};
        down_ = {};
        spoken_ = {};
        items_.clear();
        item_ids_.clear();
        session_.emplace(scenario_, simulated(), *this);
        session_->start(now_);
    }
    void turn_is_over(const TurnReport&) override {}
    void end(CloseCode, std::string_view) override { ADD_FAILURE() << "nobody is idle"; }

    // what the simulator says and asks for
    void send(std::string_view event) override { down_.put(std::string(event), now_ + latency()); }
    void close(std::uint16_t, std::string_view) override { ADD_FAILURE() << "nothing was that wrong"; }
    void drop() override { ADD_FAILURE() << "nothing was that wrong"; }
    void synthesise(std::uint64_t token, std::string) override {
        spoken_.put(token, now_ + std::chrono::milliseconds(random_() % 300));
    }
    void recognise(std::uint64_t, std::vector<audio::Sample>) override {}

 private:
    struct Item {
        std::size_t received = 0;  ///< samples, by the conversation
        std::size_t sent = 0;      ///< to the client
        std::optional<std::int64_t> truncated_at;
        bool deleted = false;
    };
    static std::int64_t in_ms(std::size_t samples) { return audio::duration_of(samples) / 1ms; }
    static simulator::Scenario scenario(std::mt19937& random) {
        simulator::Scenario scenario;
        scenario.recognise = false;
        scenario.timing.first_token = std::chrono::milliseconds(random() % 400);
        scenario.timing.pace = std::array{0.0, 1.0, 5.0}[random() % 3];
        simulator::Turn turn;
        turn.say = "One two three. Four five six seven eight. Nine ten.";
        scenario.turns.push_back(turn);
        return scenario;
    }
    static ConversationOptions options(std::mt19937& random) {
        ConversationOptions options;
        options.setup.interrupt_response = random() % 2 == 0;
        options.barge_in.mode =
            std::array{BargeInMode::off, BargeInMode::immediate, BargeInMode::reversible}[random() % 3];
        options.playout.lead = std::array{0ms, 200ms, 1000ms}[random() % 3];
        return options;
    }
    std::chrono::milliseconds latency() { return std::chrono::milliseconds(random_() % latency_max_); }

    void pass() {
        now_ += 20ms;
        if (std::exchange(wanted_, false)) conversation_.on_upstream_opened(now_);
        hear();
        while (const auto text = up_.take(now_))
            session_->on_message(*text, now_);
        while (const auto token = spoken_.take(now_)) {
            static const auto sound = tests::tone(300, 2s, 0.1);
            const auto length = audio::samples_in(std::chrono::milliseconds(50 + random_() % 1500));
            session_->on_speech(*token,
                                std::make_shared<const tests::Signal>(
                                    sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(length)),
                                now_);
        }
        if (const auto due = session_->due(); due && *due <= now_) session_->on_tick(now_);
        while (const auto text = down_.take(now_))
            deliver(*text);
        conversation_.on_tick(now_);
    }
    void deliver(const std::string& text) {
        const auto event = decoder_.decode(text);
        ASSERT_TRUE(event) << text;
        if (const auto* error = std::get_if<realtime::ErrorEvent>(&*event)) {
            EXPECT_TRUE(is_crossing(error->code)) << text;
        }
        if (const auto* delta = std::get_if<realtime::AudioDelta>(&*event)) {
            auto& item = items_[std::string(delta->item_id)];
            item.received += delta->audio.size() / 4 * 3 / sizeof(audio::Sample);
            if (item_ids_.empty() || item_ids_.back() != delta->item_id)
                item_ids_.emplace_back(delta->item_id);
        }
        conversation_.on_upstream(*event, now_);
    }
    void hear() {
        static const auto quiet = tests::noise(20ms, 0.001);
        static const auto voice = tests::voice(20ms);
        if (talking_ == 0 && silence_ == 0) return;
        const bool talks = talking_ > 0;
        --(talks ? talking_ : silence_);
        conversation_.on_audio(talks ? voice : quiet, now_);
    }
    void say(const std::string& text) {
        const auto message = parse_client_message(text);
        if (message)
            conversation_.on_client(*message, now_);
        else
            conversation_.on_bad_message(message.error().detail, now_);
    }
    void act() {
        switch (random_() % 16) {
            case 0:
            case 1:
            case 2:
                return say(R"({"type":"text_input","text":"hello"})");
            case 3:
                return say(R"({"type":"control","action":"interrupt_tts"})");
            case 4:
                if (random_() % 3 == 0) say(R"({"type":"control","action":"clear_session"})");
                return;
            case 5:
                talking_ = static_cast<int>(random_() % 40);
                silence_ = 60;
                return;
            case 6:
                if (random_() % 3 == 0) say(R"({"type":"control","action":"stop_recording"})");
                return;
            case 7:
                return say(R"({"type":"control","action":"start_recording"})");
            default:
                return;
        }
    }
    /// What a client says it has heard. Some of it comes late.
    void report() {
        std::string item = "item_that_never_was";
        if (!item_ids_.empty() && random_() % 8 != 0)
            item = item_ids_[random_() % 4 == 0 ? random_() % item_ids_.size() : item_ids_.size() - 1];
        const auto sent = in_ms(items_[item].sent);
        std::int64_t played = static_cast<std::int64_t>(random_() % static_cast<unsigned>(sent + 1));
        switch (random_() % 10) {
            case 0:
                played = sent;
                break;
            case 1:
                played = sent + static_cast<std::int64_t>(random_() % 2000);
                break;
            case 2:
                played = std::array{-1L,
                                    0L,
                                    86'400'000L,
                                    86'400'001L,
                                    std::numeric_limits<long>::max(),
                                    std::numeric_limits<long>::min()}[random_() % 6];
                break;
        }
        const auto text = fmt::format(R"({{"type":"playback","itemId":"{}","playedMs":{}}})", item, played);
        if (random_() % 4 == 0) late_.push_back(text);
        if (random_() % 4 != 0) say(text);
        if (random_() % 8 == 0) say(text);
        if (!late_.empty() && random_() % 4 == 0) {
            std::swap(late_[random_() % late_.size()], late_.back());
            say(late_.back());
            late_.pop_back();
        }
    }
    /// A reply that was interrupted has been cut to what the client is told of it.
    void check(const AgentFinal& final) {
        if (final.status != "interrupted" || !final.played_ms) return;
        const auto& item = items_[std::string(final.item_id)];
        if (item.received == 0) return;
        EXPECT_EQ(item.deleted, *final.played_ms == 0);
        if (item.deleted) return;
        if (item.truncated_at)
            EXPECT_EQ(*item.truncated_at, *final.played_ms);
        else
            EXPECT_GE(*final.played_ms, in_ms(item.received)) << "it is remembered whole";
    }

    static simulator::SessionOptions simulated() {
        simulator::SessionOptions options;
        options.model = "gpt-realtime";
        return options;
    }

    std::mt19937 random_;
    base::Time now_{1000h};
    bool wanted_ = false;  ///< another upstream
    std::uint_fast32_t latency_max_ = 1 + random_() % 300;
    simulator::Scenario scenario_ = scenario(random_);
    std::optional<simulator::RealtimeSession> session_{std::in_place, scenario_, simulated(), *this};
    Conversation conversation_{options(random_), *this, now_};
    realtime::ServerEventDecoder decoder_;
    DelayedLine<std::string> up_;
    DelayedLine<std::string> down_;
    DelayedLine<std::uint64_t> spoken_;
    std::map<std::string, Item, std::less<>> items_;
    std::vector<std::string> item_ids_;  ///< of those with audio
    std::vector<std::string> late_;
    std::string playing_;
    int talking_ = 0;  ///< frames
    int silence_ = 0;
};

TEST(PlaybackReports, NeverLeadToACutThatTheUpstreamRefuses) {
    int truncations = 0;
    int deletions = 0;
    for (unsigned seed = 0; seed < 2000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Call call(seed);
        call.run(200);
        call.fall_silent();
        truncations += call.truncations;
        deletions += call.deletions;
    }
    std::cout << truncations << " truncations, " << deletions << " deletions\n";
    EXPECT_GT(truncations, 1000);
    EXPECT_GT(deletions, 200);
}

}  // namespace
}  // namespace voicectl::test
