// SPDX-License-Identifier: Apache-2.0
// The simulator on a real socket: the upgrade and its refusals, a whole turn, and an end that does not hang.
#include "base/base64.hpp"
#include "base/time.hpp"
#include "net/dial.hpp"
#include "simulator/protocol_error.hpp"
#include "simulator/simulator.hpp"
#include "support/coroutine_test.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace voicectl::simulator {
namespace {

using tests::must;

class SimulatorLoopback : public tests::CoroutineTest {
 protected:
    static std::unique_ptr<Simulator> start(Scenario scenario) {
        SimulatorOptions options;
        options.scenario = std::move(scenario);
        options.keys = {"sk-right"};
        return must(Simulator::start(std::move(options)));
    }
    static Scenario scripted() {
        Scenario scenario;
        scenario.recognise = false;
        scenario.timing.first_token = std::chrono::milliseconds(0);
        scenario.timing.pace = 0;
        Turn turn;
        turn.heard = "a question";
        turn.say = "An answer. And more.";
        scenario.turns.push_back(turn);
        return scenario;
    }
    static net::DialOptions to(const Simulator& simulator, const std::string& query, const std::string& key) {
        net::DialOptions options;
        options.url = must(net::parse_url(simulator.url() + query));
        if (!key.empty()) options.headers.emplace_back("Authorization", "Bearer " + key);
        options.limits.message_bytes_max = 1024 * 1024;
        return options;
    }
    /// Reads up to the event of that type.
    static net::Task<json::object> read_until(net::WebSocket& socket, std::string type) {
        while (true) {
            const auto message = must(co_await socket.read());
            auto event = json::parse(message.text()).as_object();
            if (text_of(event, "type") == type) co_return event;
        }
    }
    static net::Task<std::string> refusal(const Simulator& simulator, std::string query, std::string key) {
        const auto options = to(simulator, query, key);
        auto socket = must(co_await net::dial(options));
        const auto error = co_await read_until(*socket, "error");
        const auto end = co_await socket->read();
        EXPECT_FALSE(end);
        co_return std::to_string(socket->close_reason().code) + " " + socket->close_reason().reason;
    }
};

TEST_F(SimulatorLoopback, HoldsAWholeTurn) {
    const auto simulator = start(scripted());
    run([&]() -> net::Task<void> {
        const auto options = to(*simulator, "?model=gpt-realtime", "sk-right");
        auto socket = must(co_await net::dial(options));
        co_await read_until(*socket, "session.created");
        const auto voice = speak("Is anybody there?");
        EXPECT_GT(voice.size(), audio::samples_in(std::chrono::milliseconds(500)));
        for (int part = 0; part < 2; ++part) {
            const std::vector<audio::Sample> silence(24'000);
            std::string text = R"({"type":"input_audio_buffer.append","audio":")";
            base::base64_append(audio::bytes_of(part == 0 ? voice : silence), text);
            socket->send_text(text + "\"}");
        }
        const auto created = co_await read_until(*socket, "response.created");
        EXPECT_EQ(text_of(created.at("response").as_object(), "status"), "in_progress");
        const auto said = co_await read_until(*socket, "response.output_audio_transcript.done");
        EXPECT_EQ(text_of(said, "transcript"), "An answer. And more.");
        const auto done = co_await read_until(*socket, "response.done");
        EXPECT_EQ(text_of(done.at("response").as_object(), "status"), "completed");
        EXPECT_GT(done.at("response").at("usage").at("output_token_details").at("audio_tokens").as_int64(),
                  20);
        socket->close({});
        while (co_await socket->read()) {
        }
    });
}

TEST_F(SimulatorLoopback, RefusesInBandAsTheServiceDoes) {
    auto scenario = scripted();
    scenario.connect.models = {"gpt-realtime"};
    const auto simulator = start(scenario);
    run([&]() -> net::Task<void> {
        EXPECT_EQ(co_await refusal(*simulator, "?model=gpt-realtime", "sk-wrong"),
                  "3000 invalid_request_error.invalid_api_key");
        EXPECT_EQ(co_await refusal(*simulator, "?model=gpt-realtime", ""),
                  "3000 invalid_request_error.invalid_api_key");
        EXPECT_EQ(co_await refusal(*simulator, "", "sk-right"), "4000 invalid_request_error.missing_model");
        EXPECT_EQ(co_await refusal(*simulator, "?model=gpt-9", "sk-right"),
                  "4004 invalid_request_error.model_not_found");
        const auto elsewhere = to(*simulator, "/elsewhere", "sk-right");
        const auto refused = co_await net::dial(elsewhere);
        EXPECT_NE(refused.error().detail.find("404"), std::string::npos) << refused.error().detail;
    });
}

TEST_F(SimulatorLoopback, ATakenPortIsAnError) {
    const auto simulator = start(scripted());
    SimulatorOptions options;
    options.port = simulator->port();
    const auto second = Simulator::start(std::move(options));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, base::Errc::os);
}

TEST_F(SimulatorLoopback, EndsWhileItIsSpeakingAndListening) {
    auto scenario = built_in_scenario();
    scenario.timing.pace = 1;
    auto simulator = start(scenario);
    run([&]() -> net::Task<void> {
        const auto options = to(*simulator, "?model=gpt-realtime", "sk-right");
        auto socket = must(co_await net::dial(options));
        socket->send_text(
            R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"tell me a story"}]}})");
        socket->send_text(R"({"type":"response.create"})");
        co_await read_until(*socket, "response.output_audio.delta");
        const auto before = base::now();
        simulator.reset();
        EXPECT_LT(base::milliseconds(base::now() - before), 2000);
        while (co_await socket->read()) {
        }
    });
}

}  // namespace
}  // namespace voicectl::simulator
