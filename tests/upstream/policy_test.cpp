// SPDX-License-Identifier: Apache-2.0
#include "upstream/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using namespace upstream;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr Day today{std::chrono::year(2026) / 11 / 25};
constexpr Day tomorrow = today + std::chrono::days(1);

Policy strict() {
    Policy policy;
    policy.models = {"gpt-realtime", "gpt-realtime-mini"};
    policy.voices = {"marin"};
    policy.instructions_prefix = "Never speak of prices.";
    policy.sessions_max = 2;
    policy.tokens_per_day = 1'000;
    policy.audio_per_day = 60s;
    return policy;
}

std::variant<Terms, Denial> judge(const SessionRequest& request, int sessions = 0,
                                  const DailyUsage& usage = {}) {
    return judge_session(strict(), request, sessions, usage, today);
}

std::string denial_of(const std::variant<Terms, Denial>& verdict) {
    const auto* denial = std::get_if<Denial>(&verdict);
    return denial ? std::string(name_of(denial->code)) + ": " + denial->message : "";
}

TEST(Policy, OfNobodyAllowsWhatIsAskedFor) {
    const auto verdict = judge_session({}, {"any", "voice", "Be brief."}, 1'000'000, {}, today);
    ASSERT_EQ(denial_of(verdict), "");
    EXPECT_EQ(std::get<Terms>(verdict).model, "any");
    EXPECT_EQ(std::get<Terms>(verdict).voice, "voice");
    EXPECT_EQ(std::get<Terms>(verdict).instructions, "Be brief.");
}

TEST(Policy, NamesWhatIsAllowedAndNotWhatWasAsked) {
    const auto model = denial_of(judge({"gpt-\n5", "", ""}));
    EXPECT_THAT(model, HasSubstr("POLICY_DENIED: "));
    EXPECT_THAT(model, HasSubstr("gpt-realtime, gpt-realtime-mini"));
    EXPECT_THAT(model, Not(HasSubstr("gpt-\n5")));
    EXPECT_THAT(denial_of(judge({"", "alloy", ""})), HasSubstr("marin"));
    EXPECT_THAT(denial_of(judge({"", "", std::string(32 * 1024 + 1, 'x')})), HasSubstr("32768 bytes"));
}

TEST(Policy, ChoosesForWhoAsksForNone) {
    const auto terms = std::get<Terms>(judge({}));
    EXPECT_EQ(terms.model, "gpt-realtime");
    EXPECT_EQ(terms.voice, "marin");
    EXPECT_EQ(terms.instructions, "Never speak of prices.");
}

TEST(Policy, BoundsSessionsAtOnce) {
    EXPECT_EQ(denial_of(judge({}, 1)), "");
    EXPECT_THAT(denial_of(judge({}, 2)), HasSubstr("SESSION_LIMIT: this tenant may hold 2 sessions"));
}

TEST(Policy, BoundsTokensAndAudioOfADay) {
    DailyUsage usage;
    usage.add(999, 59'999ms, today);
    EXPECT_FALSE(judge_usage(strict(), usage, today));
    auto tokens = usage;
    tokens.add(1, 0ms, today);
    EXPECT_THAT(denial_of(judge({}, 0, tokens)), HasSubstr("POLICY_DENIED: this tenant's 1000 tokens"));
    EXPECT_EQ(judge_usage(strict(), tokens, today)->until, tomorrow);
    EXPECT_FALSE(judge_usage(strict(), tokens, tomorrow));
    auto audio = usage;
    audio.add(0, 1ms, today);
    EXPECT_THAT(denial_of(judge({}, 0, audio)), HasSubstr("60 seconds of audio"));
    EXPECT_FALSE(judge_usage(strict(), audio, tomorrow));
}

TEST(Policy, AClockThatIsSetBackGivesNothingBack) {
    DailyUsage usage;
    usage.add(900, 0ms, tomorrow);
    usage.add(100, 0ms, today);
    EXPECT_TRUE(judge_usage(strict(), usage, tomorrow));
    EXPECT_TRUE(judge_usage(strict(), usage, today));
}

TEST(Policy, NonsenseInTheUsageGivesNothingBack) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    DailyUsage usage;
    usage.add(1'000, 0ms, today);
    usage.add(-1'000, -1h, today);
    EXPECT_EQ(usage.tokens(today), 1'000);
    usage.add(most, std::chrono::milliseconds::max(), today);
    usage.add(most, std::chrono::milliseconds::max(), today);
    EXPECT_EQ(usage.tokens(today), most);
    EXPECT_TRUE(judge_usage(strict(), usage, today));
}

TEST(Policy, TheShorterSessionCounts) {
    Policy policy;
    EXPECT_EQ(longest_session(policy, 1h), 1h);
    EXPECT_EQ(longest_session(policy, 0ms), 0ms);
    policy.session_max = 10min;
    EXPECT_EQ(longest_session(policy, 1h), 10min);
    EXPECT_EQ(longest_session(policy, 1min), 1min);
    EXPECT_EQ(longest_session(policy, 0ms), 10min);
}

TEST(Policy, WhateverAClientSaysThePrefixComesFirstAndOnce) {
    std::mt19937 random(5);
    const std::vector<std::string> pieces{"", "A", "AB", "\n", "\n\n", "A\n\n", "B", " "};
    for (int i = 0; i < 5'000; ++i) {
        std::string prefix;
        std::string client;
        for (int piece = 0; piece < 3; ++piece) {
            prefix += pieces[random() % pieces.size()];
            client += pieces[random() % pieces.size()];
        }
        const auto composed = compose_instructions(prefix, client);
        EXPECT_TRUE(composed.starts_with(prefix));
        EXPECT_TRUE(composed.ends_with(client));
        EXPECT_EQ(compose_instructions(prefix, composed), composed);
    }
}

/// Whatever is asked for, what a session gets is allowed; and more use never allows more.
TEST(Policy, NeverGivesWhatIsNotAllowed) {
    std::mt19937 random(6);
    const std::vector<std::string> names{"", "a", "b", "c", "d"};
    const auto some = [&] {
        std::vector<std::string> chosen;
        for (std::size_t i = 1; i < names.size(); ++i)
            if (random() % 2 == 0) chosen.push_back(names[i]);
        return chosen;
    };
    for (int i = 0; i < 5'000; ++i) {
        Policy policy;
        policy.models = some();
        policy.voices = some();
        policy.sessions_max = static_cast<int>(random() % 3);
        policy.tokens_per_day = random() % 3 * 100;
        const SessionRequest request{names[random() % names.size()], names[random() % names.size()], ""};
        const auto sessions = static_cast<int>(random() % 4);
        DailyUsage usage;
        usage.add(random() % 300, 0ms, today);
        const auto verdict = judge_session(policy, request, sessions, usage, today);
        if (const auto* terms = std::get_if<Terms>(&verdict)) {
            if (!policy.models.empty()) {
                EXPECT_THAT(policy.models, Contains(terms->model));
            }
            if (!policy.voices.empty()) {
                EXPECT_THAT(policy.voices, Contains(terms->voice));
            }
            EXPECT_TRUE(policy.sessions_max == 0 || sessions < policy.sessions_max);
            EXPECT_TRUE(policy.tokens_per_day == 0 || usage.tokens(today) < policy.tokens_per_day);
            continue;
        }
        usage.add(random() % 300, 1s, today);
        EXPECT_NE(denial_of(judge_session(policy, request, sessions + 1, usage, today)), "");
    }
}

}  // namespace
}  // namespace voicectl::test
