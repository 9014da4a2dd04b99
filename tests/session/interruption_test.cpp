// SPDX-License-Identifier: Apache-2.0
// What happens to a reply that is not heard to its end.
#include "tests/session/conversation_fixture.hpp"

namespace voicectl::test {
namespace {

TEST_F(ConversationTest, StopsAtASpokenInterruptionAndCutsTheItemToWhatWasHeard) {
    begin_reply("resp_1", "item_a", 3000ms);
    pass(500ms);
    outbox_.take();
    upstream(realtime::SpeechStarted{500, "item_u"});
    EXPECT_THAT(
        outbox_.take(),
        ElementsAre(
            HasSubstr("speech_started"), "drop", HasSubstr("response.cancel"),
            HasSubstr(
                R"("conversation.item.truncate","item_id":"item_a","content_index":0,"audio_end_ms":500)"),
            HasSubstr(R"("barge_in","data":{"itemId":"item_a","playedMs":500})"),
            HasSubstr(R"("status":"interrupted","playedMs":500)")));
    const auto sent = outbox_.heard().size();
    upstream(realtime::AudioDelta{"resp_1", "item_a", encoded(ramp(200ms))});
    upstream(realtime::ReplyDelta{"resp_1", "item_a", "late"});
    pass(1000ms);
    EXPECT_EQ(outbox_.heard().size(), sent) << "late audio of an interrupted reply was played";
    EXPECT_THAT(outbox_.take(), IsEmpty());
}

TEST_F(ConversationTest, BelievesTheClientsReportOfWhatWasHeard) {
    begin_reply("resp_1", "item_a", 3000ms);
    pass(500ms);
    client(PlaybackReport{"item_a", 320});
    client(PlaybackReport{"item_a", 300});  // an older one, late
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr(R"("audio_end_ms":320)")));
}

TEST_F(ConversationTest, CountsOnFromTheClientsReport) {
    begin_reply("resp_1", "item_a", 5000ms);
    pass(100ms);
    client(PlaybackReport{"item_a", 40});
    pass(2000ms);
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr(R"("audio_end_ms":2040)")));
}

TEST_F(ConversationTest, TakesAReportForTheWholeReplyWhateverItsItems) {
    upstream(realtime::ResponseCreated{"resp_1"});
    const auto audio = encoded(ramp(1000ms));
    upstream(realtime::AudioDelta{"resp_1", "item_a", audio});
    upstream(realtime::AudioDelta{"resp_1", "item_b", audio});
    pass(1800ms);
    client(PlaybackReport{"item_a", 1700});
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr(R"("item_b","content_index":0,"audio_end_ms":700)")));
}

TEST_F(ConversationTest, NeverTruncatesBeyondWhatWasSent) {
    begin_reply("resp_1", "item_a", 3000ms);
    client(PlaybackReport{"item_a", 90'000});
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr(R"("audio_end_ms":220)")));
}

TEST_F(ConversationTest, DeletesAnItemOfWhichNothingWasHeard) {
    begin_reply("resp_1", "item_a", 3000ms);
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr(R"("conversation.item.delete","item_id":"item_a")")));
}

TEST_F(ConversationTest, DeletesAnItemWhoseWordsCameButNoSound) {
    upstream(realtime::ResponseCreated{"resp_1"});
    upstream(realtime::ReplyDelta{"resp_1", "item_a", "words"});
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr(R"("conversation.item.delete","item_id":"item_a")")));
}

TEST_F(ConversationTest, LeavesAnItemThatWasHeardToItsEnd) {
    begin_reply("resp_1", "item_a", 200ms);
    end_reply("resp_1");
    begin_reply("resp_2", "item_b", 200ms);
    pass(200ms);
    outbox_.take();
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("truncate"))));
}

