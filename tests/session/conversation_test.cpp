// SPDX-License-Identifier: Apache-2.0
#include "session/conversation.hpp"

#include "tests/session/conversation_fixture.hpp"

#include <algorithm>
#include <cmath>

namespace voicectl::test {
namespace {

std::vector<audio::Sample> tone(std::chrono::milliseconds length) {
    std::vector<audio::Sample> samples(audio::samples_in(length));
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<audio::Sample>(8000 * std::sin(static_cast<double>(i) * 0.1));
    return samples;
}

TEST_F(ConversationTest, SetsTheUpstreamUpAndKeepsInterruptionsToItself) {
    auto setup = options();
    setup.setup.interrupt_response = false;
    Conversation conversation(setup, outbox_, start_);
    conversation.start();
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr(R"("interrupt_response":false)")));
}

TEST_F(ConversationTest, OpensTheMicrophoneAtTheFirstFrameAndNotAgain) {
    conversation_.on_audio(std::vector<audio::Sample>(480), now_);
    conversation_.on_audio(std::vector<audio::Sample>(480), now_);
    client(StartRecording{});
    EXPECT_THAT(outbox_.take(), ElementsAre(R"(client: {"type":"mic_opened"})"));
    EXPECT_EQ(outbox_.samples_upstream(), 960U);
}

TEST_F(ConversationTest, DropsAndCountsFramesWhileTheMicrophoneIsClosed) {
    client(StartRecording{});
    client(StopRecording{});
    conversation_.on_audio(std::vector<audio::Sample>(480), now_);
    EXPECT_EQ(outbox_.samples_upstream(), 0U);
    EXPECT_EQ(conversation_.frames_dropped(), 1U);
    client(StartRecording{});
    conversation_.on_audio(std::vector<audio::Sample>(480), now_);
    EXPECT_EQ(outbox_.samples_upstream(), 480U);
}

TEST_F(ConversationTest, SaysHowLoudItIsTenTimesASecond) {
    const auto frame = tone(20ms);
    for (int i = 0; i < 50; ++i)
        conversation_.on_audio(frame, now_);
    const auto lines = outbox_.take();
    EXPECT_EQ(std::ranges::count_if(
                  lines, [](const auto& line) { return line.find(R"("vad")") != std::string::npos; }),
              10);
}

TEST_F(ConversationTest, CommitsWhatWasHeardWhenTheMicrophoneStopsMidSpeech) {
    client(StartRecording{});
    upstream(realtime::SpeechStarted{100, "item_u"});
    outbox_.take();
    client(StopRecording{});
    EXPECT_THAT(outbox_.take(),
                ElementsAre(HasSubstr("input_audio_buffer.commit"), HasSubstr("speech_stopped"),
                            HasSubstr("response.create"), HasSubstr("mic_closed")));
}

TEST_F(ConversationTest, AsksForNothingWhenTheMicrophoneStopsInSilence) {
    client(StartRecording{});
    outbox_.take();
    client(StopRecording{});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr("input_audio_buffer.clear"), HasSubstr("mic_closed")));
}

TEST_F(ConversationTest, IsNotHeldUpBySpeechThatIsNoticedAfterTheMicrophoneClosed) {
    client(StartRecording{});
    client(StopRecording{});
    upstream(realtime::SpeechStarted{100, "item_u"});
    client(TextInput{"typed", ""});
    begin_reply("resp_1", "item_a", 20ms);
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("tts_play")));
}

TEST_F(ConversationTest, CancelsAReplyToATurnThatIsBeingSpokenOn) {
    upstream(realtime::SpeechStarted{100, "item_u"});
    upstream(realtime::SpeechStopped{900, "item_u"});
    upstream(realtime::SpeechStarted{950, "item_v"});
    outbox_.take();
    upstream(realtime::ResponseCreated{"resp_1"});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr(R"("response.cancel","response_id":"resp_1")")));
}

TEST_F(ConversationTest, AnswersTypedTextWithItsTranscriptAndAReply) {
    client(TextInput{"hello", "en"});
    EXPECT_THAT(outbox_.take(),
                ElementsAre(R"(client: {"type":"final_asr","text":"hello","lang":"en"})",
                            HasSubstr("conversation.item.create"), HasSubstr("response.create")));
}

TEST_F(ConversationTest, GrowsThePartialTranscriptAndEndsItWithTheFinalOne) {
    upstream(realtime::TranscriptionDelta{"item_u", "good"});
    upstream(realtime::TranscriptionDelta{"item_u", " morning"});
    upstream(realtime::TranscriptionCompleted{"item_u", "Good morning."});
    EXPECT_THAT(outbox_.take(),
                ElementsAre(HasSubstr(R"("text":"good")"), HasSubstr(R"("text":"good morning")"),
                            HasSubstr(R"("final_asr","text":"Good morning.")")));
}

