// SPDX-License-Identifier: Apache-2.0
// Limits that run out and come back, and that what is said of them is true.
#include "virtual_call.hpp"

#include <string>

namespace voicectl::simulator {
namespace {

constexpr const char* create = R"({"type":"response.create"})";

json::object rate(const std::vector<Seen>& events, std::string_view name) {
    for (const auto& limit :
         VirtualCall::find(events, "rate_limits.updated")->event.at("rate_limits").as_array())
        if (text_of(limit.as_object(), "name") == name) return limit.as_object();
    return {};
}

std::int64_t remaining(const std::vector<Seen>& events, std::string_view name) {
    return rate(events, name).at("remaining").as_int64();
}

const json::object& response_of(const std::vector<Seen>& events) {
    return VirtualCall::find(events, "response.done")->event.at("response").as_object();
}

Scenario limited(unsigned requests, unsigned tokens) {
    auto scenario = VirtualCall::quick("one two three four");
    scenario.timing.pace = 0;
    scenario.timing.first_token = milliseconds(0);
    scenario.limits.each.requests = requests;
    if (tokens != 0) scenario.limits.each.tokens = tokens;
    return scenario;
}

TEST(SimulatorLimits, RequestsRunOutAndComeBackAtAnEvenPace) {
    VirtualCall call(limited(3, 0));
    for (int left = 2; left >= 0; --left) {
        call.tell(create);
        const auto events = call.take();
        EXPECT_EQ(text_of(response_of(events), "status"), "completed");
        const auto limit = rate(events, "requests");
        EXPECT_EQ(limit.at("limit").to_number<int>(), 3);
        EXPECT_EQ(limit.at("remaining").as_int64(), left);
        EXPECT_NEAR(limit.at("reset_seconds").as_double(), 20.0 * (3 - left), 0.001);
    }
    call.tell(create);
    const auto refused = call.take();
    const auto& error = response_of(refused).at("status_details").at("error").as_object();
    EXPECT_EQ(text_of(response_of(refused), "status"), "failed");
    EXPECT_EQ(text_of(error, "code"), "rate_limit_exceeded");
    EXPECT_NE(text_of(error, "message").find("Please try again in 20.000s."), std::string_view::npos)
        << text_of(error, "message");
    EXPECT_EQ(remaining(refused, "requests"), 0) << "a refusal costs nothing";
    call.run(milliseconds(20'000));
    call.tell(create);
    EXPECT_EQ(text_of(response_of(call.take()), "status"), "completed");
}

TEST(SimulatorLimits, TokensAreWhatTheUsageSays) {
    VirtualCall call(limited(0, 1000));
    call.tell(create);
    const auto events = call.take();
    EXPECT_EQ(remaining(events, "tokens"),
              1000 - response_of(events).at("usage").at("total_tokens").as_int64());
    EXPECT_TRUE(rate(events, "requests").empty()) << "there is no such limit";
    int answers = 1;
    while (true) {
        call.tell(create);
        if (text_of(response_of(call.take()), "status") != "completed") break;
        ASSERT_LT(++answers, 50);
    }
    EXPECT_GT(answers, 2);
    call.run(milliseconds(60'000));
    call.tell(create);
    EXPECT_EQ(text_of(response_of(call.take()), "status"), "completed");
}

TEST(SimulatorLimits, KeysOfAGroupShareAndOthersDoNot) {
    Limits limits;
    limits.each.sessions = 1;
    limits.groups.push_back({{"sk-a", label_of("sk-b")}, {}});
    limits.groups[0].quota.sessions = 2;
    Allowances allowances(limits);
    EXPECT_EQ(allowances.of("sk-a"), allowances.of("sk-b"));
    EXPECT_NE(allowances.of("sk-a"), allowances.of("sk-c"));
    EXPECT_NE(allowances.of("sk-c"), allowances.of("sk-d"));
    const base::Time now{};
    const Lease a(allowances.of("sk-a"));
    EXPECT_FALSE(allowances.of("sk-b")->refuse_session(now));
    {
        const Lease b(allowances.of("sk-b"));
        EXPECT_TRUE(allowances.of("sk-a")->refuse_session(now));
    }
    EXPECT_FALSE(allowances.of("sk-a")->refuse_session(now)) << "a lease ends with its holder";
}

TEST(SimulatorLimits, ConnectionsAreRefusedForTokensOnlyWhereItSaysSo) {
    for (const bool at_connect : {false, true}) {
        Limits limits;
        limits.at_connect = at_connect;
        limits.each.tokens = 600;
        Allowances allowances(limits);
        const auto allowance = allowances.of("sk-a");
        const base::Time now{};
        EXPECT_FALSE(allowance->begin_response(100, now));
        allowance->end_response(600, now);
        const auto wait = allowance->refuse_session(now);
        ASSERT_EQ(wait.has_value(), at_connect);
        if (!wait) continue;
        EXPECT_NEAR(base::milliseconds(*wait), 10'100, 1) << "101 tokens at ten a second";
        EXPECT_FALSE(allowance->refuse_session(now + std::chrono::milliseconds(10'101)));
    }
}

}  // namespace
}  // namespace voicectl::simulator
