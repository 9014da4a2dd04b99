// SPDX-License-Identifier: Apache-2.0
// Leases that gateways share through Redis: never more than slots, and what becomes of them without it.
#include "storage/redis_key_leases.hpp"

#include "storage/redis_fixture.hpp"

#include <fmt/format.h>

#include <map>
#include <random>
#include <regex>
#include <sstream>

namespace voicectl::storage {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using net::Task;
using tests::must;
using tests::Process;
using tests::RedisServer;

/// A gateway as far as leases go: a connection of its own, and what its sessions hold.
struct Node {
    Node(net::Executor executor, RedisOptions with, RedisLeaseOptions options, std::string called)
        : name(std::move(called)),
          redis(executor, std::move(with)),
          leases(make_redis_key_leases(redis, options)) {}

    std::string name;
    RedisConnection redis;
    std::unique_ptr<KeyLeases> leases;
    std::vector<Lease> held;
};

class RedisKeyLeases : public tests::RedisTest {
 protected:
    static constexpr unsigned slots = 5;
    static constexpr std::chrono::milliseconds ttl{30'000};

    std::unique_ptr<Node> node(const RedisServer& server, const std::string& name, bool own_clock = true) {
        RedisLeaseOptions with;
        with.timeout = ample;
        if (own_clock) with.clock = [this] { return now_; };
        return std::make_unique<Node>(io_.get_executor(), options(server.url()), with, name);
    }
    static LeaseTerms terms(const Node& of, unsigned of_slots = slots) {
        return LeaseTerms("group", of_slots, of.name, ttl);
    }

    std::chrono::milliseconds now_{1'000'000};
};

/// What Redis itself says that it did to the leases, in its order: the most that lived at once, and how many
/// were ever taken.
struct LeaseLog {
    explicit LeaseLog(const std::string& monitor) {
        static const std::regex line(
            R"re(\[0 [^\]]*\] "(ZADD|ZREM|ZREMRANGEBYSCORE)" "[^"]*:leases" (.*))re");
        std::istringstream lines(monitor);
        for (std::string text; std::getline(lines, text);)
            if (std::smatch found; std::regex_search(text, found, line)) apply(found[1], words(found[2]));
    }

    std::size_t most = 0;
    std::size_t taken = 0;
    std::size_t expired = 0;

 private:
    static std::vector<std::string> words(const std::string& quoted) {
        std::vector<std::string> all;
        std::istringstream text(quoted);
        for (std::string word; text >> word;)
            all.push_back(word.substr(1, word.size() - 2));
        return all;
    }
    void apply(const std::string& command, const std::vector<std::string>& words) {
        if (command == "ZADD") taken += ends_.insert_or_assign(words[1], std::stoll(words[0])).second ? 1 : 0;
        if (command == "ZREM")
            for (const auto& id : words)
                ends_.erase(id);
        if (command == "ZREMRANGEBYSCORE")
            expired +=
                std::erase_if(ends_, [&](const auto& lease) { return lease.second <= std::stoll(words[1]); });
        most = std::max(most, ends_.size());
    }
    std::map<std::string, long long> ends_;
};

TEST_F(RedisKeyLeases, AreNeverMoreThanSlotsUnderThreeNodesThatDieAtRandom) {
    const RedisServer server;
    Process monitor({"redis-cli", "-s", server.socket(), "monitor"});
    ASSERT_TRUE(monitor.says("OK"));
    std::mt19937 random(20'261'125);
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    const auto session = [&](Node& on) -> Task<void> {
        for (int step = 0; step < 60; ++step) {
            // Concurrent sessions of a node share its leases; each takes out what it works on.
            if (!on.held.empty() && chance(60)) {
                auto lease = on.held.back();
                on.held.pop_back();
                if (chance(50)) {
                    co_await on.leases->release(std::move(lease));
                } else if (auto renewed = co_await on.leases->renew(std::move(lease)); renewed) {
                    on.held.push_back(*renewed);
                }
            } else if (auto lease = co_await on.leases->acquire(terms(on)); lease) {
                on.held.push_back(*lease);
            }
            now_ += std::chrono::milliseconds(random() % 500);
        }
    };
    run([&]() -> Task<void> {
        for (int life = 0; life < 10; ++life) {
            // Each life ends with what it holds: the nodes died without a word.
            std::vector<std::unique_ptr<Node>> nodes;
            for (const auto* name : {"a", "b", "c"})
                nodes.push_back(node(server, fmt::format("node-{}{}", name, life)));
            for (const auto& each : nodes)
                must(co_await each->redis.ready(ample));
            co_await all(12,
                         [&](int number) { return session(*nodes[static_cast<std::size_t>(number) % 3]); });
        }
        Node last(io_.get_executor(), options(server.url()), {}, "last");
        must(co_await last.redis.ready(ample));
        Command mark("ECHO", "all-was-said");
        co_await ask(last.redis, std::move(mark));
    });
    ASSERT_TRUE(monitor.says("all-was-said"));
    const LeaseLog log(monitor.said());
    EXPECT_EQ(log.most, slots);
    EXPECT_GT(log.taken, 500U);
    EXPECT_GT(log.expired, 10U);
}

TEST_F(RedisKeyLeases, EndByTheClockOfRedis) {
    const RedisServer server;
    run([&]() -> Task<void> {
        const auto one = node(server, "one", false);
        must(co_await one->redis.ready(ample));
        auto past = terms(*one, 1);
        past.ttl = 0ms;
        must(co_await one->leases->acquire(past));
        const auto lease = must(co_await one->leases->acquire(terms(*one, 1)));
        EXPECT_GT(lease.fence, 1'700'000'000'000U) << "a fencing number is at least the time";
        EXPECT_FALSE(co_await one->leases->acquire(terms(*one, 1)));
        Command left("PTTL", "voicectl:{key:group}:leases");
        const auto life = (co_await ask(one->redis, std::move(left))).integer;
        EXPECT_GT(life, 30'000);
        EXPECT_LE(life, 90'000);
    });
}

TEST_F(RedisKeyLeases, GoOnWithinTheShareOfTheNodeWhileRedisIsAway) {
    RedisServer server;
    run([&]() -> Task<void> {
        const auto one = node(server, "one");
        must(co_await one->redis.ready(ample));
        const auto first = must(co_await one->leases->acquire(terms(*one)));
        const auto second = must(co_await one->leases->acquire(terms(*one)));
        server.kill();
        const auto stands = must(co_await one->leases->renew(first));
        EXPECT_EQ(stands.fence, first.fence);
        EXPECT_EQ((co_await one->leases->acquire(terms(*one))).error().code, Errc::unavailable);
        co_await one->leases->release(second);
        const auto third = must(co_await one->leases->acquire(terms(*one)));
        EXPECT_EQ(third.id, second.id) << "what one session gave back, the next takes over";
        EXPECT_EQ((co_await one->leases->acquire(terms(*one))).error().code, Errc::unavailable);
    });
}

TEST_F(RedisKeyLeases, AreTakenAgainFromARedisThatForgotThem) {
    RedisServer server;
    run([&]() -> Task<void> {
        const auto one = node(server, "one");
        const auto two = node(server, "two");
        must(co_await one->redis.ready(ample));
        const auto lease = must(co_await one->leases->acquire(terms(*one, 1)));
        server.kill();
        while (co_await one->leases->acquire(terms(*one, 1))) {
        }
        EXPECT_FALSE(one->redis.up());
        server.restart();
        must(co_await one->redis.ready(ample));
        must(co_await two->redis.ready(ample));
        now_ += 1ms;
        const auto again = must(co_await one->leases->renew(lease));
        EXPECT_EQ(again.id, lease.id);
        EXPECT_GT(again.fence, lease.fence) << "Redis forgot the number, and gives a greater one";
        EXPECT_EQ((co_await two->leases->acquire(terms(*two, 1))).error().code, Errc::overloaded);
    });
}

TEST_F(RedisKeyLeases, AreGivenBackWhenRedisReturns) {
    RedisServer server;
    run([&]() -> Task<void> {
        const auto one = node(server, "one");
        must(co_await one->redis.ready(ample));
        std::vector<Lease> held;
        for (unsigned i = 0; i < slots; ++i)
            held.push_back(must(co_await one->leases->acquire(terms(*one))));
        // A user who may do nothing: Redis stays, and refuses.
        Command forbid("ACL", "SETUSER", "default", "-zrem");
        co_await ask(one->redis, std::move(forbid));
        for (const auto& lease : held)
            co_await one->leases->release(lease);
        Command allow("ACL", "SETUSER", "default", "+zrem");
        co_await ask(one->redis, std::move(allow));
        must(co_await one->leases->acquire(terms(*one)));
        Command count("ZCARD", "voicectl:{key:group}:leases");
        EXPECT_EQ((co_await ask(one->redis, std::move(count))).integer, 1);
    });
}

}  // namespace
}  // namespace voicectl::storage