TEST_F(ConversationTest, PlaysAReplyToItsEndAndOnlyThenCallsItFinal) {
    begin_reply("resp_1", "item_a", 1000ms);
    end_reply("resp_1");
    auto lines = outbox_.take();
    EXPECT_THAT(lines, Contains(HasSubstr("tts_play")));
    EXPECT_THAT(lines, Not(Contains(HasSubstr("agent_final"))));
    pass(700ms);
    EXPECT_THAT(outbox_.take(), IsEmpty());
    pass(300ms);
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr(R"("status":"completed","usage":{"inputTokens":3)")));
    EXPECT_EQ(outbox_.heard(), ramp(1000ms));
    EXPECT_FALSE(conversation_.busy());
}

TEST_F(ConversationTest, SendsAudioAheadOfRealTimeByTheLeadAndNoMore) {
    begin_reply("resp_1", "item_a", 2000ms);
    EXPECT_EQ(outbox_.heard().size(), audio::samples_in(220ms));  // the lead, and the frame that is due now
    pass(500ms);
    EXPECT_EQ(outbox_.heard().size(), audio::samples_in(720ms));
}

TEST_F(ConversationTest, MeasuresTheFirstTokenFromTheEndOfTheTurn) {
    upstream(realtime::SpeechStarted{0, "item_u"});
    upstream(realtime::SpeechStopped{900, "item_u"});
    pass(300ms);
    begin_reply("resp_1", "item_a", 20ms);
    end_reply("resp_1");
    pass(20ms);
    EXPECT_THAT(outbox_.take(),
                Contains(HasSubstr(R"("latency":{"firstTokenMs":300,"upstreamMs":300,"addedMs":0})")));
}

TEST_F(ConversationTest, IsBusyFromTheQuestionToTheLastFrame) {
    EXPECT_FALSE(conversation_.busy());
    client(TextInput{"hello", ""});
    EXPECT_TRUE(conversation_.busy());
    begin_reply("resp_1", "item_a", 40ms);
    end_reply("resp_1");
    pass(100ms);
    EXPECT_FALSE(conversation_.busy());
}

TEST_F(ConversationTest, HearsNobodyAfterTheUpstreamHasClearedWhatTheySaid) {
    client(ClearSession{});
    upstream(realtime::SpeechStarted{100, "item_u"});  // noticed before the upstream knew of it
    outbox_.take();
    upstream(realtime::AudioCleared{});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr("speech_stopped")));
    EXPECT_FALSE(conversation_.busy());
}

TEST_F(ConversationTest, ComplainsOfBadFramesOnceASecondAndHearsTheConcealedOnes) {
    const std::vector<audio::Sample> concealed(480);
    for (int i = 0; i < 60; ++i) {
        conversation_.on_bad_frame(ErrorCode::audio_decode_failed, "not a packet", concealed, now_);
        now_ += 20ms;
    }
    const auto lines = outbox_.take();
    EXPECT_EQ(std::ranges::count_if(
                  lines, [](const auto& line) { return line.find("AUDIO_DECODE") != std::string::npos; }),
              2);
    EXPECT_EQ(outbox_.samples_upstream(), 60U * 480U);
}

TEST_F(ConversationTest, EndsWhenItIsAsLongAsItMayBeAfterTheReplyThatIsHeard) {
    for (now_ += 59min + 50s; now_ < start_ + 59min + 59s; pass(1s))
        client(Ping{""});
    begin_reply("resp_1", "item_a", 2s);
    end_reply("resp_1");
    outbox_.take();
    pass(1900ms);
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("SESSION_LIMIT"))));
    pass(300ms);
    const auto lines = outbox_.take();
    EXPECT_THAT(lines, Contains(HasSubstr("SESSION_LIMIT")));
    EXPECT_EQ(lines.back(), "end 1000");
}

TEST_F(ConversationTest, EndsAfterSilenceButNotWhileAReplyIsHeard) {
    begin_reply("resp_1", "item_a", 70s);
    end_reply("resp_1");
    pass(69s);
    EXPECT_THAT(outbox_.take(), Not(Contains(StartsWith("end"))));
    pass(62s);
    EXPECT_THAT(outbox_.take(), Contains("end 4408"));
}

}  // namespace
}  // namespace voicectl::test
