// SPDX-License-Identifier: Apache-2.0
// What goes wrong in a session when it is told to: each fault, and each way of choosing when.
#include "simulator/service_error.hpp"
#include "virtual_call.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace voicectl::simulator {
namespace {

constexpr const char* create = R"({"type":"response.create"})";

Fault fault_of(FaultKind kind) {
    Fault fault;
    fault.kind = kind;
    return fault;
}

std::string question(const std::string& text) {
    return R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":")" +
           text + R"("}]}})";
}

Scenario with(const Fault& fault) {
    auto scenario = VirtualCall::quick("one two three four");
    scenario.faults.push_back(fault);
    return scenario;
}

milliseconds audio_sent(const std::vector<Seen>& events) {
    std::size_t bytes = 0;
    for (const auto& one : events)
        if (one.type() == "response.output_audio.delta") bytes += text_of(one.event, "delta").size() / 4 * 3;
    return milliseconds(bytes / 48);
}

std::string status_of(const std::vector<Seen>& events) {
    const auto* done = VirtualCall::find(events, "response.done");
    return done == nullptr ? "none" : std::string(text_of(done->event.at("response").as_object(), "status"));
}

/// Asks, and what came within five seconds.
std::vector<Seen> turn(VirtualCall& call, const std::string& text = "hello") {
    call.tell(question(text));
    call.tell(create);
    call.run(milliseconds(5000));
    return call.take();
}

TEST(SimulatorFaults, AStalledReplySaysNothingMoreAndTheNextIsWhole) {
    auto fault = fault_of(FaultKind::stall);
    fault.turn = 2;
    VirtualCall call(with(fault));
    EXPECT_EQ(status_of(turn(call)), "completed");
    const auto second = turn(call);
    EXPECT_NE(VirtualCall::find(second, "response.created"), nullptr);
    EXPECT_EQ(VirtualCall::find(second, "response.output_audio.delta"), nullptr);
    EXPECT_EQ(status_of(second), "none");
    call.tell(create);
    EXPECT_EQ(VirtualCall::error_code(call.take()), "conversation_already_has_active_response");
    call.tell(R"({"type":"response.cancel"})");
    EXPECT_TRUE(call.take().empty());
    EXPECT_EQ(status_of(turn(call)), "completed");
}

TEST(SimulatorFaults, StallsInTheMiddleOfAReplyAndSpeechGoesOnFromThere) {
    auto fault = fault_of(FaultKind::stall);
    fault.audio = milliseconds(400);
    VirtualCall call(with(fault));
    const auto first = turn(call);
    EXPECT_EQ(audio_sent(first), milliseconds(500)) << "the first delta that reaches it is the last";
    EXPECT_EQ(status_of(first), "none");
    call.speak_turn();
    call.run(milliseconds(5000));
    EXPECT_EQ(status_of(call.take()), "completed");
}

TEST(SimulatorFaults, ClosesInTheMiddleOfTheAudio) {
    auto fault = fault_of(FaultKind::close);
    fault.audio = milliseconds(300);
    fault.code = 1011;
    fault.reason = "an internal error";
    VirtualCall call(with(fault));
    const auto events = turn(call);
    EXPECT_EQ(audio_sent(events), milliseconds(300));
    EXPECT_EQ(events.back().type(), "response.output_audio.delta");
    ASSERT_TRUE(call.closed);
    EXPECT_EQ(*call.closed, (std::pair<std::uint16_t, std::string>(1011, "an internal error")));
    EXPECT_TRUE(call.session->ended());
    EXPECT_TRUE(turn(call).empty()) << "nothing is said after it";
}

