// SPDX-License-Identifier: Apache-2.0
// A sound over a reply: what it is taken for, and what becomes of the reply.
#include "tests/session/barge_in_fixture.hpp"

namespace voicectl::test {
namespace {

TEST_F(BargeInTest, HoldsTheReplyAtTheFirstSoundOfAVoice) {
    begin(conversation_);
    hear(tests::voice(60ms));
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("tts_pause")));
    const auto sent = outbox_.heard().size();
    hear(tests::voice(100ms));
    EXPECT_EQ(outbox_.heard().size(), sent) << "the reply went on after the pause";
}

TEST_F(BargeInTest, EndsTheReplyWhenTheVoiceGoesOn) {
    begin(conversation_);
    const auto passed_on = outbox_.samples_upstream();
    hear(tests::voice(600ms));
    const auto lines = said_without_vad();
    EXPECT_THAT(lines, ElementsAre(HasSubstr("tts_pause"), "drop", HasSubstr("response.cancel"),
                                   HasSubstr(R"("audio_end_ms":1020)"), HasSubstr("barge_in"),
                                   HasSubstr("\"bargeInMs\"")));
    EXPECT_EQ(outbox_.samples_upstream() - passed_on, audio::samples_in(600ms))
        << "the upstream hears all of it";
}

TEST_F(BargeInTest, GoesOnAfterACoughAtTheVerySampleWhereItHeld) {
    begin(conversation_);
    hear(cough());
    hear(quiet(1s));
    EXPECT_THAT(said_without_vad(),
                ElementsAre(HasSubstr(R"("tts_pause","data":{"itemId":"item_a","playedMs":1020)"),
                            HasSubstr(R"("tts_resume","data":{"itemId":"item_a","playedMs":1020)")));
    hear(quiet(9s));
    auto heard = outbox_.heard();
    const auto whole = ramp(10s);
    ASSERT_GE(heard.size(), whole.size());
    heard.resize(whole.size());
    EXPECT_EQ(heard, whole) << "a gap or a repeat";
}

TEST_F(BargeInTest, JudgesEachSoundByItself) {
    begin(conversation_);
    for (int i = 0; i < 4; ++i) {
        hear(tests::voice(180ms));
        hear(quiet(300ms));
    }
    // The same from behind a gate, which lets no pause through.
    for (int i = 0; i < 4; ++i) {
        hear(tests::voice(180ms));
        pass(1s);
    }
    EXPECT_THAT(said_without_vad(), Not(Contains(HasSubstr("barge_in"))));
}

TEST_F(BargeInTest, HoldsNothingAgainstAReplyThatWasSaidBeforeIt) {
    hear(quiet(1s));
    hear(tests::voice(1s));
    hear(quiet(300ms));  // no pause that ends an utterance, for our ear
    begin_reply("resp_1", "item_a", 5s);
    outbox_.take();
    hear(tests::noise(30ms, 0.3, 3));
    hear(quiet(1s));
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("tts_pause"), HasSubstr("tts_resume")));
}

TEST_F(BargeInTest, IsMeasuredFromTheReplyWhereTheVoiceWasThereFirst) {
    hear(quiet(1s));
    hear(tests::voice(1s));
    begin_reply("resp_1", "item_a", 5s);
    hear(tests::voice(600ms));
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr(R"("bargeInMs":0)")));
}

TEST_F(BargeInTest, TakesNothingFromTheLatencyOfAReplyThatHasSounded) {
    client(TextInput{"typed", ""});
    pass(100ms);
    begin(conversation_);
    hear(cough());
    hear(quiet(1s));
    hear(tests::voice(600ms));
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr(R"("firstTokenMs":100)")));
}

TEST_F(BargeInTest, CountsNoLatencyFromAVoiceOfTheTurnBefore) {
    hear(quiet(1s));
    hear(tests::voice(1s));
    client(StopRecording{});
    begin_reply("resp_1", "item_a", 20ms);
    end_reply("resp_1");
    pass(10s);
    client(StartRecording{});
    upstream(realtime::SpeechStarted{2000, "item_v"});  // a whisper, for the upstream's ear only
    upstream(realtime::SpeechStopped{2500, "item_v"});
    pass(100ms);
    outbox_.take();
    begin_reply("resp_2", "item_b", 20ms);
    end_reply("resp_2");
    pass(100ms);
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr(R"("firstTokenMs":100)")));
}

