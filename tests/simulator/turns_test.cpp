// SPDX-License-Identifier: Apache-2.0
// The orders of events and the paces of whole turns.
#include "virtual_call.hpp"

#include <string>

namespace voicectl::simulator {
namespace {

using Names = std::vector<std::string>;

const std::string text_question =
    R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}})";

std::size_t audio_bytes(const std::vector<Seen>& events, milliseconds until = milliseconds::max()) {
    std::size_t bytes = 0;
    for (const auto& one : events)
        if (one.type() == "response.output_audio.delta" && one.at <= until) {
            const auto delta = text_of(one.event, "delta");
            bytes += delta.size() / 4 * 3 - (delta.ends_with("==") ? 2 : delta.ends_with('=') ? 1 : 0);
        }
    return bytes;
}

TEST(SimulatorTurns, ATextTurnHasTheOrderOfTheService) {
    VirtualCall call;
    call.tell(text_question);
    call.tell(R"({"type":"response.create","response":{"output_modalities":["text"]}})");
    call.run(milliseconds(2000));
    const auto events = call.take();
    EXPECT_EQ(VirtualCall::types(events),
              (Names{"conversation.item.added", "conversation.item.done", "response.created",
                     "response.output_item.added", "conversation.item.added", "response.content_part.added",
                     "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                     "conversation.item.done", "response.output_item.done", "response.done",
                     "rate_limits.updated"}));
    EXPECT_EQ(text_of(VirtualCall::find(events, "response.output_text.done")->event, "text"),
              "one two three four");
}

TEST(SimulatorTurns, AVoiceTurnHasTheOrderOfTheService) {
    VirtualCall call;
    call.tell(
        R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"transcription":{"model":"w"}}}}})");
    call.scenario.turns[0].heard = "what was said";
    call.take();
    call.speak_turn();
    call.run(milliseconds(3000));
    auto events = call.take();
    Names transcripts;
    std::string said;
    for (const auto& one : events)
        if (one.type().starts_with("conversation.item.input_audio_transcription")) {
            transcripts.push_back(one.type());
            said += text_of(one.event, "delta");
        }
    EXPECT_EQ(transcripts.size(), 4U);
    EXPECT_EQ(said, "what was said");
    std::erase_if(events,
                  [](const Seen& one) { return one.type().find("transcription") != std::string::npos; });
    auto names = VirtualCall::types(events);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    // Transcript and audio alternate; only the first of each and what follows the last matters.
    const auto first_audio = std::find(names.begin(), names.end(), "response.output_audio.delta");
    ASSERT_NE(first_audio, names.end());
    EXPECT_EQ(Names(names.begin(), first_audio + 1),
              (Names{"input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
                     "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
                     "response.created", "response.output_item.added", "conversation.item.added",
                     "response.content_part.added", "response.output_audio_transcript.delta",
                     "response.output_audio.delta"}));
    EXPECT_EQ(Names(names.end() - 7, names.end()),
              (Names{"response.output_audio.done", "response.output_audio_transcript.done",
                     "response.content_part.done", "conversation.item.done", "response.output_item.done",
                     "response.done", "rate_limits.updated"}));
}

TEST(SimulatorTurns, TheUtteranceKeepsTheIdOfItsStart) {
    VirtualCall call;
    call.speak_turn();
    const auto events = call.take();
    const auto id = text_of(VirtualCall::find(events, "input_audio_buffer.speech_started")->event, "item_id");
    EXPECT_EQ(text_of(VirtualCall::find(events, "input_audio_buffer.speech_stopped")->event, "item_id"), id);
    EXPECT_EQ(text_of(VirtualCall::find(events, "input_audio_buffer.committed")->event, "item_id"), id);
    EXPECT_EQ(
        text_of(VirtualCall::find(events, "conversation.item.added")->event.at("item").as_object(), "id"),
        id);
}

