// SPDX-License-Identifier: Apache-2.0
// What holds for leases in memory and in Redis alike, under a clock of the test's own.
#include "storage/key_leases.hpp"

#include "storage/lease_table.hpp"
#include "storage/redis_fixture.hpp"
#include "storage/redis_key_leases.hpp"

#include <set>

namespace voicectl::storage {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using net::Task;
using tests::must;
using tests::RedisServer;

class KeyLeasesTest : public tests::RedisTest {
 protected:
    /// Runs `body(leases)` twice: in memory, and with Redis.
    template <class Body>
    void both(Body body) {
        const auto clock = [this] { return now_; };
        run([&]() -> Task<void> {
            const auto leases = make_memory_key_leases(clock);
            co_await body(*leases);
        });
        const RedisServer server;
        with(options(server.url()), [&](RedisConnection& redis) -> Task<void> {
            RedisLeaseOptions options;
            options.timeout = ample;
            options.clock = clock;
            const auto leases = make_redis_key_leases(redis, options);
            co_await body(*leases);
        });
    }
    static LeaseTerms terms(const std::string& group = "group", unsigned slots = 3) {
        return LeaseTerms(group, slots, "node-1", 30s);
    }

    std::chrono::milliseconds now_{1'000'000};
};

TEST_F(KeyLeasesTest, GivesAsManyAsThereAreSlots) {
    both([](KeyLeases& leases) -> Task<void> {
        std::set<std::string> ids;
        std::uint64_t fence = 0;
        for (int i = 0; i < 3; ++i) {
            const auto lease = must(co_await leases.acquire(terms()));
            EXPECT_TRUE(lease.id.starts_with("node-1/")) << lease.id;
            EXPECT_TRUE(ids.insert(lease.id).second);
            EXPECT_GT(lease.fence, fence);
            fence = lease.fence;
        }
        EXPECT_EQ((co_await leases.acquire(terms())).error().code, Errc::overloaded);
        must(co_await leases.acquire(terms("another")));
    });
}

TEST_F(KeyLeasesTest, GivesAgainWhatWasReleased) {
    both([](KeyLeases& leases) -> Task<void> {
        const auto first = must(co_await leases.acquire(terms("group", 1)));
        EXPECT_FALSE(co_await leases.acquire(terms("group", 1)));
        co_await leases.release(first);
        co_await leases.release(first);
        const auto second = must(co_await leases.acquire(terms("group", 1)));
        EXPECT_GT(second.fence, first.fence);
        EXPECT_NE(second.id, first.id);
    });
}

TEST_F(KeyLeasesTest, EndsWithTheTimeOfAHolderThatDied) {
    both([this](KeyLeases& leases) -> Task<void> {
        must(co_await leases.acquire(terms("group", 1)));
        now_ += 29'999ms;
        EXPECT_FALSE(co_await leases.acquire(terms("group", 1)));
        now_ += 1ms;
        must(co_await leases.acquire(terms("group", 1)));
    });
}

TEST_F(KeyLeasesTest, LivesAsLongAsItIsRenewed) {
    both([this](KeyLeases& leases) -> Task<void> {
        auto lease = must(co_await leases.acquire(terms("group", 1)));
        for (int i = 0; i < 10; ++i) {
            now_ += 20s;
            const auto renewed = must(co_await leases.renew(lease));
            EXPECT_EQ(renewed.id, lease.id);
            EXPECT_EQ(renewed.fence, lease.fence);
            EXPECT_FALSE(co_await leases.acquire(terms("group", 1)));
        }
    });
}

TEST_F(KeyLeasesTest, ThatEndedIsTakenAgainOnlyWhereThereIsRoom) {
    both([this](KeyLeases& leases) -> Task<void> {
        auto lease = must(co_await leases.acquire(terms("group", 1)));
        now_ += 30s;
        const auto again = must(co_await leases.renew(lease));
        EXPECT_EQ(again.id, lease.id);
        EXPECT_GT(again.fence, lease.fence);
        now_ += 30s;
        const auto other = must(co_await leases.acquire(terms("group", 1)));
        EXPECT_EQ((co_await leases.renew(again)).error().code, Errc::overloaded);
        EXPECT_GT(other.fence, again.fence);
    });
}

TEST_F(KeyLeasesTest, FollowTheNewestNumberOfSlots) {
    both([](KeyLeases& leases) -> Task<void> {
        const auto first = must(co_await leases.acquire(terms("group", 2)));
        must(co_await leases.acquire(terms("group", 2)));
        EXPECT_FALSE(co_await leases.acquire(terms("group", 1)));
        // Who has one keeps it.
        must(co_await leases.renew(first));
        must(co_await leases.acquire(terms("group", 3)));
    });
}

TEST(LeaseTable, CountsTheLiving) {
    LeaseTable table;
    const LeaseTerms terms("group", 2, "node-1", 10ms);
    const auto first = must(table.acquire(terms, 0ms));
    must(table.acquire(terms, 5ms));
    EXPECT_EQ(table.live("group", 9ms), 2U);
    EXPECT_EQ(table.live("group", 10ms), 1U);
    EXPECT_EQ(table.live("group", 15ms), 0U);
    table.release(first);
    EXPECT_EQ(table.live("none", 0ms), 0U);
}

}  // namespace
}  // namespace voicectl::storage
