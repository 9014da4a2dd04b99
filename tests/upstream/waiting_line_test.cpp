// SPDX-License-Identifier: Apache-2.0
#include "upstream/waiting_line.hpp"

#include <gtest/gtest.h>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using namespace upstream;

constexpr base::Time start{1000h};

Place place_of(std::variant<Place, LineFull> answer) {
    EXPECT_TRUE(std::holds_alternative<Place>(answer)) << "the line is full";
    return std::holds_alternative<Place>(answer) ? std::get<Place>(answer) : Place{};
}

WaiterId join(WaitingLine& line, const std::string& tenant, base::Time now = start) {
    return place_of(line.join(tenant, now)).waiter;
}

TEST(WaitingLine, ServesATenantInOrder) {
    WaitingLine line;
    EXPECT_EQ(line.grant(start), std::nullopt);
    const auto first = join(line, "a");
    const auto second = join(line, "a");
    EXPECT_EQ(line.grant(start), first);
    EXPECT_EQ(line.grant(start), second);
    EXPECT_EQ(line.grant(start), std::nullopt);
    EXPECT_TRUE(line.empty());
    EXPECT_EQ(line.next_event(), std::nullopt);
}

TEST(WaitingLine, TenantsTakeTurns) {
    WaitingLine line;
    const auto a1 = join(line, "a");
    const auto a2 = join(line, "a");
    const auto a3 = join(line, "a");
    EXPECT_EQ(place_of(line.join("b", start)).position, 2U);
    const auto c1 = join(line, "c");
    EXPECT_EQ(line.grant(start), a1);
    EXPECT_EQ(line.grant(start), a1 + 3) << "b";
    EXPECT_EQ(line.grant(start), c1);
    EXPECT_EQ(line.grant(start), a2);
    EXPECT_EQ(line.grant(start), a3);
}

TEST(WaitingLine, WhoeverLeavesGivesTheirTurnToTheirTenant) {
    WaitingLine line;
    const auto a1 = join(line, "a");
    const auto b1 = join(line, "b");
    const auto a2 = join(line, "a");
    EXPECT_TRUE(line.leave(a1));
    EXPECT_FALSE(line.leave(a1));
    EXPECT_EQ(line.grant(start), a2);
    EXPECT_EQ(line.grant(start), b1);
    EXPECT_FALSE(line.leave(b1));
}

TEST(WaitingLine, ComingBackIsNoQuickerThanWaiting) {
    WaitingLine line;
    for (int i = 0; i < 10; ++i)
        join(line, "a");
    const auto b1 = join(line, "b");
    line.grant(start);
    EXPECT_EQ(line.grant(start), b1);
    EXPECT_EQ(place_of(line.join("b", start)).position, 2U);
}

TEST(WaitingLine, RefusesWhenItIsFullForATenantOrForAll) {
    WaitingLineOptions options;
    options.waiters_max = 3;
    options.tenant_waiters_max = 2;
    WaitingLine line(options);
    join(line, "a");
    join(line, "a");
    const auto tenant_full = line.join("a", start);
    ASSERT_TRUE(std::holds_alternative<LineFull>(tenant_full));
    EXPECT_TRUE(std::get<LineFull>(tenant_full).tenant);
    EXPECT_EQ(std::get<LineFull>(tenant_full).retry_after, 30s) << "nothing is known of the line yet";
    join(line, "b");
    const auto full = line.join("c", start);
    ASSERT_TRUE(std::holds_alternative<LineFull>(full));
    EXPECT_FALSE(std::get<LineFull>(full).tenant);
    line.grant(start + 2s);
    join(line, "c", start + 2s);
    EXPECT_EQ(std::get<LineFull>(line.join("d", start + 2s)).retry_after, 8s) << "four grants of 2 s";
}

TEST(WaitingLine, NobodyWaitsWithoutATimeToWait) {
    WaitingLineOptions options;
    options.timeout = 0ms;
    WaitingLine line(options);
    EXPECT_TRUE(std::holds_alternative<LineFull>(line.join("a", start)));
}

TEST(WaitingLine, TimesOut) {
    WaitingLine line;
    const auto a = join(line, "a");
    const auto b = join(line, "b", start + 1s);
    EXPECT_TRUE(line.expire(start + 30s - 1ns).empty());
    const auto ended = line.expire(start + 30s);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].waiter, a);
    EXPECT_GE(ended[0].retry_after, 1s);
    EXPECT_EQ(line.grant(start + 30s), b);
}

TEST(WaitingLine, AReloadMovesNoDeadlineThatWasGiven) {
    WaitingLine line;
    join(line, "a");
    WaitingLineOptions options;
    options.timeout = 5s;
    options.waiters_max = 1;
    line.replace_options(options);
    EXPECT_TRUE(std::holds_alternative<LineFull>(line.join("b", start)));
    EXPECT_TRUE(line.expire(start + 5s).empty());
    EXPECT_EQ(line.expire(start + 30s).size(), 1U);
    join(line, "b", start + 30s);
    EXPECT_EQ(line.expire(start + 35s).size(), 1U);
}

TEST(WaitingLine, EstimatesFromTheGrantsThatItSaw) {
    WaitingLine line;
    for (int i = 0; i < 20; ++i)
        join(line, "a");
    EXPECT_EQ(place_of(line.join("a", start)).eta, 30s) << "nothing is known yet: the deadline";
    for (int i = 1; i <= 10; ++i)
        line.grant(start + i * 500ms);
    const auto place = place_of(line.join("a", start + 5s));
    EXPECT_EQ(place.position, 12U);
    EXPECT_EQ(place.eta, 6s);
    // Nothing moves any more, and the estimate says so.
    EXPECT_EQ(place_of(line.join("b", start + 10s)).eta, 10s) << "second, at 5 s a grant";
}

TEST(WaitingLine, SaysWhenAPlaceChangesAtMostOnceASecond) {
    WaitingLine line;
    for (int i = 0; i < 5; ++i)
        join(line, "a");
    EXPECT_EQ(line.next_event(), start + 1s);
    EXPECT_TRUE(line.notices(start + 1s).empty()) << "nothing has changed";
    line.grant(start + 1500ms);
    line.grant(start + 1600ms);
    EXPECT_TRUE(line.notices(start + 1900ms).empty()) << "not a second since the last look";
    const auto told = line.notices(start + 2s);
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(told[0].position, 1U);
    EXPECT_EQ(told[2].position, 3U);
    line.grant(start + 2100ms);
    EXPECT_TRUE(line.notices(start + 2900ms).empty());
    EXPECT_EQ(line.notices(start + 3s).size(), 2U);
}

TEST(WaitingLine, ManyMayWait) {
    WaitingLineOptions options;
    options.waiters_max = options.tenant_waiters_max = 100'000;
    WaitingLine line(options);
    // Where each step looked at all who wait, this would not end in time.
    for (int i = 0; i < 100'000; ++i)
        join(line, std::to_string(i % 3 == 0 ? i : 0), start);
    EXPECT_GT(line.notices(start + 1s).size(), 50'000U) << "the other tenants' turns came between";
    for (WaiterId id = 1; id < 50'000; ++id)
        EXPECT_TRUE(line.leave(id * 2));
    for (int i = 0; i < 50'000; ++i)
        line.grant(start + 2s);
    EXPECT_EQ(line.size(), 1U);
}

}  // namespace
}  // namespace voicectl::test