TEST(SimulatorTurns, SpeechIsTimedByTheAudioHoweverItIsCut) {
    for (const std::size_t chunk : {37U, 480U, 2400U, 60'000U}) {
        VirtualCall call;
        call.silence(milliseconds(1000), chunk);
        call.say(milliseconds(600), chunk);
        call.silence(milliseconds(1000), chunk);
        const auto events = call.take();
        ASSERT_NE(VirtualCall::find(events, "input_audio_buffer.speech_stopped"), nullptr) << chunk;
        EXPECT_EQ(VirtualCall::find(events, "input_audio_buffer.speech_started")->event.at("audio_start_ms"),
                  700)
            << chunk;
        EXPECT_EQ(VirtualCall::find(events, "input_audio_buffer.speech_stopped")->event.at("audio_end_ms"),
                  2100)
            << chunk;
    }
}

TEST(SimulatorTurns, AManualTurnWaitsForTheClient) {
    VirtualCall call;
    call.tell(
        R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}})");
    call.take();
    call.speak_turn();
    EXPECT_TRUE(call.take().empty());
    call.tell(R"({"type":"input_audio_buffer.commit"})");
    EXPECT_EQ(VirtualCall::types(call.take()),
              (Names{"input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"}));
    call.run(milliseconds(1000));
    EXPECT_TRUE(call.take().empty());
    call.tell(R"({"type":"response.create"})");
    EXPECT_EQ(VirtualCall::types(call.take()), Names{"response.created"});
    call.tell(R"({"type":"input_audio_buffer.commit","event_id":"mine"})");
    const auto refused = call.take();
    EXPECT_EQ(VirtualCall::error_code(refused), "input_audio_buffer_commit_empty");
    EXPECT_EQ(VirtualCall::find(refused, "error")->event.at("error").at("event_id"), "mine");
}

TEST(SimulatorTurns, TheFirstAudioComesExactlyWhenTheScenarioSays) {
    for (const int first_token : {0, 120, 300}) {
        auto scenario = VirtualCall::quick("one two three four");
        scenario.timing.first_token = milliseconds(first_token);
        VirtualCall call(scenario);
        call.speak_turn();
        call.run(milliseconds(2000));
        const auto events = call.take();
        const auto committed = VirtualCall::find(events, "input_audio_buffer.committed")->at;
        EXPECT_EQ(VirtualCall::find(events, "response.output_audio.delta")->at - committed,
                  milliseconds(first_token));
    }
}

TEST(SimulatorTurns, AudioComesAtThePaceOfTheScenario) {
    VirtualCall call;
    call.speech_length = milliseconds(4980);
    call.speak_turn();
    call.run(milliseconds(5000));
    const auto events = call.take();
    const auto first = VirtualCall::find(events, "response.output_audio.delta")->at;
    EXPECT_EQ(audio_bytes(events, first), 4800U);
    // 100 ms at once, and then 200 ms in every 40 ms.
    EXPECT_EQ(audio_bytes(events, first + milliseconds(39)), 4800U);
    EXPECT_EQ(audio_bytes(events, first + milliseconds(400)), 4800U + 10 * 9600U);
    // 4980 ms are filled up to 5000: a multiple of 50.
    EXPECT_EQ(audio_bytes(events), 5000U * 48);
}

TEST(SimulatorTurns, PaceZeroSendsAllAtOnce) {
    auto scenario = VirtualCall::quick("one two three four");
    scenario.timing.pace = 0;
    scenario.timing.first_token = milliseconds(0);
    VirtualCall call(scenario);
    call.speak_turn();
    EXPECT_EQ(audio_bytes(call.take()), 1000U * 48);
}

TEST(SimulatorTurns, AFunctionIsCalledAndItsOutputSpoken) {
    auto scenario = VirtualCall::quick("one two three four");
    scenario.turns[0].call = "get_weather";
    scenario.turns[0].arguments = R"({"city":"Paris"})";
    scenario.turns[0].say = "It is sunny.";
    VirtualCall call(scenario);
    call.tell(text_question);
    call.take();
    call.tell(R"({"type":"response.create"})");
    call.run(milliseconds(1000));
    auto events = call.take();
    EXPECT_EQ(VirtualCall::types(events),
              (Names{"response.created", "response.output_item.added", "conversation.item.added",
                     "response.function_call_arguments.delta", "response.function_call_arguments.done",
                     "conversation.item.done", "response.output_item.done", "response.done",
                     "rate_limits.updated"}));
    const auto& done = VirtualCall::find(events, "response.function_call_arguments.done")->event;
    EXPECT_EQ(text_of(done, "name"), "get_weather");
    EXPECT_EQ(text_of(done, "arguments"), R"({"city":"Paris"})");
    call.tell(R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":")" +
              std::string(text_of(done, "call_id")) + R"(","output":"22"}})");
    call.tell(R"({"type":"response.create"})");
    call.run(milliseconds(3000));
    events = call.take();
    EXPECT_EQ(
        text_of(VirtualCall::find(events, "response.output_audio_transcript.done")->event, "transcript"),
        "It is sunny.");
}

