// SPDX-License-Identifier: Apache-2.0
// What session.update and the other client events refuse, and with which words.
#include "virtual_call.hpp"

#include <string>

namespace voicectl::simulator {
namespace {

struct Refused {
    std::string session;  ///< without its braces and its type
    std::string code;
    std::string param;
};

TEST(SimulatorSession, RefusesAWholeUpdateForOneWrongField) {
    const std::vector<Refused> table{
        {R"("modalities":["text"])", "unknown_parameter", "session.modalities"},
        {R"("instructions":"new","voice":"marin")", "unknown_parameter", "session.voice"},
        {R"("instructions":7)", "invalid_type", "session.instructions"},
        {R"("output_modalities":["audio","text"])", "invalid_value", "session.output_modalities"},
        {R"("output_modalities":["video"])", "invalid_value", "session.output_modalities[0]"},
        {R"("audio":{"output":{"voice":"nobody"}})", "invalid_value", "session.audio.output.voice"},
        {R"("audio":{"output":{"speed":3}})", "invalid_value", "session.audio.output.speed"},
        {R"("audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}})", "invalid_value",
         "session.audio.input.format.rate"},
        {R"("audio":{"input":{"format":{"type":"audio/opus"}}})", "invalid_value",
         "session.audio.input.format.type"},
        {R"("audio":{"input":{"turn_detection":{"type":"magic"}}})", "invalid_value",
         "session.audio.input.turn_detection.type"},
        {R"("audio":{"input":{"turn_detection":{"type":"server_vad","threshold":2}}})", "invalid_value",
         "session.audio.input.turn_detection.threshold"},
        {R"("audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":"long"}}})",
         "invalid_type", "session.audio.input.turn_detection.silence_duration_ms"},
        {R"("audio":{"input":{"turn_detection":{"type":"semantic_vad","threshold":0.5}}})",
         "unknown_parameter", "session.audio.input.turn_detection.threshold"},
        {R"("audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":100}}})",
         "invalid_value", "session.audio.input.turn_detection.idle_timeout_ms"},
        {R"("max_output_tokens":0)", "invalid_value", "session.max_output_tokens"},
        {R"("tools":[{"type":"function"}])", "missing_required_parameter", "session.tools[0].name"},
        {R"("tool_choice":"maybe")", "invalid_value", "session.tool_choice"},
        {R"("model":"another")", "invalid_value", "session.model"},
        {R"("id":"sess_mine")", "unknown_parameter", "session.id"},
    };
    for (const auto& [session, code, param] : table) {
        VirtualCall call;
        call.tell(R"({"type":"session.update","event_id":"e1","session":{"type":"realtime",)" + session +
                  "}}");
        const auto events = call.take();
        ASSERT_EQ(events.size(), 1U) << session;
        EXPECT_EQ(VirtualCall::error_code(events), code) << session;
        EXPECT_EQ(VirtualCall::error_param(events), param) << session;
        EXPECT_EQ(events[0].event.at("error").at("event_id"), "e1");
    }
}

TEST(SimulatorSession, MergesWhatIsPresentAndFillsDefaults) {
    VirtualCall call;
    call.tell(
        R"({"type":"session.update","session":{"type":"realtime","instructions":"Be brief.","audio":{"input":{"turn_detection":{"type":"semantic_vad"},"transcription":{"model":"whisper-1"}}}}})");
    call.tell(
        R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"transcription":{"language":"en"}}}}})");
    const auto events = call.take();
    ASSERT_EQ(VirtualCall::types(events), std::vector<std::string>{"session.updated"});
    const auto& session = events.back().event.at("session");
    EXPECT_EQ(session.at("instructions"), "Be brief.");
    const auto& input = session.at("audio").at("input");
    EXPECT_EQ(input.at("turn_detection").at("interrupt_response"), true);
    EXPECT_EQ(input.at("turn_detection").at("create_response"), true);
    EXPECT_FALSE(input.at("turn_detection").as_object().contains("threshold"));
    EXPECT_EQ(input.at("transcription").at("model"), "whisper-1");
    EXPECT_EQ(input.at("transcription").at("language"), "en");
    EXPECT_EQ(input.at("format").at("rate"), 24'000);
    EXPECT_EQ(session.at("audio").at("output").at("voice"), "alloy");
}

