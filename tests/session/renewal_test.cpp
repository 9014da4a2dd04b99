// SPDX-License-Identifier: Apache-2.0
// An upstream that goes, at its limit or without a word, and the next one, which is told what it needs.
#include "tests/session/conversation_fixture.hpp"
#include "tests/support/signal.hpp"

#include <algorithm>

namespace voicectl::test {
namespace {

using testing::AllOf;

class RenewalTest : public ConversationTest {
 protected:
    void lose() { conversation_.on_upstream_lost(now_); }
    void opened() { conversation_.on_upstream_opened(now_); }
    /// Lost, and there again; what the next one is told.
    std::vector<std::string> change() {
        outbox_.take();
        before_ = outbox_.samples_upstream();
        lose();
        pass(200ms);
        EXPECT_THAT(said_without_vad(), ElementsAre("open"));
        opened();
        return said_without_vad();
    }
    /// The audio that the next one was sent.
    std::vector<audio::Sample> told_audio() const {
        const auto& all = outbox_.upstream_audio();
        return {all.begin() + static_cast<std::ptrdiff_t>(before_), all.end()};
    }
    void typed_turn() {
        client(TextInput{"How far is the moon?", ""});
        begin_reply("resp_1", "item_a", 100ms);
        end_reply("resp_1");
        pass(400ms);
    }

