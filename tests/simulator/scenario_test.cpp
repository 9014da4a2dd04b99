// SPDX-License-Identifier: Apache-2.0
// The scenario file: what it may say, and where its mistakes are said to be.
#include "simulator/scenario.hpp"

#include "audio/sound_file.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace voicectl::simulator {
namespace {

using std::chrono::milliseconds;

class ScenarioFile : public ::testing::Test {
 protected:
    base::Result<Scenario> load(const std::string& text) {
        std::ofstream(path_) << text;
        return load_scenario(path_);
    }
    tests::TemporaryFolder folder_;
    std::string path_ = folder_.file("s.toml");
};

TEST_F(ScenarioFile, ReadsEveryKey) {
    const std::vector<audio::Sample> samples(4800, 100);
    ASSERT_TRUE(audio::write_wav(folder_.file("reply.wav"), samples, 48'000));
    const auto scenario = load(R"(
seed = 7
[timing]
first_token = "0ms"
delta = 100
pace = 0
transcript_delay = "1.5s"
session_cap = "1h"
[listen]
recognise = false
[connect]
models = ["a", "b"]
default_model = "a"
[[turn]]
heard = "hello"
say = "hi"
first_token = "5m"
[[turn]]
when = "weather"
call = "get_weather"
arguments = '{"city":"Paris"}'
[[turn]]
wav = "reply.wav"
)");
    ASSERT_TRUE(scenario) << scenario.error().detail;
    EXPECT_EQ(scenario->seed, 7U);
    EXPECT_EQ(scenario->timing.first_token, milliseconds(0));
    EXPECT_EQ(scenario->timing.delta, milliseconds(100));
    EXPECT_EQ(scenario->timing.pace, 0);
    EXPECT_EQ(scenario->timing.transcript_delay, milliseconds(1500));
    EXPECT_EQ(scenario->timing.session_cap, milliseconds(3'600'000));
    EXPECT_FALSE(scenario->recognise);
    EXPECT_EQ(scenario->connect.models.size(), 2U);
    EXPECT_EQ(scenario->connect.default_model, "a");
    ASSERT_EQ(scenario->turns.size(), 3U);
    EXPECT_EQ(scenario->turns[0].say, "hi");
    EXPECT_EQ(scenario->turns[0].first_token, milliseconds(300'000));
    EXPECT_EQ(scenario->turns[1].arguments, R"({"city":"Paris"})");
    ASSERT_TRUE(scenario->turns[2].recording);
    EXPECT_NEAR(static_cast<double>(scenario->turns[2].recording->size()), 2400, 50);
}

TEST_F(ScenarioFile, ReadsLimitsAndFaults) {
    const auto scenario = load(R"(
[faults]
connect_error = "insufficient_quota"
http_status = 503
[limits]
sessions = 2
requests = 3
tokens = 4000
window = "10s"
at_connect = true
[[limits.group]]
keys = ["sk-a", "sk-b"]
sessions = 5
[control]
enabled = true
[[fault]]
name = "close"
turn = 2
audio = "500ms"
key = "sk-a"
code = 1011
reason = "gone"
times = 0
[[fault]]
name = "stall"
when = "weather"
after = 5000
)");
    ASSERT_TRUE(scenario) << scenario.error().detail;
    EXPECT_EQ(scenario->limits.each.sessions, 2U);
    EXPECT_EQ(scenario->limits.each.requests, 3U);
    EXPECT_EQ(scenario->limits.each.tokens, 4000U);
    EXPECT_EQ(scenario->limits.window, milliseconds(10'000));
    EXPECT_TRUE(scenario->limits.at_connect);
    ASSERT_EQ(scenario->limits.groups.size(), 1U);
    EXPECT_EQ(scenario->limits.groups[0].keys, (std::vector<std::string>{"sk-a", "sk-b"}));
    EXPECT_EQ(scenario->limits.groups[0].quota.sessions, 5U);
    EXPECT_TRUE(scenario->control);
    ASSERT_EQ(scenario->faults.size(), 4U);
    EXPECT_EQ(scenario->faults[0].kind, FaultKind::http_status);
    EXPECT_EQ(scenario->faults[0].code, 503U);
    EXPECT_EQ(scenario->faults[0].times, 0U);
    EXPECT_EQ(scenario->faults[1].kind, FaultKind::connect_error);
    EXPECT_EQ(scenario->faults[1].error, "insufficient_quota");
    const auto& close = scenario->faults[2];
    EXPECT_EQ(close.kind, FaultKind::close);
    EXPECT_EQ(close.turn, 2U);
    EXPECT_EQ(close.audio, milliseconds(500));
    EXPECT_EQ(close.key, "sk-a");
    EXPECT_EQ(close.code, 1011U);
    EXPECT_EQ(close.reason, "gone");
    EXPECT_EQ(close.times, 0U);
    EXPECT_EQ(scenario->faults[3].when, "weather");
    EXPECT_EQ(scenario->faults[3].after, milliseconds(5000));
    EXPECT_EQ(scenario->faults[3].times, 1U);
}

struct Mistake {
    std::string text;
    std::string where;  ///< line:column
    std::string says;
};

TEST_F(ScenarioFile, SaysWhereAMistakeIs) {
    const std::vector<Mistake> table{
        {"sed = 1\n", "1:1", "did you mean 'seed'?"},
        {"seed = -1\n", "1:8", "seed must be a whole number"},
        {"[timing]\nfirst_tokn = 1\n", "2:1", "did you mean 'first_token'?"},
        {"[timing]\nfirst_token = \"fast\"\n", "2:15", "timing.first_token must be a duration"},
        {"[timing]\nfirst_token = -5\n", "2:15", "timing.first_token must be a duration"},
        {"[timing]\ndelta = 130\n", "2:9", "multiple of 50 ms"},
        {"[timing]\npace = \"quick\"\n", "2:8", "timing.pace must be a number"},
        {"[listen]\nrecognise = 1\n", "2:13", "true or false"},
        {"[faults]\nhttp_status = 200\n", "2:15", "from 400 to 599"},
        {"[faults]\nconnect_error = \"invalid_api_kee\"\n", "2:17", "did you mean 'invalid_api_key'?"},
        {"[[fault]]\nname = \"stal\"\n", "2:8", "did you mean 'stall'?"},
        {"[[fault]]\nturn = 1\n", "1:1", "needs a name"},
        {"[[fault]]\nname = \"stall\"\ntrun = 1\n", "3:1", "did you mean 'turn'?"},
        {"[[fault]]\nname = \"stall\"\nturn = 0\n", "3:8", "fault.turn must be a whole number from 1"},
        {"[[fault]]\nname = \"stall\"\ncode = 1011\n", "3:1", "the fault stall has no code"},
        {"[[fault]]\nname = \"stall\"\nafter = \"soon\"\n", "3:9", "fault.after must be a duration"},
        {"[[fault]]\nname = \"close\"\n", "1:1", "needs a code or an error"},
        {"[[fault]]\nname = \"close\"\ncode = 1006\n", "1:1", "a code that may be sent"},
        {"[[fault]]\nname = \"error\"\n", "1:1", "needs an error"},
        {"[[fault]]\nname = \"http_status\"\ncode = 1011\n", "1:1", "from 400 to 599"},
        {"[fault]\nname = \"stall\"\n", "1:1", "two brackets"},
        {"[limits]\nrequest = 1\n", "2:1", "did you mean 'requests'?"},
        {"[limits]\ntokens = 0\n", "2:10", "from 1 to"},
        {"[[limits.group]]\nsessions = 1\n", "1:1", "needs keys"},
        {"[control]\nenabled = 1\n", "2:11", "true or false"},
        {"timing = 5\n", "1:10", "timing is a table"},
        {"[turn]\nsay = \"x\"\n", "1:1", "two brackets"},
        {"[[turn]]\nheard = \"x\"\n", "1:1", "say, wav or call"},
        {"[[turn]]\nsay = 4\n", "2:7", "turn.say must be a text"},
        {"[[turn]]\ncall = \"f\"\narguments = \"x\"\n", "3:13", "JSON object"},
        {"[[turn]]\nwav = \"missing.wav\"\n", "2:7", "missing.wav"},
        {"seed = \n", "1:8", ""},
    };
    for (const auto& [text, where, says] : table) {
        const auto scenario = load(text);
        ASSERT_FALSE(scenario) << text;
        EXPECT_EQ(scenario.error().code, base::Errc::malformed) << text;
        EXPECT_TRUE(scenario.error().detail.starts_with(path_ + ":" + where + ": "))
            << scenario.error().detail;
        EXPECT_NE(scenario.error().detail.find(says), std::string::npos) << scenario.error().detail;
    }
}

TEST_F(ScenarioFile, ABrokenFileIsAnErrorWhateverItIs) {
    for (const std::string text : {"[", "[!]", "[.]", "[..]", "\"", "=", "a = [1,", "\xff\xfe"})
        EXPECT_FALSE(load(text)) << text;
    EXPECT_TRUE(load("")) << "an empty scenario is the built-in one";
    EXPECT_EQ(load_scenario(folder_.file("none.toml")).error().code, base::Errc::not_found);
    EXPECT_EQ(load_scenario(std::filesystem::path(path_).parent_path().string()).error().code,
              base::Errc::not_found);
}

}  // namespace
}  // namespace voicectl::simulator
