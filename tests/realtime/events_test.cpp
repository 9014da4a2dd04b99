// SPDX-License-Identifier: Apache-2.0
#include "realtime/client_event.hpp"
#include "realtime/server_event.hpp"

#include <gtest/gtest.h>

#include <string>

namespace voicectl::test {
namespace {

using namespace realtime;

TEST(ServerEventDecoder, ReadsATurnAsItComesOverTheWire) {
    ServerEventDecoder decoder;
    const auto read = [&](std::string_view text) { return decoder.decode(text).value(); };
    EXPECT_EQ(
        std::get<SessionCreated>(read(R"({"type":"session.created","session":{"id":"sess_1"}})")).session_id,
        "sess_1");
    const auto started = std::get<realtime::SpeechStarted>(read(
        R"({"type":"input_audio_buffer.speech_started","event_id":"e","audio_start_ms":420,"item_id":"item_U"})"));
    EXPECT_EQ(started.audio_start_ms, 420);
    EXPECT_EQ(started.item_id, "item_U");
    const auto delta = std::get<AudioDelta>(read(
        R"({"type":"response.output_audio.delta","response_id":"r","item_id":"i","output_index":0,"delta":"AAAA"})"));
    EXPECT_EQ(delta.audio, "AAAA");
    const auto call = std::get<ToolCall>(read(
        R"({"type":"response.output_item.done","response_id":"r","item":{"type":"function_call","status":"completed","call_id":"c","name":"n","arguments":"{}"}})"));
    EXPECT_EQ(call.name, "n");
    const auto done = std::get<ResponseDone>(read(
        R"({"type":"response.done","response":{"id":"r","status":"failed","status_details":{"type":"failed","error":{"code":"rate_limit_exceeded","message":"m"}},"usage":{"total_tokens":3,"input_tokens":1,"output_tokens":2}}})"));
    EXPECT_EQ(done.error_code, "rate_limit_exceeded");
    EXPECT_EQ(done.usage->total_tokens, 3);
}

TEST(ServerEventDecoder, ToleratesWhatItDoesNotKnowAndNullsWhereverTheyStand) {
    ServerEventDecoder decoder;
    EXPECT_TRUE(std::holds_alternative<UnknownEvent>(decoder.decode(R"({"type":"brand.new"})").value()));
    const auto done = std::get<ResponseDone>(
        decoder
            .decode(
                R"({"type":"response.done","response":{"id":"r","status":"completed","status_details":null,"usage":null}})")
            .value());
    EXPECT_FALSE(done.usage.has_value());
    for (const auto* text :
         {R"({"type":"error"})", R"({"type":"response.created","response":7})",
          R"({"type":"response.output_audio.delta"})", R"({"type":"session.created","session":[]})"})
        EXPECT_TRUE(decoder.decode(text).has_value()) << text;
}

TEST(ServerEventDecoder, RefusesWhatIsNoEvent) {
    ServerEventDecoder decoder;
    for (const auto* text :
         {"", "nonsense", "[]", "7", "{}", R"({"type":7})", R"({"type":""})", R"({"type":"x"} {})"})
        EXPECT_FALSE(decoder.decode(text).has_value()) << text;
    EXPECT_TRUE(decoder.decode(R"({"type":"session.updated"})").has_value()) << "and goes on with the next";
}

TEST(ServerEventDecoder, HoldsAnEventLargerThanItsBuffer) {
    ServerEventDecoder decoder;
    const std::string audio(40'000, 'A');
    // Each one beyond the buffer: memory must not grow with their number.
    for (int i = 0; i < 200; ++i) {
        const auto event =
            decoder.decode(R"({"type":"response.output_audio.delta","delta":")" + audio + "\"}").value();
        EXPECT_EQ(std::get<AudioDelta>(event).audio, audio);
    }
}

TEST(ClientEvent, AppendsSamplesAsBase64InAReusedString) {
    std::string text = "something longer that was here before";
    const std::vector<audio::Sample> samples{0x0102, -2};
    encode_append(samples, text);
    EXPECT_EQ(text, R"({"type":"input_audio_buffer.append","audio":"AgH+/w=="})");
}

TEST(ClientEvent, LeavesOutWhatIsNotSet) {
    std::string text;
    encode(SessionUpdate{}, text);
    EXPECT_EQ(text.find("instructions"), std::string::npos);
    EXPECT_EQ(text.find("voice"), std::string::npos);
    EXPECT_EQ(text.find("transcription"), std::string::npos);
    SessionUpdate update;
    update.transcription_model = "t";
    update.language = "de-CH";
    encode(update, text);
    EXPECT_NE(text.find(R"("transcription":{"model":"t","language":"de"})"), std::string::npos) << text;
}

TEST(ClientEvent, EscapesWhatPeopleSay) {
    std::string text;
    encode(CreateUserText{"a \"quote\"\nand \\ more"}, text);
    EXPECT_NE(text.find(R"(a \"quote\"\nand \\ more)"), std::string::npos) << text;
}

}  // namespace
}  // namespace voicectl::test
