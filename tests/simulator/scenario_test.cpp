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
[faults]
connect_error = "insufficient_quota"
http_status = 503
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
    EXPECT_EQ(scenario->faults.connect_error, "insufficient_quota");
    EXPECT_EQ(scenario->faults.http_status, 503U);
    ASSERT_EQ(scenario->turns.size(), 3U);
    EXPECT_EQ(scenario->turns[0].say, "hi");
    EXPECT_EQ(scenario->turns[0].first_token, milliseconds(300'000));
    EXPECT_EQ(scenario->turns[1].arguments, R"({"city":"Paris"})");
    ASSERT_TRUE(scenario->turns[2].recording);
    EXPECT_NEAR(static_cast<double>(scenario->turns[2].recording->size()), 2400, 50);
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
