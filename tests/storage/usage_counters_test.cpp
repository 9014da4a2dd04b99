// SPDX-License-Identifier: Apache-2.0
#include "storage/usage_counters.hpp"

#include "storage/redis_fixture.hpp"

#include <fmt/format.h>

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
    /// The total after it: "120 tokens, 2000 ms".
    static Task<std::string> add(UsageCounters& to, std::string tenant, std::chrono::sys_days day,
                                 std::int64_t tokens, std::chrono::milliseconds audio) {
        const Usage used{tokens, audio};
        const auto total = co_await to.add(std::move(tenant), day, used);
        co_return fmt::format("{} tokens, {} ms", total.tokens, total.audio.count());
    }
};

TEST_F(UsageCountersTest, CountEachTenantAndDayByItself) {
    both([](UsageCounters& counters) -> Task<void> {
        EXPECT_EQ(co_await add(counters, "ann", today, 100, 1'500ms), "100 tokens, 1500 ms");
        EXPECT_EQ(co_await add(counters, "bob", today, 7, 0ms), "7 tokens, 0 ms");
        EXPECT_EQ(co_await add(counters, "ann", today, 20, 500ms), "120 tokens, 2000 ms");
        EXPECT_EQ(co_await add(counters, "ann", tomorrow, 0, 0ms), "0 tokens, 0 ms");
        EXPECT_EQ(co_await add(counters, "bob", tomorrow, 1, 1ms), "1 tokens, 1 ms");
    });
}

TEST_F(UsageCountersTest, AddUpOverGateways) {
    const RedisServer server;
    with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
        RedisConnection other(io_.get_executor(), options(server.url()));
        must(co_await other.ready(ample));
        const auto one = make_redis_usage_counters(redis, ample);
        const auto two = make_redis_usage_counters(other, ample);
        const auto work = [&](int number) -> Task<void> {
            co_await add(number % 2 == 0 ? *one : *two, "ann", today, 1, 10ms);
        };
        co_await all(100, work);
        EXPECT_EQ(co_await add(*one, "ann", today, 0, 0ms), "100 tokens, 1000 ms");
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
        EXPECT_EQ(co_await add(*counters, "ann", today, 1, 0ms), "101 tokens, 1000 ms");
        EXPECT_FALSE(redis.up());
        EXPECT_EQ(co_await add(*counters, "ann", today, 10, 1s), "111 tokens, 2000 ms");
        EXPECT_EQ(co_await add(*counters, "ann", today, 10, 1s), "121 tokens, 3000 ms");
        server.restart();
        must(co_await redis.ready(ample));
        EXPECT_EQ(co_await add(*counters, "ann", today, 3, 0ms), "23 tokens, 2000 ms")
            << "Redis forgot the rest";
    });
}

TEST_F(UsageCountersTest, LiveWithAKeyThatSomebodyElseWrote) {
    const RedisServer server;
    with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
        Command set("SET", "voicectl:{tenant:ann}:usage:2026-11-25", "no hash");
        co_await ask(redis, std::move(set));
        const auto counters = make_redis_usage_counters(redis, ample);
        co_await add(*counters, "ann", today, 5, 0ms);
        EXPECT_EQ(co_await add(*counters, "ann", today, 5, 0ms), "10 tokens, 0 ms");
    });
}

}  // namespace
}  // namespace voicectl::storage
