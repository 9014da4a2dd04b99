// SPDX-License-Identifier: Apache-2.0
// Barge-in, cancelling and truncation.
#include "virtual_call.hpp"

#include <string>

namespace voicectl::simulator {
namespace {

using Names = std::vector<std::string>;

const std::string text_question =
    R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}})";

TEST(SimulatorInterruption, SpeechCancelsTheAnswer) {
    VirtualCall call;
    call.speech_length = milliseconds(10'000);
    call.speak_turn();
    call.run(milliseconds(800));
    call.take();
    call.say(milliseconds(200));
    const auto events = call.take();
    ASSERT_EQ(VirtualCall::types(events),
              (Names{"input_audio_buffer.speech_started", "response.output_audio.done",
                     "response.output_audio_transcript.done", "response.content_part.done",
                     "conversation.item.done", "response.output_item.done", "response.done",
                     "rate_limits.updated"}));
    const auto& response = VirtualCall::find(events, "response.done")->event.at("response").as_object();
    EXPECT_EQ(text_of(response, "status"), "cancelled");
    EXPECT_EQ(text_of(response.at("status_details").as_object(), "reason"), "turn_detected");
    EXPECT_EQ(text_of(response.at("output").as_array()[0].as_object(), "status"), "incomplete");
    call.run(milliseconds(3000));
    EXPECT_TRUE(call.take().empty()) << "nothing of the cancelled answer may follow";
}

TEST(SimulatorInterruption, SpeechLeavesAnUninterruptibleAnswerAndIsAnsweredAfterIt) {
    VirtualCall call;
    call.tell(
        R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","interrupt_response":false}}}}})");
    call.speech_length = milliseconds(10'000);
    call.speak_turn();
    call.run(milliseconds(800));
    call.take();
    call.speak_turn();
    const auto during = call.take();
    EXPECT_EQ(VirtualCall::find(during, "response.done"), nullptr);
    EXPECT_EQ(VirtualCall::find(during, "response.created"), nullptr);
    call.run(milliseconds(3000));
    const auto after = call.take();
    EXPECT_EQ(text_of(VirtualCall::find(after, "response.done")->event.at("response").as_object(), "status"),
              "completed");
    EXPECT_NE(VirtualCall::find(after, "response.created"), nullptr);
}

TEST(SimulatorInterruption, CancelIsARaceThatIsRefusedKindly) {
    VirtualCall call;
    call.tell(R"({"type":"response.cancel"})");
    auto events = call.take();
    EXPECT_EQ(VirtualCall::error_code(events), "response_cancel_not_active");
    EXPECT_TRUE(
        text_of(events[0].event.at("error").as_object(), "message").starts_with("Cancellation failed"));
    call.tell(text_question);
    call.tell(R"({"type":"response.create"})");
    call.take();
    call.tell(R"({"type":"response.create"})");
    ASSERT_EQ(VirtualCall::error_code(call.take()), "conversation_already_has_active_response");
    call.tell(R"({"type":"response.cancel"})");
    events = call.take();
    ASSERT_EQ(VirtualCall::types(events), (Names{"response.done", "rate_limits.updated"}))
        << "nothing was said yet";
    EXPECT_EQ(text_of(events[0].event.at("response").at("status_details").as_object(), "reason"),
              "client_cancelled");
    call.tell(R"({"type":"response.cancel"})");
    EXPECT_EQ(VirtualCall::error_code(call.take()), "response_cancel_not_active");
}

struct Truncation {
    std::string item;
    std::string end;
    std::string code;
};

TEST(SimulatorInterruption, TruncationIsRefusedWhereThereIsNothingToTruncate) {
    VirtualCall call;
    call.speak_turn();
    call.run(milliseconds(3000));
    const auto events = call.take();
    const std::string user(
        text_of(VirtualCall::find(events, "input_audio_buffer.committed")->event, "item_id"));
    const std::string assistant(
        text_of(VirtualCall::find(events, "response.output_audio.done")->event, "item_id"));
    const auto truncate = [&](const std::string& item, const std::string& end) {
        call.tell(R"({"type":"conversation.item.truncate","content_index":0,"item_id":")" + item +
                  R"(","audio_end_ms":)" + end + "}");
        return call.take();
    };
    for (const auto& [item, end, code] :
         {Truncation{assistant, "1001", "invalid_value"},
          Truncation{assistant, "0", "unsupported_content_type"},
          Truncation{assistant, "-1", "invalid_value"}, Truncation{assistant, "1.5", "invalid_type"},
          Truncation{user, "100", "unsupported_content_type"},
          Truncation{"item_x", "100", "item_truncate_invalid_item_id"}})
        EXPECT_EQ(VirtualCall::error_code(truncate(item, end)), code) << item << " at " << end;
    const auto done = truncate(assistant, "400");
    ASSERT_EQ(VirtualCall::types(done), Names{"conversation.item.truncated"});
    EXPECT_EQ(done[0].event.at("audio_end_ms"), 400);
    EXPECT_EQ(VirtualCall::error_code(truncate(assistant, "401")), "invalid_value") << "it is shorter now";
    call.tell(R"({"type":"conversation.item.retrieve","item_id":")" + assistant + "\"}");
    const auto retrieved = call.take();
    EXPECT_TRUE(retrieved.at(0).event.at("item").at("content").as_array()[0].at("transcript").is_null());
}

}  // namespace
}  // namespace voicectl::simulator