TEST_F(ConversationTest, NeverCutsBeyondTheItemHoweverManyThereAre) {
    upstream(realtime::ResponseCreated{"resp_1"});
    const auto audio = encoded(ramp(100ms));
    std::vector<std::string> item_ids;
    for (int i = 0; i < 40; ++i)
        item_ids.push_back("item_" + std::to_string(i));
    for (const auto& item_id : item_ids)
        upstream(realtime::AudioDelta{"resp_1", item_id, audio});
    pass(3400ms);
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("truncate"))));
}

TEST_F(ConversationTest, DeletesAnItemOnceWhenTheSessionIsClearedAfterIt) {
    upstream(realtime::ItemAdded{"item_a"});
    begin_reply("resp_1", "item_a", 3000ms);
    client(InterruptReply{});
    outbox_.take();
    client(ClearSession{});
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("conversation.item.delete"))));
}

TEST_F(ConversationTest, DeletesWhatWasOnItsWayWhenItsReplyWasInterruptedBeforeASound) {
    upstream(realtime::ResponseCreated{"resp_1"});
    client(InterruptReply{});
    outbox_.take();
    upstream(realtime::ItemAdded{"item_a"});
    upstream(realtime::ReplyDelta{"resp_1", "item_a", "words"});
    upstream(realtime::AudioDelta{"resp_1", "item_a", encoded(ramp(200ms))});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr(R"("conversation.item.delete","item_id":"item_a")")));
}

TEST_F(ConversationTest, CutsWhatWasOnItsWayWhenAllBeforeItHadBeenHeard) {
    upstream(realtime::ItemAdded{"item_a"});
    begin_reply("resp_1", "item_a", 200ms);
    pass(500ms);
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("conversation.item"))));
    for (int i = 0; i < 2; ++i)
        upstream(realtime::AudioDelta{"resp_1", "item_a", encoded(ramp(200ms))});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr(R"("audio_end_ms":200)")));
}

TEST_F(ConversationTest, DoesNotPlayAnItemThatComesAgainAfterAnother) {
    begin_reply("resp_1", "item_a", 200ms);
    const auto audio = encoded(ramp(200ms));
    upstream(realtime::AudioDelta{"resp_1", "item_b", audio});
    upstream(realtime::AudioDelta{"resp_1", "item_a", audio});
    pass(300ms);
    client(InterruptReply{});
    const auto lines = outbox_.take();
    EXPECT_EQ(
        std::ranges::count_if(
            lines, [](const auto& line) { return line.find("conversation.item") != std::string::npos; }),
        1);
    EXPECT_THAT(lines, Contains(HasSubstr(R"("item_id":"item_b","content_index":0,"audio_end_ms":100)")));
}

TEST_F(ConversationTest, DoesNotAnnounceABargeInThatTheClientAskedFor) {
    begin_reply("resp_1", "item_a", 3000ms);
    pass(100ms);
    outbox_.take();
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("barge_in"))));
}

TEST_F(ConversationTest, WaitsForTheCancelledReplyBeforeItAsksForTheNext) {
    begin_reply("resp_1", "item_a", 3000ms);
    outbox_.take();
    client(TextInput{"something else", ""});
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("response.create"))));
    upstream(realtime::ResponseDone{"resp_1", "cancelled", "", "", {}});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr("response.create")));
}

TEST_F(ConversationTest, CancelsARequestedReplyThatWasInterruptedBeforeItBegan) {
    client(TextInput{"first", ""});
    outbox_.take();
    client(TextInput{"second", ""});
    EXPECT_THAT(outbox_.take(), Not(Contains(HasSubstr("response.create"))));
    upstream(realtime::ResponseCreated{"resp_1"});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr(R"("response.cancel","response_id":"resp_1")")));
    upstream(realtime::ResponseDone{"resp_1", "cancelled", "", "", {}});
    EXPECT_THAT(outbox_.take(), ElementsAre(HasSubstr("response.create")));
    begin_reply("resp_2", "item_b", 20ms);
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr("tts_play")));
}

}  // namespace
}  // namespace voicectl::test