TEST(SimulatorSession, TheVoiceIsFixedOnceItWasHeard) {
    VirtualCall call;
    const std::string update =
        R"({"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":")";
    call.tell(update + "marin\"}}}}");
    EXPECT_EQ(VirtualCall::types(call.take()).back(), "session.updated");
    call.speak_turn();
    call.run(milliseconds(3000));
    call.take();
    call.tell(update + "cedar\"}}}}");
    EXPECT_EQ(VirtualCall::error_code(call.take()), "cannot_update_voice");
    call.tell(update + "marin\"}}}}");
    EXPECT_EQ(VirtualCall::types(call.take()).back(), "session.updated");
}

TEST(SimulatorSession, RefusesBrokenEventsAndGoesOn) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"{", "invalid_json"},
        {"[]", "invalid_event"},
        {"{}", "invalid_event"},
        {R"({"type":7})", "invalid_type"},
        {R"({"type":"session.destroy"})", "invalid_value"},
        {R"({"type":"session.update"})", "missing_required_parameter"},
        {R"({"type":"session.update","session":{}})", "missing_required_parameter"},
        {R"({"type":"session.update","session":{"type":"transcription"}})", "invalid_value"},
        {R"({"type":"input_audio_buffer.append"})", "missing_required_parameter"},
        {R"({"type":"input_audio_buffer.append","audio":1})", "invalid_type"},
        {R"({"type":"input_audio_buffer.append","audio":"***"})", "invalid_value"},
        {R"({"type":"input_audio_buffer.commit"})", "input_audio_buffer_commit_empty"},
        {R"({"type":"conversation.item.retrieve","item_id":"x"})", "item_retrieve_invalid_item_id"},
        {R"({"type":"conversation.item.delete","item_id":"x"})", "item_delete_invalid_item_id"},
        {R"({"type":"conversation.item.delete"})", "missing_required_parameter"},
        {R"({"type":"conversation.item.create","item":{"type":"message","role":"user"}})",
         "missing_required_parameter"},
        {R"({"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"text","text":"x"}]}})",
         "invalid_value"},
        {R"({"type":"conversation.item.create","previous_item_id":"x","item":{"type":"message","role":"user","content":[]}})",
         "item_create_invalid_previous_item_id"},
        {R"({"type":"response.create","response":{"modalities":["text"]}})", "unknown_parameter"},
        {R"({"type":"response.create","response":{"conversation":"other"}})", "invalid_value"},
    };
    VirtualCall call;
    for (const auto& [event, code] : table) {
        call.tell(event);
        EXPECT_EQ(VirtualCall::error_code(call.take()), code) << event;
    }
    call.session->on_binary(call.now());
    EXPECT_EQ(VirtualCall::error_code(call.take()), "invalid_event");
    EXPECT_FALSE(call.closed);
}

TEST(SimulatorSession, ItemsGoWhereTheyAreTold) {
    VirtualCall call;
    const auto create = [&](const std::string& id, const std::string& where) {
        call.tell(R"({"type":"conversation.item.create",)" + where + R"("item":{"id":")" + id +
                  R"(","type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}})");
        const auto events = call.take();
        return json::serialize(events.at(0).event.at("previous_item_id"));
    };
    EXPECT_EQ(create("a", ""), "null");
    EXPECT_EQ(create("c", ""), "\"a\"");
    EXPECT_EQ(create("b", R"("previous_item_id":"a",)"), "\"a\"");
    EXPECT_EQ(create("first", R"("previous_item_id":"root",)"), "null");
    EXPECT_EQ(create("d", ""), "\"c\"");
    call.tell(R"({"type":"conversation.item.delete","item_id":"c"})");
    EXPECT_EQ(VirtualCall::types(call.take()), std::vector<std::string>{"conversation.item.deleted"});
    call.tell(R"({"type":"conversation.item.delete","item_id":"c"})");
    EXPECT_EQ(VirtualCall::error_code(call.take()), "item_delete_invalid_item_id");
}

}  // namespace
}  // namespace voicectl::simulator