    std::size_t before_ = 0;
};

TEST_F(RenewalTest, ComesBetweenTwoTurnsBeforeTheLimitAndTheClientNoticesNothing) {
    typed_turn();
    now_ += 50min;
    outbox_.take();
    client(Ping{"1"});
    client(TextInput{"And the sun?", ""});
    conversation_.on_tick(now_);
    EXPECT_THAT(said_without_vad(), Contains("open"));
    opened();
    begin_reply("resp_2", "item_b", 100ms);
    EXPECT_THAT(said_without_vad(), Not(Contains("swap"))) << "in the middle of a turn";
    end_reply("resp_2");
    pass(400ms);
    const auto lines = said_without_vad();
    const auto swap = std::ranges::find(lines, "swap");
    ASSERT_NE(swap, lines.end());
    EXPECT_THAT(std::vector(swap + 1, lines.end()),
                ElementsAre(HasSubstr("session.update"), HasSubstr("How far is the moon?"),
                            HasSubstr("words"), HasSubstr("And the sun?"), HasSubstr("words")));
}

TEST_F(RenewalTest, IsNotAskedForTwice) {
    now_ += 51min;
    client(Ping{""});
    pass(1s);
    EXPECT_EQ(std::ranges::count(said_without_vad(), "open"), 1);
    conversation_.on_upstream_refused(now_);
    pass(29s);
    EXPECT_THAT(said_without_vad(), Not(Contains("open")));
    pass(2s);
    EXPECT_EQ(std::ranges::count(said_without_vad(), "open"), 1);
}

TEST_F(RenewalTest, HasAnUtteranceHeardAgainFromItsFirstConsonantOn) {
    hear(quiet(2s));
    const auto start = outbox_.samples_upstream();
    hear(tests::voice(400ms));
    upstream(realtime::SpeechStarted{2000, "item_u"});
    hear(tests::voice(300ms));
    EXPECT_THAT(change(), ElementsAre("swap", HasSubstr("session.update")));
    hear(tests::voice(200ms));
    const auto& all = outbox_.upstream_audio();
    const std::vector whole(all.begin() + static_cast<std::ptrdiff_t>(start - audio::samples_in(300ms)),
                            all.begin() + static_cast<std::ptrdiff_t>(before_));
    auto told = told_audio();
    ASSERT_EQ(told.size(), whole.size() + audio::samples_in(200ms));
    told.resize(whole.size());
    EXPECT_EQ(told, whole);
    // The next upstream's clock begins 300 ms before the utterance, and the client's does not.
    upstream(realtime::SpeechStarted{300, "item_v"});
    EXPECT_THAT(said_without_vad(), IsEmpty()) << "the client knows";
    upstream(realtime::SpeechStopped{1200, "item_v"});
    EXPECT_THAT(said_without_vad(),
                ElementsAre(AllOf(HasSubstr("speech_stopped"), HasSubstr(R"("atMs":2900)"))));
}

TEST_F(RenewalTest, LosesNothingOfWhatIsSaidMeanwhile) {
    hear(quiet(1s));
    outbox_.take();
    before_ = outbox_.samples_upstream();
    lose();
    const auto words = tests::voice(700ms);
    hear(words);
    EXPECT_EQ(outbox_.samples_upstream(), before_) << "there is nobody to hear it";
    opened();
    const auto told = told_audio();
    ASSERT_EQ(told.size(), audio::samples_in(1000ms));
    EXPECT_TRUE(std::equal(words.begin(), words.end(), told.begin() + audio::samples_in(300ms)));
}

TEST_F(RenewalTest, HasAnUnansweredUtteranceAnsweredOnce) {
    hear(quiet(1s));
    hear(tests::voice(600ms));
    upstream(realtime::SpeechStarted{1000, "item_u"});
    hear(quiet(500ms));
    upstream(realtime::SpeechStopped{1600, "item_u"});
    EXPECT_THAT(change(), ElementsAre("swap", HasSubstr("session.update")))
        << "an utterance that ends by itself is answered unasked";
    EXPECT_EQ(told_audio().size(), audio::samples_in(1400ms));
    upstream(realtime::SpeechStarted{300, "item_v"});
    upstream(realtime::SpeechStopped{900, "item_v"});
    EXPECT_THAT(said_without_vad(), IsEmpty());
    upstream(realtime::TranscriptionCompleted{"item_v", "hello"});
    begin_reply("resp_1", "item_a", 100ms);
    const auto lines = said_without_vad();
    EXPECT_THAT(lines, Contains(HasSubstr("final_asr")));
    EXPECT_THAT(lines, Contains(HasSubstr("tts_play")));
}

TEST_F(RenewalTest, AsksForTheReplyToWhatIsKnownAsText) {
    hear(quiet(1s));
    hear(tests::voice(600ms));
    upstream(realtime::SpeechStarted{1000, "item_u"});
    upstream(realtime::SpeechStopped{1600, "item_u"});
    upstream(realtime::AudioCommitted{"item_u"});
    upstream(realtime::TranscriptionCompleted{"item_u", "good morning"});
    hear(quiet(500ms));
    EXPECT_THAT(change(), ElementsAre("swap", HasSubstr("session.update"), HasSubstr("good morning"),
                                      HasSubstr("response.create")));
    EXPECT_EQ(told_audio().size(), audio::samples_in(300ms)) << "audio that is known as text is billed twice";
}

TEST_F(RenewalTest, CommitsAgainWhatWasCommittedByHand) {
    hear(quiet(1s));
    hear(tests::voice(600ms));
    upstream(realtime::SpeechStarted{1000, "item_u"});
    client(StopRecording{});
    EXPECT_THAT(change(), ElementsAre("swap", HasSubstr("session.update"),
                                      HasSubstr("input_audio_buffer.commit"), HasSubstr("response.create")));
    EXPECT_EQ(told_audio().size(), audio::samples_in(900ms));
}

TEST_F(RenewalTest, PlaysWhatHasComeOfAReplyAndTellsTheNextWhatWasHeard) {
    client(TextInput{"Tell me.", ""});
    upstream(realtime::ResponseCreated{"resp_1"});
    upstream(realtime::ReplyDelta{"resp_1", "item_a", "one two three four"});
    const auto audio = encoded(ramp(1s));
    upstream(realtime::AudioDelta{"resp_1", "item_a", audio});
    pass(100ms);
    EXPECT_THAT(change(), ElementsAre("swap", HasSubstr("session.update"), HasSubstr("Tell me.")));
    pass(1500ms);
    EXPECT_EQ(outbox_.heard(), ramp(1s));
    EXPECT_THAT(said_without_vad(),
                ElementsAre(AllOf(HasSubstr(R"("role":"assistant")"), HasSubstr("one two three four")),
                            HasSubstr(R"("status":"incomplete")")));
}

TEST_F(RenewalTest, AsksAgainForAReplyOfWhichNothingWasHeard) {
    client(TextInput{"Tell me.", ""});
    upstream(realtime::ResponseCreated{"resp_1"});
    EXPECT_THAT(change(), ElementsAre("swap", HasSubstr("session.update"), HasSubstr("Tell me."),
                                      HasSubstr("response.create")));
    begin_reply("resp_1", "item_b", 100ms);
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("tts_play")))
        << "another upstream may use the same ids";
}

TEST_F(RenewalTest, KeepsACallAndItsResultTogether) {
    client(TextInput{"Weather?", ""});
    upstream(realtime::ResponseCreated{"resp_1"});
    upstream(realtime::ToolCall{"resp_1", "call_1", "weather", "{}"});
    end_reply("resp_1");
    pass(100ms);
    EXPECT_THAT(change(), ElementsAre("swap", HasSubstr("session.update"), HasSubstr("Weather?")));
    client(ToolResult{"call_1", "mild"});
    EXPECT_THAT(said_without_vad(),
                ElementsAre(AllOf(HasSubstr(R"("function_call")"), HasSubstr("call_1")),
                            HasSubstr("function_call_output"), HasSubstr("response.create")));
    begin_reply("resp_2", "item_b", 100ms);
    end_reply("resp_2");
    pass(400ms);
    EXPECT_THAT(change(),
                ElementsAre("swap", HasSubstr("session.update"), HasSubstr("Weather?"),
                            HasSubstr(R"("function_call")"), HasSubstr("mild"), HasSubstr("words")));
}

