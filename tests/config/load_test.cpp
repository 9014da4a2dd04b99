// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "config/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using namespace config;

Environment environment(std::map<std::string, std::string, std::less<>> values) {
    return [values](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

const std::string secret(32, 's');

Loaded with(std::string_view name, std::string_view value) {
    std::map<std::string, std::string, std::less<>> values{{"JWT_SECRET", secret},
                                                           {"OPENAI_API_KEY", "sk-x"}};
    values.insert_or_assign(std::string(name), std::string(value));
    return load(environment(std::move(values)), {}, Demands{});
}

TEST(Settings, NamesEverythingThatIsMissingAtOnce) {
    const auto loaded = load(environment({}), {}, Demands{});
    ASSERT_EQ(loaded.problems.size(), 2U);
    EXPECT_EQ(loaded.problems[0].where, "JWT_SECRET");
    EXPECT_EQ(loaded.problems[1].where, "OPENAI_API_KEY");
}

TEST(Settings, NeedsNoKeyForTheSimulator) {
    const auto loaded =
        load(environment({{"JWT_SECRET", secret}, {"VOICE_UPSTREAM_URL", "sim:"}}), {}, Demands{});
    EXPECT_TRUE(loaded.problems.empty());
}

TEST(Settings, LetsAFlagWinOverTheEnvironment) {
    const auto loaded =
        load(environment({{"JWT_SECRET", secret}, {"OPENAI_API_KEY", "k"}, {"VOICE_WS_PORT", "9000"}}),
             {{"VOICE_WS_PORT", "--ws-port", "9001"}}, Demands{});
    EXPECT_EQ(loaded.settings.ws_port, 9001);
}

TEST(Settings, ReadsEveryType) {
    EXPECT_EQ(with("VOICE_SESSION_TIMEOUT", "300000").settings.idle_timeout, 5min);
    EXPECT_EQ(with("VOICE_SESSION_TIMEOUT", "10m").settings.idle_timeout, 10min);
    EXPECT_TRUE(with("VOICE_DEBUG", "true").settings.debug);
    EXPECT_THAT(with("VOICE_CORS_ORIGIN", "https://a.example, https://b.example").settings.cors_origins,
                testing::ElementsAre("https://a.example", "https://b.example"));
}

struct Wrong {
    const char* name;
    const char* value;
};
class SettingsRefuse : public testing::TestWithParam<Wrong> {};

TEST_P(SettingsRefuse, AndSayWhere) {
    const auto loaded = with(GetParam().name, GetParam().value);
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(loaded.problems[0].where, GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(Values, SettingsRefuse,
                         testing::Values(Wrong{"VOICE_WS_PORT", "80"}, Wrong{"VOICE_WS_PORT", "8080x"},
                                         Wrong{"VOICE_WS_PORT", "0x1f90"}, Wrong{"VOICE_WS_PORT", "0"},
                                         Wrong{"VOICE_WS_PORT", "99999999999999999999"},
                                         Wrong{"VOICE_FRAME_MS", "30"}, Wrong{"VOICE_BITRATE", "100"},
                                         Wrong{"VOICE_DEBUG", "maybe"},
                                         Wrong{"VOICE_SESSION_TIMEOUT", "5 minutes"},
                                         Wrong{"VOICE_LOG_FORMAT", "xml"}, Wrong{"JWT_SECRET", "short"},
                                         Wrong{"VOICE_HTTP_PORT", "8080"}));

TEST(Settings, NeverRepeatASecret) {
    const auto loaded = with("JWT_SECRET", "MARKMARK");
    for (const auto& problem : loaded.problems)
        EXPECT_EQ(problem.sentence.find("MARK"), std::string::npos);
}

TEST(Settings, HaveTheDefaultThatTheirRowNames) {
    const Settings defaults;
    for (const auto& row : table()) {
        if (row.default_text.empty()) continue;
        const auto loaded = with(row.env, row.default_text);
        EXPECT_TRUE(loaded.problems.empty()) << row.env << " refuses its own default";
        std::visit(
            [&](auto field) {
                if constexpr (!std::is_same_v<decltype(field), base::Secret Settings::*>) {
                    EXPECT_EQ(loaded.settings.*field, defaults.*field) << row.env;
                }
            },
            row.field);
    }
}

TEST(Duration, ReadsItsUnits) {
    EXPECT_EQ(parse_duration("20"), 20ms);
    EXPECT_EQ(parse_duration("300ms"), 300ms);
    EXPECT_EQ(parse_duration("5s"), 5s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    for (const auto* text : {"", "s", "-1s", "1.5s", "1d", "1 s", "9223372036854775807h"})
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

}  // namespace
}  // namespace voicectl::test
