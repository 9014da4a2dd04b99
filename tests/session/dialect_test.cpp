// SPDX-License-Identifier: Apache-2.0
#include "session/dialect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace voicectl::test {
namespace {

using namespace session;

template <class Message>
Message parsed(std::string_view text) {
    const auto message = parse_client_message(text);
    if (!message) throw std::runtime_error(message.error().detail);
    return std::get<Message>(*message);
}

TEST(Dialect, ReadsEveryMessageOfAClient) {
    EXPECT_EQ(
        parsed<StartRecording>(
            R"({"type":"control","action":"start_recording","params":{"voice":"v","instructions":"i","language":"de"}})")
            .language,
        "de");
    parsed<StopRecording>(R"({"type":"control","action":"stop_recording"})");
    parsed<ClearSession>(R"({"type":"control","action":"clear_session","params":null})");
    parsed<InterruptReply>(R"({"type":"control","action":"interrupt_tts"})");
    EXPECT_EQ(parsed<TextInput>(R"({"type":"text_input","text":"hi","timestamp":1})").text, "hi");
    EXPECT_EQ(parsed<TextInput>(R"({"type":"voice_command","command":"weather"})").text, "weather");
    EXPECT_EQ(parsed<ToolResult>(R"({"type":"tool_result","callId":"c","output":{"a":1}})").output,
              R"({"a":1})");
    EXPECT_EQ(parsed<ToolResult>(R"({"type":"tool_result","callId":"c","output":"plain"})").output, "plain");
    EXPECT_EQ(parsed<PlaybackReport>(R"({"type":"playback","itemId":"i","playedMs":12.7})").played_ms, 12);
    EXPECT_EQ(parsed<Ping>(R"({"type":"ping","id":"x\"y"})").id, R"("x\"y")");
    EXPECT_EQ(parsed<Ping>(R"({"type":"ping","id":7})").id, "7");
    EXPECT_EQ(parsed<Ping>(R"({"type":"ping"})").id, "");
}

struct Refused {
    std::string text;
    std::string why;
};

class DialectRefuses : public testing::TestWithParam<Refused> {};

TEST_P(DialectRefuses, WithASentence) {
    const auto message = parse_client_message(GetParam().text);
    ASSERT_FALSE(message.has_value());
    EXPECT_EQ(message.error().code, base::Errc::malformed);
    EXPECT_NE(message.error().detail.find(GetParam().why), std::string::npos) << message.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Messages, DialectRefuses,
    testing::Values(
        Refused{"", "not JSON"}, Refused{"{", "not JSON"}, Refused{"[]", "not a JSON object"},
        Refused{"{}", "'type'"}, Refused{R"({"type":1})", "'type' must be a string"},
        Refused{R"({"type":"nonsense"})", "'nonsense' is not known"},
        Refused{R"({"type":"control"})", "'action'"},
        Refused{R"({"type":"control","action":"dance"})", "'dance' is not known"},
        Refused{R"({"type":"control","action":"start_recording","params":[]})", "'params' must be"},
        Refused{R"({"type":"control","action":"start_recording","params":{"voice":1}})", "'voice'"},
        Refused{R"({"type":"text_input","text":""})", "'text'"},
        Refused{R"({"type":"text_input","text":")" + std::string(text_bytes_max + 1, 'a') + "\"}", "over"},
        Refused{R"({"type":"tool_result","callId":"c"})", "'output' is missing"},
        Refused{R"({"type":"playback","itemId":"i","playedMs":-1})", "'playedMs'"},
        Refused{R"({"type":"playback","itemId":"i","playedMs":1e300})", "'playedMs'"},
        Refused{R"({"type":"ping","id":{}})", "'id'"}, Refused{R"({"type":"ping","id":1e400})", "id"},
        Refused{R"({"type":"ping","x":)" + std::string(40, '[') + std::string(40, ']') + "}", "not JSON"},
        Refused{R"({"type":"ping"} x)", "not JSON"}));

TEST(Dialect, WritesWhatTheProtocolSays) {
    std::string text;
    render(Vad{true, 0.5F}, text);
    EXPECT_EQ(text, R"({"type":"vad","active":true,"level":0.50})");
    render(AgentTool{"call_1", "f", R"({"a":1})"}, text);
    EXPECT_EQ(text, R"({"type":"agent_tool","data":{"callId":"call_1","name":"f","arguments":{"a":1}}})");
    render(AgentTool{"call_1", "f", "{broken"}, text);
    EXPECT_NE(text.find(R"("arguments":"{broken")"), std::string::npos);
    render(ErrorReport{ErrorCode::frame_too_large, "m", false, true}, text);
    EXPECT_EQ(text,
              R"({"type":"error","code":"FRAME_TOO_LARGE","message":"m","fatal":false,"retryable":true})");
    render(Ready{"sess_1", {Codec::pcm16, 16'000, 20}, "simulator"}, text);
    EXPECT_NE(text.find(R"("maxFrameSize":1920)"), std::string::npos) << text;
}

}  // namespace
}  // namespace voicectl::test