TEST(SimulatorFaults, AShortReplyIsStruckBeforeItsEnd) {
    auto fault = fault_of(FaultKind::close);
    fault.audio = milliseconds(60'000);
    fault.error = "server_error";
    VirtualCall call(with(fault));
    const auto events = turn(call);
    EXPECT_EQ(audio_sent(events), milliseconds(1000));
    EXPECT_EQ(status_of(events), "none");
    EXPECT_EQ(events.back().type(), "error");
    EXPECT_EQ(call.closed->first, 1011);
}

TEST(SimulatorFaults, EveryFailureOfTheServiceHasItsTypeItsCodeAndItsClose) {
    struct Row {
        std::string code;
        std::string type;
        std::uint16_t close;
        std::string reason;
    };
    const std::string request = "invalid_request_error";
    const std::vector<Row> table{
        {"invalid_api_key", request, 3000, request + ".invalid_api_key"},
        {"missing_model", request, 4000, request + ".missing_model"},
        {"invalid_model", request, 4000, request + ".invalid_model"},
        {"beta_api_shape_disabled", request, 4000, request + ".beta_api_shape_disabled"},
        {"model_not_found", request, 4004, request + ".model_not_found"},
        {"insufficient_quota", "insufficient_quota", 1013, "insufficient_quota.insufficient_quota"},
        {"session_expired", request, 1001, "Your session hit the maximum duration of 60 minutes."},
        {"server_error", "server_error", 1011, "server_error"},
    };
    for (const auto& [code, type, close, reason] : table) {
        VirtualCall call;
        auto fault = fault_of(FaultKind::close);
        fault.error = code;
        call.arm(fault);
        const auto events = call.take();
        ASSERT_EQ(events.size(), 1U) << code;
        const auto& error = events[0].event.at("error").as_object();
        EXPECT_EQ(text_of(error, "type"), type);
        EXPECT_EQ(text_of(error, "code"), code == "server_error" ? "" : code);
        EXPECT_EQ(error.at("code").is_null(), code == "server_error");
        EXPECT_EQ(*call.closed, (std::pair<std::uint16_t, std::string>(close, reason)));
    }
}

TEST(SimulatorFaults, AReplyFailsAndTheSessionGoesOn) {
    for (const std::string code : {"rate_limit_exceeded", "insufficient_quota", "server_error"}) {
        auto fault = fault_of(FaultKind::failed);
        fault.error = code;
        fault.reason = "Please try again in 20s.";
        VirtualCall call(with(fault));
        const auto events = turn(call);
        ASSERT_EQ(status_of(events), "failed");
        const auto& response = VirtualCall::find(events, "response.done")->event.at("response").as_object();
        EXPECT_EQ(text_of(response.at("status_details").as_object(), "type"), "failed");
        const auto& error = response.at("status_details").at("error").as_object();
        EXPECT_EQ(text_of(error, "code"), code == "server_error" ? "" : code);
        EXPECT_EQ(text_of(error, "message"), "Please try again in 20s.");
        EXPECT_TRUE(response.at("output").as_array().empty());
        EXPECT_EQ(response.at("usage").at("total_tokens").as_int64(), 0);
        EXPECT_EQ(status_of(turn(call)), "completed");
    }
}

TEST(SimulatorFaults, AnErrorAnEventThatIsNotJsonAndAGiantLeaveTheReplyWhole) {
    auto scenario = VirtualCall::quick("one two three four");
    for (const auto kind : {FaultKind::error, FaultKind::malformed, FaultKind::giant}) {
        auto fault = fault_of(kind);
        fault.audio = milliseconds(300);
        if (kind == FaultKind::error) fault.error = "some_code";
        scenario.faults.push_back(fault);
    }
    VirtualCall call(scenario);
    const auto events = turn(call);
    EXPECT_EQ(audio_sent(events), milliseconds(1000));
    EXPECT_EQ(status_of(events), "completed");
    EXPECT_EQ(VirtualCall::error_code(events), "some_code");
    EXPECT_EQ(call.not_json.size(), 1U);
    EXPECT_GT(call.longest, 1'310'720U);
    EXPECT_LT(call.longest, 1'311'720U);
    EXPECT_FALSE(call.closed);
}

TEST(SimulatorFaults, ASlowFirstTokenIsThatMuchLater) {
    auto fault = fault_of(FaultKind::slow_first_token);
    fault.when = "weather";
    fault.delay = milliseconds(1500);
    VirtualCall call(with(fault));
    const auto latency = [&](const std::string& text) {
        const auto asked = call.clock;
        const auto events = turn(call, text);
        return VirtualCall::find(events, "response.output_audio.delta")->at - asked;
    };
    EXPECT_EQ(latency("hello"), milliseconds(300)) << "another turn";
    EXPECT_EQ(latency("and the Weather today?"), milliseconds(1800));
    EXPECT_EQ(latency("the weather again"), milliseconds(300)) << "it is spent";
}

TEST(SimulatorFaults, StrikesAfterATimeAndEachSessionOnce) {
    auto fault = fault_of(FaultKind::error);
    fault.after = milliseconds(2000);
    fault.error = "some_code";
    fault.times = 0;
    VirtualCall call(with(fault));
    call.run(milliseconds(1999));
    EXPECT_TRUE(call.take().empty());
    call.run(milliseconds(1));
    EXPECT_EQ(VirtualCall::error_code(call.take()), "some_code");
    call.run(milliseconds(60'000));
    EXPECT_TRUE(call.take().empty());
}

TEST(SimulatorFaults, AtOnceStrikesTheReplyThatIsUnderWay) {
    VirtualCall call;
    call.speech_length = milliseconds(10'000);
    call.tell(question("hello"));
    call.tell(create);
    call.run(milliseconds(800));
    auto fault = fault_of(FaultKind::failed);
    fault.error = "server_error";
    call.arm(fault);
    const auto events = call.take();
    EXPECT_EQ(status_of(events), "failed");
    const auto& done = VirtualCall::find(events, "response.done")->event;
    EXPECT_EQ(text_of(done.at("response").at("output").as_array()[0].as_object(), "status"), "incomplete");
    EXPECT_TRUE(call.faults.armed().empty());
}

TEST(SimulatorFaults, AReplysFaultWaitsForOneAndAnAlwaysIsForEachOne) {
    VirtualCall call;
    auto fault = fault_of(FaultKind::stall);
    fault.times = 0;
    call.arm(fault);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(status_of(turn(call)), "none");
        call.tell(R"({"type":"response.cancel"})");
    }
    EXPECT_EQ(call.faults.clear("close"), 0U);
    EXPECT_EQ(call.faults.clear("stall"), 1U);
    EXPECT_EQ(status_of(turn(call)), "completed");
}

TEST(SimulatorFaults, MuteAndDropAreWithoutAWord) {
    VirtualCall mute;
    mute.arm(fault_of(FaultKind::mute));
    EXPECT_TRUE(turn(mute).empty());
    EXPECT_FALSE(mute.closed);
    mute.run(milliseconds(3'600'000));
    EXPECT_EQ(mute.closed->first, 1001) << "its time ends all the same";

    VirtualCall drop;
    drop.arm(fault_of(FaultKind::drop));
    EXPECT_TRUE(drop.dropped);
    EXPECT_FALSE(drop.closed);
    EXPECT_TRUE(turn(drop).empty());
}

TEST(SimulatorFaults, AreForOneSessionOrOneKey) {
    VirtualCall call;
    auto fault = fault_of(FaultKind::close);
    fault.code = 1012;
    fault.session = "sess_other";
    call.arm(fault);
    fault.session.clear();
    fault.key = "sk-other";
    call.arm(fault);
    EXPECT_FALSE(call.closed);
    EXPECT_EQ(call.faults.armed().size(), 2U);
    fault.key = label_of("sk-virtual");
    call.arm(fault);
    EXPECT_EQ(call.closed->first, 1012);
}

TEST(SimulatorFaults, TheExampleListsWhatTheTablesHold) {
    std::ifstream file(VOICECTL_SOURCE "/examples/scenario.toml");
    std::stringstream example;
    example << file.rdbuf();
    std::istringstream lines(fault_reference());
    std::string expected;
    for (std::string line; std::getline(lines, line);) {
        expected += line.empty() ? "#\n" : "# " + line + "\n";
        EXPECT_LE(line.size(), 112U) << line;
    }
    EXPECT_NE(example.str().find(expected), std::string::npos) << "it should have these lines:\n" << expected;
}

}  // namespace
}  // namespace voicectl::simulator