TEST_F(BargeInTest, GoesOnAfterALongCough) {
    begin(conversation_);
    hear(tests::noise(450ms, 0.3, 3));
    hear(quiet(1s));
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("tts_pause"), HasSubstr("tts_resume")));
}

TEST_F(BargeInTest, EndsTheReplyForASoundWithoutAPitchThatDoesNotEnd) {
    begin(conversation_);
    hear(tests::noise(700ms, 0.3, 3));
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("barge_in")));
}

TEST_F(BargeInTest, HoldsNoLongerThanASecondAndAHalf) {
    begin(conversation_);
    const auto clatter = [this](int clicks) {
        for (int i = 0; i < clicks; ++i) {
            hear(tests::noise(20ms, 0.3, 3));
            hear(quiet(140ms));
        }
    };
    clatter(9);
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("tts_pause")));
    clatter(2);
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("barge_in")));
}

TEST_F(BargeInTest, MeasuresWhatLeftAfterTheVoiceCameIn) {
    begin(conversation_);
    outbox_.now = now_ + 50ms;  // the frame takes its time to leave
    conversation_.on_tick(now_ += 20ms);
    const auto voice = tests::voice(400ms);
    constexpr auto small = audio::samples_in(5ms);  // the first of them tells nothing yet
    for (std::size_t at = 0; at < voice.size(); at += small)
        conversation_.on_audio(audio::Pcm(voice).subspan(at, small), now_ += 5ms);
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr(R"("bargeInMs":25)")));
}

TEST_F(BargeInTest, MeasuresNothingOfASoundThatWasNothing) {
    begin(conversation_);
    hear(cough());
    hear(quiet(1s));
    client(InterruptReply{});
    EXPECT_THAT(said_without_vad(), Not(Contains(HasSubstr("bargeInMs"))));
}

TEST_F(BargeInTest, EndsAtOnceWhereThatIsAsked) {
    Conversation conversation(with(BargeInMode::immediate), outbox_, now_);
    begin(conversation);
    hear(conversation, tests::voice(60ms));
    EXPECT_THAT(said_without_vad(), ElementsAre("drop", HasSubstr("response.cancel"), HasSubstr("truncate"),
                                                HasSubstr("barge_in"), HasSubstr("interrupted")));
}

TEST_F(BargeInTest, PlaysToTheEndWhereThatIsAsked) {
    Conversation conversation(with(BargeInMode::off), outbox_, now_);
    begin(conversation);
    hear(conversation, tests::voice(1s));
    conversation.on_upstream(realtime::SpeechStarted{1000, "item_u"}, now_);
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("speech_started")));
}

TEST_F(BargeInTest, TakesTheUpstreamsWordForSpeechThatItMissed) {
    begin(conversation_);
    upstream(realtime::SpeechStarted{500, "item_u"});
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("barge_in")));
}

TEST_F(BargeInTest, IsABargeInUntilTheLastSampleHasBeenHeard) {
    begin_reply("resp_1", "item_a", 1000ms);
    end_reply("resp_1");
    pass(860ms);  // all is sent, the last 140 ms are still to be heard
    ASSERT_EQ(outbox_.heard().size(), audio::samples_in(1000ms));
    outbox_.take();
    upstream(realtime::SpeechStarted{500, "item_u"});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr(R"("audio_end_ms":860)")));
}

TEST_F(BargeInTest, CutsEachItemOfAReplyToWhatWasHeardOfIt) {
    upstream(realtime::ResponseCreated{"resp_1"});
    const auto audio = encoded(ramp(1000ms));
    upstream(realtime::AudioDelta{"resp_1", "item_a", audio});
    upstream(realtime::AudioDelta{"resp_1", "item_b", audio});
    upstream(realtime::AudioDelta{"resp_1", "item_c", audio});
    pass(1500ms);
    outbox_.take();
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(),
                ElementsAre("drop", HasSubstr("response.cancel"),
                            HasSubstr(R"("item_id":"item_b","content_index":0,"audio_end_ms":500)"),
                            HasSubstr(R"("conversation.item.delete","item_id":"item_c")"),
                            HasSubstr(R"("playedMs":1500)")));
}

}  // namespace
}  // namespace voicectl::test