TEST(SimulatorTurns, AnAnswerOutOfBandLeavesTheConversationAlone) {
    VirtualCall call;
    call.speech_length = milliseconds(10'000);
    call.speak_turn();
    call.run(milliseconds(400));
    call.take();
    call.tell(
        R"({"type":"response.create","response":{"conversation":"none","output_modalities":["text"],"metadata":{"topic":"x"},"input":[]}})");
    call.run(milliseconds(1000));
    bool created = false;
    for (const auto& one : call.take()) {
        EXPECT_FALSE(one.type().starts_with("conversation.item.")) << one.type();
        if (one.type() != "response.created") continue;
        created = true;
        EXPECT_TRUE(one.event.at("response").at("conversation_id").is_null());
        EXPECT_EQ(one.event.at("response").at("metadata").at("topic"), "x");
    }
    EXPECT_TRUE(created);
}

TEST(SimulatorTurns, UsageGrowsWithTheConversation) {
    VirtualCall call;
    std::int64_t before = 0;
    for (int turn = 0; turn < 4; ++turn) {
        call.speak_turn();
        call.run(milliseconds(3000));
        const auto events = call.take();
        const auto& usage = VirtualCall::find(events, "response.done")->event.at("response").at("usage");
        const auto input = usage.at("input_tokens").as_int64();
        const auto cached = usage.at("input_token_details").at("cached_tokens").as_int64();
        EXPECT_GT(input, before);
        EXPECT_EQ(cached % 64, 0);
        EXPECT_LE(cached, input);
        EXPECT_EQ(usage.at("output_token_details").at("audio_tokens"), 20);
        before = input;
    }
}

TEST(SimulatorTurns, ALateRecognitionDelaysTheAnswerAndNoneIsSurvived) {
    Scenario scenario;
    VirtualCall call(scenario);
    call.speak_turn();
    EXPECT_EQ(VirtualCall::types(call.take()).back(), "response.created");
    ASSERT_EQ(call.to_recognise.size(), 1U);
    // 500 ms of voice, 300 ms before it and the 500 ms of silence that ended it.
    EXPECT_EQ(call.to_recognise[0].second, audio::samples_in(milliseconds(1300)));
    call.run(milliseconds(2000));
    EXPECT_TRUE(call.take().empty());
    call.session->on_recognised(call.to_recognise[0].first, std::nullopt, call.now());
    call.run(milliseconds(2000));
    EXPECT_TRUE(call.to_speak.size() == 1 ||
                VirtualCall::find(call.take(), "response.output_audio.delta") != nullptr);
}

TEST(SimulatorTurns, TheSessionEndsAtItsCap) {
    auto scenario = VirtualCall::quick("one two three four");
    scenario.timing.session_cap = milliseconds(60'000);
    VirtualCall call(scenario);
    call.run(milliseconds(59'999));
    EXPECT_FALSE(call.closed);
    call.run(milliseconds(1));
    EXPECT_EQ(VirtualCall::error_code(call.take()), "session_expired");
    ASSERT_TRUE(call.closed);
    EXPECT_EQ(call.closed->first, 1001);
    EXPECT_EQ(call.closed->second, "Your session hit the maximum duration of 1 minute.");
    call.tell(text_question);
    EXPECT_TRUE(call.take().empty());
}

TEST(SimulatorTurns, ATranscriptionSessionNeverAnswers) {
    VirtualCall call(VirtualCall::quick("one two three four"), true);
    call.speak_turn();
    call.run(milliseconds(2000));
    for (const auto& one : call.take())
        EXPECT_FALSE(one.type().starts_with("response.")) << one.type();
    call.tell(R"({"type":"response.create"})");
    EXPECT_EQ(VirtualCall::error_code(call.take()), "invalid_value");
}

TEST(SimulatorTurns, AnIdleLineIsAnswered) {
    VirtualCall call;
    call.tell(
        R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":5000}}}}})");
    call.speak_turn();
    call.run(milliseconds(3000));
    call.take();
    call.silence(milliseconds(500));
    call.run(milliseconds(6000));
    const auto names = VirtualCall::types(call.take());
    ASSERT_GE(names.size(), 5U);
    EXPECT_EQ(Names(names.begin(), names.begin() + 5),
              (Names{"input_audio_buffer.timeout_triggered", "input_audio_buffer.committed",
                     "conversation.item.added", "conversation.item.done", "response.created"}));
}

}  // namespace
}  // namespace voicectl::simulator
