// SPDX-License-Identifier: Apache-2.0
// The control call on a real socket: faults that strike sessions, and what is told of them.
#include "simulator/control.hpp"

#include "base/base64.hpp"
#include "control_call.hpp"
#include "simulator/digest.hpp"
#include "simulator/fault_book.hpp"

#include <boost/json/serialize.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace voicectl::simulator {
namespace {

constexpr const char* create = R"({"type":"response.create"})";

TEST_F(SimulatorControl, TellsWhatASessionWasSentAndHolds) {
    start();
    run([&]() -> net::Task<void> {
        auto socket = co_await open("sk-secret");
        const std::vector<audio::Sample> samples(2400, 77);
        const auto bytes = audio::bytes_of(samples);
        for (const auto part : {bytes.first(1000), bytes.subspan(1000)}) {
            std::string text = R"({"type":"input_audio_buffer.append","audio":")";
            base::base64_append(part, text);
            socket->send_text(text + "\"}");
        }
        socket->send_text(
            R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}})");
        socket->send_text(
            R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_7","output":"42"}})");
        socket->send_text(R"({"type":"response.create","response":{"output_modalities":["text"]}})");
        co_await read_until(*socket, "rate_limits.updated");

        Digest digest;
        digest.add(bytes);
        const auto open = co_await session(0);
        EXPECT_EQ(text_of(open, "state"), "listening");
        EXPECT_EQ(text_of(open, "key"), label_of("sk-secret"));
        EXPECT_EQ(open.at("audio").at("samples").to_number<int>(), 2400);
        EXPECT_EQ(text_of(open.at("audio").as_object(), "sha256"), digest.hex());
        EXPECT_EQ(open.at("responses").to_number<int>(), 1);
        const auto& items = open.at("items").as_array();
        EXPECT_EQ(items.size(), 3U);
        EXPECT_EQ(text_of(items[0].as_object(), "role"), "user");
        EXPECT_EQ(text_of(items[0].as_object(), "text"), "hello");
        EXPECT_EQ(text_of(items[1].as_object(), "kind"), "function_call_output");
        EXPECT_EQ(text_of(items[1].as_object(), "call_id"), "call_7");
        EXPECT_EQ(text_of(items[2].as_object(), "role"), "assistant");

        socket->close({});
        co_await read_to_end(*socket);
        const auto ended = co_await session(0);
        EXPECT_EQ(text_of(ended, "state"), "ended");
        EXPECT_EQ(ended.at("close").at("code").to_number<int>(), 1000);
        EXPECT_EQ(ended.at("items"), open.at("items"));
        const auto all = co_await call("GET", "/simulator/sessions");
        EXPECT_EQ(json::serialize(all.body).find("sk-secret"), std::string::npos);
        EXPECT_EQ(text_of(all.body.at("audio").as_object(), "sha256"), digest.hex());

        const auto name = fmt::format("0001-{}.pcm", text_of(ended, "id"));
        std::ifstream file(folder_.file(name), std::ios::binary);
        const std::string recorded{std::istreambuf_iterator<char>(file), {}};
        EXPECT_EQ(recorded, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    });
}

TEST_F(SimulatorControl, AFaultStrikesAtOnceTheSessionsItIsFor) {
    start();
    run([&]() -> net::Task<void> {
        auto one = co_await open("sk-one");
        auto two = co_await open("sk-two");
        const auto fault =
            fmt::format(R"({{"name":"close","code":1012,"reason":"away","key":"{}"}})", label_of("sk-two"));
        EXPECT_EQ((co_await call("POST", "/simulator/faults", fault)).status, 201);
        EXPECT_EQ(co_await read_to_end(*two), 1012);
        EXPECT_EQ(two->close_reason().reason, "away");
        EXPECT_EQ((co_await call("POST", "/simulator/faults", R"({"name":"drop"})")).status, 201);
        EXPECT_EQ(co_await read_to_end(*one), 1006);
        const auto list = co_await call("GET", "/simulator/faults");
        EXPECT_TRUE(list.body.at("armed").as_array().empty()) << "both are spent";

        const auto log = co_await call("GET", "/simulator/log");
        std::string told;
        for (const auto& line : log.body.at("log").as_array())
            told += fmt::format("{} {} {}\n", text_of(line.as_object(), "event"),
                                text_of(line.as_object(), "key"), line.at("sessions").to_number<int>());
        EXPECT_EQ(told, fmt::format("open {0} 1\nopen {1} 1\nclose {1} 0\nclose {0} 0\n", label_of("sk-one"),
                                    label_of("sk-two")));
    });
}

TEST_F(SimulatorControl, AFaultStrikesInTheMiddleOfAReply) {
    start();
    run([&]() -> net::Task<void> {
        const std::string fault = R"({"name":"close","audio":"300ms","error":"server_error","turn":2})";
        EXPECT_EQ((co_await call("POST", "/simulator/faults", fault)).status, 201);
        auto socket = co_await open("sk-one");
        socket->send_text(create);
        co_await read_until(*socket, "response.done");
        socket->send_text(create);
        co_await read_until(*socket, "response.output_audio.delta");
        const auto error = co_await read_until(*socket, "error");
        EXPECT_EQ(text_of(error.at("error").as_object(), "type"), "server_error");
        EXPECT_EQ(co_await read_to_end(*socket), 1011);
    });
}

