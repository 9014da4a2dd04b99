// SPDX-License-Identifier: Apache-2.0
// Turns that do not go as planned: tools, refusals, failures, and a client that takes everything back.
#include "tests/session/conversation_fixture.hpp"

namespace voicectl::test {
namespace {

TEST_F(ConversationTest, QueuesTheReplyToAToolBehindTheOneThatIsHeard) {
    begin_reply("resp_1", "item_a", 1000ms);
    upstream(realtime::ToolCall{"resp_1", "call_1", "get_weather", R"({"city":"Paris"})"});
    end_reply("resp_1");
    outbox_.take();
    client(ToolResult{"call_1", "sunny"});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr("function_call_output"), HasSubstr("response.create")));
    begin_reply("resp_2", "item_b", 200ms);
    end_reply("resp_2");
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("tts_play"))));
    pass(1500ms);
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr(R"("itemId":"item_a")"), HasSubstr("tts_play"),
                                            HasSubstr(R"("itemId":"item_b")")));
}

TEST_F(ConversationTest, AnswersSeveralToolCallsWithOneReply) {
    upstream(realtime::ResponseCreated{"resp_1"});
    upstream(realtime::ToolCall{"resp_1", "call_1", "a", "{}"});
    upstream(realtime::ToolCall{"resp_1", "call_2", "b", "{}"});
    end_reply("resp_1");
    outbox_.take();
    client(ToolResult{"call_2", "2"});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr("function_call_output")));
    client(ToolResult{"call_1", "1"});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr("function_call_output"), HasSubstr("response.create")));
    client(ToolResult{"call_1", "again"});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr("BAD_MESSAGE")));
}

TEST_F(ConversationTest, IsNotSilencedByAToolCallThatIsNeverAnswered) {
    upstream(realtime::ResponseCreated{"resp_1"});
    upstream(realtime::ToolCall{"resp_1", "call_1", "slow", "{}"});
    end_reply("resp_1");
    upstream(realtime::ResponseCreated{"resp_2"});
    upstream(realtime::ToolCall{"resp_2", "call_2", "quick", "{}"});
    end_reply("resp_2");
    outbox_.take();
    client(ToolResult{"call_2", "2"});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("response.create")));
}

TEST_F(ConversationTest, AsksAgainWhenTheUpstreamHadBegunAReplyByItself) {
    client(TextInput{"typed", ""});
    upstream(realtime::ResponseCreated{"resp_auto"});
    upstream(realtime::ErrorEvent{"invalid_request_error", "conversation_already_has_active_response", "",
                                  realtime::CreateResponse::event_id});
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("UPSTREAM_ERROR"))));
    end_reply("resp_auto");
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("response.create")));
}

TEST_F(ConversationTest, IsNotConfusedByARefusalOfSomethingElse) {
    client(TextInput{"typed", ""});
    upstream(realtime::ErrorEvent{"invalid_request_error", "invalid_value", "", ""});
    outbox_.take();
    begin_reply("resp_1", "item_a", 20ms);
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("tts_play")));
}

TEST_F(ConversationTest, AsksForTheNextReplyWhenOneIsRefused) {
    client(TextInput{"first", ""});
    client(TextInput{"second", ""});
    outbox_.take();
    upstream(realtime::ErrorEvent{"server_error", "boom", "", realtime::CreateResponse::event_id});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("response.create")));
    begin_reply("resp_2", "item_b", 20ms);
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("tts_play")));
}

TEST_F(ConversationTest, TakesBackASpokenTurnThatIsBeingAnswered) {
    upstream(realtime::SpeechStarted{0, "item_u"});
    upstream(realtime::SpeechStopped{900, "item_u"});
    client(ClearSession{});
    outbox_.take();
    upstream(realtime::ItemAdded{"item_u"});
    upstream(realtime::ResponseCreated{"resp_1"});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr(R"("conversation.item.delete","item_id":"item_u")"),
                                            HasSubstr("response.cancel")));
    upstream(realtime::TranscriptionCompleted{"item_u", "secret"});
    EXPECT_THAT(outbox_.take(), IsEmpty());
}

TEST_F(ConversationTest, EndsTheSpeechThatItClears) {
    upstream(realtime::SpeechStarted{0, "item_u"});
    outbox_.take();
    client(ClearSession{});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("speech_stopped")));
}

TEST_F(ConversationTest, ForgetsEverythingWhenTheClientAsksForIt) {
    upstream(realtime::ItemAdded{"item_u"});
    upstream(realtime::ItemAdded{"item_a"});
    client(ClearSession{});
    EXPECT_THAT(outbox_.take(),
                ElementsAre(HasSubstr(R"("item_id":"item_u")"), HasSubstr(R"("item_id":"item_a")"),
                            HasSubstr("input_audio_buffer.clear"), R"(client: {"type":"cleared"})"));
}

TEST_F(ConversationTest, SaysThatNoAnswerCameAndGoesOn) {
    client(TextInput{"hello?", ""});
    pass(29s);
    outbox_.take();
    pass(2s);
    EXPECT_THAT(outbox_.take(), ElementsAre("open")) << "another upstream may answer";
    conversation_.on_upstream_opened(now_);
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("response.create")));
    client(Ping{""});
    outbox_.take();
    pass(29s);
    EXPECT_THAT(outbox_.take(), IsEmpty());
    pass(2s);
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr("UPSTREAM_ERROR")));
    client(TextInput{"still there?", ""});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("response.create")));
}

TEST_F(ConversationTest, ReportsAFailedReplyWithoutTheUpstreamsWords) {
    begin_reply("resp_1", "item_a", 20ms);
    outbox_.take();
    upstream(realtime::ResponseDone{
        "resp_1", "failed", "rate_limit_exceeded", "org-secret is over its limit", {}});
    pass(20ms);
    const auto lines = outbox_.take();
    EXPECT_THAT(lines, Contains(HasSubstr("UPSTREAM_RATE_LIMITED")));
    EXPECT_THAT(lines, Contains(HasSubstr(R"("status":"failed")")));
    EXPECT_THAT(lines, Not(Contains(HasSubstr("org-secret"))));
}

TEST_F(ConversationTest, SwallowsErrorsThatOnlyCrossedOnTheWire) {
    upstream(realtime::ErrorEvent{"invalid_request_error", "response_cancel_not_active",
                                  "Cancellation failed", ""});
    EXPECT_THAT(outbox_.take(), IsEmpty());
    upstream(realtime::ErrorEvent{"server_error", "", "a stack trace", ""});
    EXPECT_THAT(outbox_.take(), ElementsAre(Not(HasSubstr("stack trace"))));
}

TEST_F(ConversationTest, CutsAReplyThatIsLongerThanAnyoneWaitsFor) {
    upstream(realtime::ResponseCreated{"resp_1"});
    const auto minute = encoded(ramp(60s));
    for (int i = 0; i < 4; ++i)
        upstream(realtime::AudioDelta{"resp_1", "item_a", minute});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("response.cancel")));
    pass(181s);
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr(R"("status":"incomplete")")));
}

}  // namespace
}  // namespace voicectl::test
