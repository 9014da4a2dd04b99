// SPDX-License-Identifier: Apache-2.0
#include "upstream/key_pool.hpp"

#include <gtest/gtest.h>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using namespace upstream;

constexpr base::Time start{1000h};

KeyOptions key_named(std::string key, std::string project = {}, int weight = 1) {
    return {base::Secret(std::move(key)), std::move(project), weight, {}};
}

KeyPool pool_of(const std::vector<KeyOptions>& keys, KeyPoolOptions options = {}) {
    KeyPool pool(options);
    pool.replace_keys(keys);
    return pool;
}

Lease lease_of(KeyPool& pool, base::Time now) {
    const auto answer = pool.acquire(now);
    const auto* lease = std::get_if<Lease>(&answer);
    EXPECT_TRUE(lease) << "no key has room";
    return lease ? *lease : Lease{};
}

Busy busy_of(KeyPool& pool, base::Time now) {
    const auto answer = pool.acquire(now);
    const auto* busy = std::get_if<Busy>(&answer);
    EXPECT_TRUE(busy) << "a key was granted";
    return busy ? *busy : Busy{};
}

std::string next_key(KeyPool& pool, base::Time now) {
    return pool.key(lease_of(pool, now)).key.reveal();
}

TEST(KeyPool, SharesSessionsByWeight) {
    auto pool = pool_of({key_named("a"), key_named("b", "", 3)});
    std::string order;
    for (int i = 0; i < 8; ++i)
        order += next_key(pool, start);
    EXPECT_EQ(order, "babbbabb");
}

TEST(KeyPool, WithoutKeysWaitingIsOfNoUse) {
    KeyPool pool;
    EXPECT_TRUE(busy_of(pool, start).hopeless);
}

TEST(KeyPool, AGroupWithoutLimitsLeftIsAskedAgainAfterItsReset) {
    auto pool = pool_of({key_named("a", "p"), key_named("b", "p"), key_named("c", "q")});
    const auto a = lease_of(pool, start);
    const auto events = pool.report(a, LimitsUpdated{{}, RateLimit{40'000, 0, 6s}}, start);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(std::get<GroupLimited>(events[0]).group, "p");
    EXPECT_EQ(std::get<GroupLimited>(events[0]).span, 6s);
    EXPECT_TRUE(pool.report(a, LimitsUpdated{{}, RateLimit{40'000, 0, 6s}}, start).empty()) << "said before";
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(next_key(pool, start), "c");
    EXPECT_EQ(next_key(pool, start + 6s), "b");
}

TEST(KeyPool, SparesAGroupThatHasLittleLeft) {
    auto pool = pool_of({key_named("a", "p"), key_named("b", "q")});
    pool.report(lease_of(pool, start), LimitsUpdated{{}, RateLimit{40'000, 1'000, 6s}}, start);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(next_key(pool, start), "b");
}

TEST(KeyPool, SaysWhenItMayBeWorthAskingAgain) {
    auto pool = pool_of({key_named("a"), key_named("b")});
    const auto a = lease_of(pool, start);
    const auto b = lease_of(pool, start);
    pool.report(a, Throttled{9s}, start);
    pool.report(b, Throttled{4s}, start);
    EXPECT_EQ(busy_of(pool, start + 1s).again, start + 4s);
    EXPECT_EQ(next_key(pool, start + 4s), "b");
}

TEST(KeyPool, ARefusedKeyIsOutUntilAReload) {
    auto pool = pool_of({key_named("a")});
    const auto lease = lease_of(pool, start);
    const auto events = pool.report(lease, Refused{KeyFault::no_quota}, start);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(std::get<KeyTakenOut>(events[0]).key, "key 1");
    EXPECT_TRUE(pool.report(lease, Refused{KeyFault::invalid_key}, start).empty()) << "said before";
    const auto busy = busy_of(pool, start + 24h);
    EXPECT_TRUE(busy.hopeless);
    EXPECT_EQ(busy.again, std::nullopt);
    const auto restored = pool.replace_keys({key_named("a")});
    ASSERT_EQ(restored.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<KeyRestored>(restored[0]));
    EXPECT_EQ(next_key(pool, start), "a");
    EXPECT_EQ(pool.leases(), 2U);
}

TEST(KeyPool, AnOpenBreakerLetsOneProbeThrough) {
    KeyPoolOptions options;
    options.breaker.failures_max = 1;
    auto pool = pool_of({key_named("a")}, options);
    const auto opened = pool.report(lease_of(pool, start), Failed{}, start);
    ASSERT_EQ(opened.size(), 1U);
    EXPECT_EQ(std::get<BreakerOpened>(opened[0]).span, 500ms);
    EXPECT_EQ(busy_of(pool, start).again, start + 500ms);
    const auto probe = lease_of(pool, start + 500ms);
    EXPECT_EQ(busy_of(pool, start + 500ms).again, std::nullopt);
    EXPECT_EQ(pool.status(start)[0].state, KeyState::probing);
    const auto closed = pool.report(probe, Connected{}, start + 1s);
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<BreakerClosed>(closed[0]));
    EXPECT_EQ(next_key(pool, start + 1s), "a");
}

TEST(KeyPool, LeasesOutliveTheirKey) {
    KeyPoolOptions options;
    options.group_leases_max = 2;
    auto pool = pool_of({key_named("a", "p"), key_named("b", "p")}, options);
    const auto a = lease_of(pool, start);
    const auto events = pool.replace_keys({key_named("b", "p"), key_named("b", "p")});
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(std::get<KeyRemoved>(events[0]).key, "key 1 of p");
    EXPECT_EQ(std::get<KeyRemoved>(events[0]).leases, 1);
    EXPECT_EQ(pool.key(a).key.reveal(), "a");
    EXPECT_EQ(next_key(pool, start), "b");
    EXPECT_EQ(busy_of(pool, start).again, std::nullopt) << "the project has two sessions";
    EXPECT_TRUE(pool.release(a));
    EXPECT_FALSE(pool.release(a));
    EXPECT_EQ(next_key(pool, start), "b");
}

TEST(KeyPool, AKeyThatComesBackFindsItsLeases) {
    KeyPoolOptions options;
    options.key_leases_max = 1;
    auto pool = pool_of({key_named("a")}, options);
    const auto a = lease_of(pool, start);
    pool.replace_keys({});
    EXPECT_TRUE(busy_of(pool, start).hopeless);
    EXPECT_EQ(pool.replace_keys({key_named("a")}).size(), 1U);
    EXPECT_FALSE(busy_of(pool, start).hopeless);
    pool.release(a);
    EXPECT_EQ(next_key(pool, start), "a");
}

TEST(KeyPool, WhatIsKnownOfAProjectOutlivesAReload) {
    auto pool = pool_of({key_named("a", "p")});
    pool.report(lease_of(pool, start), Throttled{9s}, start);
    pool.replace_keys({key_named("b", "p")});
    EXPECT_EQ(busy_of(pool, start).again, start + 9s);
    pool.replace_keys({key_named("b", "q")});
    EXPECT_EQ(next_key(pool, start), "b");
}

TEST(KeyPool, ALabelHoldsNothingOfTheKey) {
    auto pool = pool_of({key_named("sk-secret-1"), key_named("sk-secret-2", "proj_x")});
    EXPECT_EQ(pool.status(start)[0].label, "key 1");
    EXPECT_EQ(pool.status(start)[1].label, "key 2 of proj_x");
}

}  // namespace
}  // namespace voicectl::test