TEST_F(SimulatorControl, AGiantAndWhatIsNotJsonArriveAsTheyAre) {
    start();
    run([&]() -> net::Task<void> {
        auto socket = co_await open("sk-one");
        co_await call("POST", "/simulator/faults", R"({"name":"malformed"})");
        const auto broken = must(co_await socket->read());
        boost::system::error_code ec;
        json::parse(broken.text(), ec);
        EXPECT_TRUE(ec);
        co_await call("POST", "/simulator/faults", R"({"name":"giant","bytes":2000000})");
        const auto giant = must(co_await socket->read());
        EXPECT_GT(giant.text().size(), 2'000'000U);
        socket->close({});
        co_await read_to_end(*socket);
    });
}

TEST_F(SimulatorControl, ConnectionsAreRefusedAsOftenAsIsAskedFor) {
    start();
    run([&]() -> net::Task<void> {
        const std::string busy = R"({"name":"http_status","code":429,"retry_after":"1500ms","times":2})";
        co_await call("POST", "/simulator/faults", busy);
        const auto plain = co_await dial("sk-one");
        EXPECT_EQ(plain.error().code, base::Errc::overloaded);
        const std::string upgrade =
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        const auto refused = co_await call("GET", "/v1/realtime?model=m", "", upgrade);
        EXPECT_EQ(refused.status, 429);
        EXPECT_NE(refused.head.find("Retry-After: 2"), std::string::npos) << refused.head;
        EXPECT_EQ(text_of(refused.body.at("error").as_object(), "code"), "rate_limit_exceeded");

        co_await call("POST", "/simulator/faults",
                      R"({"name":"connect_error","error":"insufficient_quota"})");
        auto in_band = must(co_await dial("sk-one"));
        co_await read_until(*in_band, "error");
        EXPECT_EQ(co_await read_to_end(*in_band), 1013);
        EXPECT_EQ(in_band->close_reason().reason, "insufficient_quota.insufficient_quota");
        auto socket = co_await open("sk-one");
        socket->close({});
        co_await read_to_end(*socket);
    });
}

TEST_F(SimulatorControl, NoMoreSessionsThanTheKeyHas) {
    Scenario scenario;
    scenario.limits.each.sessions = 1;
    start(scenario);
    run([&]() -> net::Task<void> {
        auto first = co_await open("sk-one");
        const auto second = co_await dial("sk-one");
        EXPECT_EQ(second.error().code, base::Errc::overloaded);
        auto other = co_await open("sk-two");
        first->close({});
        co_await read_to_end(*first);
        auto again = co_await open("sk-one");
        for (auto* socket : {other.get(), again.get()}) {
            socket->close({});
            co_await read_to_end(*socket);
        }
    });
}

TEST_F(SimulatorControl, SaysWhatIsWrongWithACall) {
    start();
    run([&]() -> net::Task<void> {
        const std::vector<std::pair<std::string, std::string>> table{
            {"[]", "not a JSON object"},
            {R"({})", "needs a name"},
            {R"({"name":"stal"})", "did you mean 'stall'?"},
            {R"({"name":"stall","trun":1})", "did you mean 'turn'?"},
            {R"({"name":"stall","turn":1.5})", "fault.turn must be a whole number"},
            {R"({"name":"close"})", "needs a code or an error"},
        };
        for (const auto& [body, says] : table) {
            const auto answer = co_await call("POST", "/simulator/faults", body);
            EXPECT_EQ(answer.status, 400) << body;
            const std::string message(text_of(answer.body.at("error").as_object(), "message"));
            EXPECT_NE(message.find(says), std::string::npos) << message;
        }
        co_await call("POST", "/simulator/faults", R"({"name":"stall","when":"x","key":"sk-secret"})");
        co_await call("POST", "/simulator/faults", R"({"name":"mute","turn":4})");
        const auto list = co_await call("GET", "/simulator/faults");
        const auto& armed = list.body.at("armed").as_array();
        EXPECT_EQ(armed.size(), 2U);
        EXPECT_EQ(text_of(armed[0].as_object(), "key"), label_of("sk-secret"));
        EXPECT_EQ(list.body.at("faults").as_array().size(), fault_rows().size());
        const auto cleared = co_await call("DELETE", "/simulator/faults?name=mute");
        EXPECT_EQ(cleared.body.at("cleared").to_number<int>(), 1);
        const auto rest = co_await call("DELETE", "/simulator/faults");
        EXPECT_EQ(rest.body.at("cleared").to_number<int>(), 1);
        EXPECT_EQ((co_await call("PUT", "/simulator/faults")).status, 405);
    });
}

TEST_F(SimulatorControl, IsNotThereForAnotherMachine) {
    const auto now = base::now();
    FaultBook faults({}, now);
    Ledger ledger(now);
    Control control(faults, ledger);
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/simulator/faults";
    request.body = R"({"name":"stall"})";
    EXPECT_EQ(control.answer(request, false, now).status, 404U);
    EXPECT_TRUE(faults.armed().empty());
    EXPECT_EQ(control.answer(request, true, now).status, 201U);
    EXPECT_EQ(faults.armed().size(), 1U);
}

TEST_F(SimulatorControl, IsNotForBrowsersNorThroughAProxyNorUnlessAskedFor) {
    start();
    run([&]() -> net::Task<void> {
        for (const std::string header : {"Origin: http://localhost\r\n", "X-Forwarded-For: 10.0.0.1\r\n"})
            EXPECT_EQ((co_await call("GET", "/simulator/sessions", "", header)).status, 403) << header;
    });
    simulator_.reset();
    start({}, false);
    run([&]() -> net::Task<void> {
        EXPECT_EQ((co_await call("GET", "/simulator/sessions")).status, 404);
        EXPECT_EQ((co_await call("POST", "/simulator/faults", R"({"name":"drop"})")).status, 404);
    });
}

}  // namespace
}  // namespace voicectl::simulator
