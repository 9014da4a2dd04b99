// SPDX-License-Identifier: Apache-2.0
#include "storage/usage_counters.hpp"

#include "storage/redis_fixture.hpp"

namespace voicectl::storage {
namespace {

using namespace std::chrono_literals;
using net::Task;
using tests::must;
using tests::RedisServer;

constexpr std::chrono::sys_days today = std::chrono::year{2026} / 11 / 25;
constexpr auto tomorrow = today + std::chrono::days(1);

class UsageCountersTest : public tests::RedisTest {
 protected:
    /// Runs `body(counters)` twice: in memory, and with Redis.
    template <class Body>
    void both(Body body) {
        run([&]() -> Task<void> {
            const auto counters = make_memory_usage_counters();
            co_await body(*counters);
        });
        const RedisServer server;
        with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
            const auto counters = make_redis_usage_counters(redis, ample);
            co_await body(*counters);
        });
    }
    static Task<Usage> add(UsageCounters& to, std::string tenant, std::chrono::sys_days day,
                           std::int64_t tokens, std::chrono::milliseconds audio) {
        return to.add(std::move(tenant), day, Usage{tokens, audio});
    }
};

TEST_F(UsageCountersTest, CountEachTenantAndDayByItself) {
    both([](UsageCounters& counters) -> Task<void> {
        EXPECT_EQ(co_await add(counters, "ann", today, 100, 1'500ms), (Usage{100, 1'500ms}));
        EXPECT_EQ(co_await add(counters, "bob", today, 7, 0ms), (Usage{7, 0ms}));
        EXPECT_EQ(co_await add(counters, "ann", today, 20, 500ms), (Usage{120, 2s}));
        EXPECT_EQ(co_await add(counters, "ann", tomorrow, 0, 0ms), Usage());
        EXPECT_EQ(co_await add(counters, "bob", tomorrow, 1, 1ms), (Usage{1, 1ms}));
    });
}

TEST_F(UsageCountersTest, AddUpOverGateways) {
    const RedisServer server;
    with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
        RedisConnection other(io_.get_executor(), options(server.url()));
        must(co_await other.ready(ample));
        const auto one = make_redis_usage_counters(redis, ample);
        const auto two = make_redis_usage_counters(other, ample);
        co_await all(100, [&](int number) -> Task<void> {
            co_await add(number % 2 == 0 ? *one : *two, "ann", today, 1, 10ms);
        });
        EXPECT_EQ(co_await add(*one, "ann", today, 0, 0ms), (Usage{100, 1s}));
        Command life("TTL", "voicectl:{tenant:ann}:usage:2026-11-25");
        EXPECT_GT((co_await ask(redis, std::move(life))).integer, 86'400);
    });
}

TEST_F(UsageCountersTest, GoOnByThemselvesWhileRedisIsAwayAndCatchUp) {
    RedisServer server;
    with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
        const auto counters = make_redis_usage_counters(redis, ample);
        co_await add(*counters, "ann", today, 100, 1s);
        server.kill();
        // On its way as the connection is lost: counted here, and not sent again.
        EXPECT_EQ(co_await add(*counters, "ann", today, 1, 0ms), (Usage{101, 1s}));
        EXPECT_FALSE(redis.up());
        EXPECT_EQ(co_await add(*counters, "ann", today, 10, 1s), (Usage{111, 2s}));
        EXPECT_EQ(co_await add(*counters, "ann", today, 10, 1s), (Usage{121, 3s}));
        server.restart();
        must(co_await redis.ready(ample));
        EXPECT_EQ(co_await add(*counters, "ann", today, 3, 0ms), (Usage{23, 2s})) << "Redis forgot the rest";
    });
}

TEST_F(UsageCountersTest, LiveWithAKeyThatSomebodyElseWrote) {
    const RedisServer server;
    with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
        Command set("SET", "voicectl:{tenant:ann}:usage:2026-11-25", "no hash");
        co_await ask(redis, std::move(set));
        const auto counters = make_redis_usage_counters(redis, ample);
        co_await add(*counters, "ann", today, 5, 0ms);
        EXPECT_EQ(co_await add(*counters, "ann", today, 5, 0ms), (Usage{10, 0ms}));
    });
}

}  // namespace
}  // namespace voicectl::storage