TEST_F(RenewalTest, RemembersOfAnInterruptedReplyWhatWasHeard) {
    client(TextInput{"Count.", ""});
    upstream(realtime::ResponseCreated{"resp_1"});
    upstream(realtime::ReplyDelta{"resp_1", "item_a", "one two three four five six seven eight nine ten"});
    const auto audio = encoded(ramp(10s));
    upstream(realtime::AudioDelta{"resp_1", "item_a", audio});
    pass(5s);
    client(InterruptReply{});
    upstream(realtime::ResponseDone{"resp_1", "cancelled", "", "", {}});
    const auto lines = change();
    EXPECT_THAT(lines.back(), AllOf(HasSubstr("one two three four"), Not(HasSubstr("seven"))));
}

TEST_F(RenewalTest, ForgetsWithTheClient) {
    typed_turn();
    client(ClearSession{});
    EXPECT_THAT(change(), ElementsAre("swap", HasSubstr("session.update")));
}

TEST_F(RenewalTest, EndsTheSessionWhenNoUpstreamCanBeHad) {
    lose();
    outbox_.take();
    conversation_.on_upstream_refused(now_);
    EXPECT_THAT(said_without_vad(), IsEmpty()) << "nobody wants anything of it";
    pass(2s);
    EXPECT_THAT(said_without_vad(), ElementsAre("open"));
    client(TextInput{"Hello?", ""});
    outbox_.take();
    conversation_.on_upstream_refused(now_);
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("UPSTREAM_UNAVAILABLE"), "end 4502"));
}

TEST_F(RenewalTest, SwallowsTheNewsThatTheSessionHasExpired) {
    upstream(realtime::ErrorEvent{"invalid_request_error", "session_expired", "60 minutes", ""});
    EXPECT_THAT(said_without_vad(), IsEmpty());
}

/// Like syllables: no two alike, none apart.
std::vector<audio::Sample> talk(std::chrono::milliseconds length) {
    std::vector<audio::Sample> samples;
    for (unsigned i = 0; samples.size() < audio::samples_in(length); ++i)
        tests::append(samples, tests::voice(160ms, 90 + i * 37 % 120, 0.05 + 0.03 * (i % 7)));
    samples.resize(audio::samples_in(length));
    return samples;
}

/// Somebody who never pauses, and an upstream that is renewed again and again.
TEST(Renewal, PassesOnEverySampleOfAPersonWhoNeverPauses) {
    auto options = ConversationOptions{};
    options.renewal.after = 15s;
    options.renewal.at_latest = 18s;
    RecordingOutbox outbox;
    auto now = base::Time(1000h);
    Conversation conversation(options, outbox, now);
    const auto words = talk(200s);
    std::vector<std::size_t> begun{0};  // of each upstream, in what was sent to all of them
    std::vector<std::size_t> heard_before{0};
    constexpr auto frame = audio::samples_in(20ms);
    for (std::size_t at = 0; at < words.size(); at += frame) {
        outbox.now = now += 20ms;
        const auto sent = outbox.samples_upstream();
        conversation.on_audio(audio::Pcm(words).subspan(at, frame), now);
        if (at == frame * 10) conversation.on_upstream(realtime::SpeechStarted{0, "item_u"}, now);
        const auto before_tick = outbox.samples_upstream();
        EXPECT_EQ(before_tick - sent, frame);
        conversation.on_tick(now);
        for (const auto& line : outbox.take()) {
            if (line == "open") conversation.on_upstream_opened(now);
            if (line != "swap") continue;
            begun.push_back(before_tick);
            heard_before.push_back(at + frame);
        }
    }
    EXPECT_EQ(begun.size(), 12U);
    const auto& all = outbox.upstream_audio();
    for (std::size_t i = 1; i < begun.size(); ++i) {
        // It is told the utterance again, as much as is kept of it, up to where the one before had heard it.
        const auto end = i + 1 < begun.size() ? begun[i + 1] : all.size();
        const auto heard_to = i + 1 < begun.size() ? heard_before[i + 1] : words.size();
        const auto length = end - begun[i];
        ASSERT_LE(length, heard_to);
        EXPECT_GE(length, std::min<std::size_t>(heard_to, audio::samples_in(60s)));
        EXPECT_TRUE(std::equal(all.begin() + static_cast<std::ptrdiff_t>(begun[i]),
                               all.begin() + static_cast<std::ptrdiff_t>(end),
                               words.begin() + static_cast<std::ptrdiff_t>(heard_to - length)));
    }
}

}  // namespace
}  // namespace voicectl::test
