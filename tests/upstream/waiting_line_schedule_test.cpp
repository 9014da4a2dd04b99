// SPDX-License-Identifier: Apache-2.0
// Thousands of random schedules of who comes, goes and is granted: every end comes once, every place is true,
// and a storm delays nobody else by more than its turn.
#include "upstream/waiting_line.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using namespace upstream;

/// How many grants from now each one's is, by trying it on a copy.
std::map<WaiterId, std::size_t> true_positions(WaitingLine line) {
    std::map<WaiterId, std::size_t> positions;
    while (const auto waiter = line.grant(base::Time::max()))
        positions.try_emplace(*waiter, positions.size() + 1);
    return positions;
}

class Schedule {
 public:
    explicit Schedule(unsigned seed) : random_(seed), line_(options()) {}

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            now_ += std::chrono::milliseconds(random_() % 300);
            step();
            expire();
            listen();
            EXPECT_EQ(line_.size(), waiting_.size());
            EXPECT_LE(line_.size(), options_.waiters_max);
        }
    }
    /// Nobody is granted anything any more: each has an end all the same.
    void close() {
        now_ += options_.timeout;
        expire();
        EXPECT_TRUE(line_.empty());
        EXPECT_TRUE(waiting_.empty()) << "waits for ever";
    }

 private:
    struct Waiting {
        std::string tenant;
        base::Time deadline;
        std::size_t told;
        base::Time told_at;
        std::optional<base::Time> wrong_since{};
    };

    WaitingLineOptions options() {
        options_.timeout = std::chrono::milliseconds(random_() % 20'000 + 1);
        options_.waiters_max = random_() % 15 + 1;
        options_.tenant_waiters_max = random_() % 10 + 1;
        return options_;
    }
    void look_at(const Place& place, const std::map<WaiterId, std::size_t>& positions) {
        ASSERT_TRUE(waiting_.contains(place.waiter)) << "is told something after their end";
        auto& waiting = waiting_.at(place.waiter);
        EXPECT_EQ(place.position, positions.at(place.waiter));
        EXPECT_GE(place.eta, 0ms);
        EXPECT_LE(place.eta, waiting.deadline - now_ + 1ms);
        waiting.told = place.position;
        waiting.told_at = now_;
    }
    void join() {
        const auto tenant = std::to_string(random_() % 5);
        const auto of_tenant = static_cast<std::size_t>(std::ranges::count_if(
            waiting_, [&](const auto& entry) { return entry.second.tenant == tenant; }));
        const auto answer = line_.join(tenant, now_);
        if (const auto* full = std::get_if<LineFull>(&answer)) {
            EXPECT_EQ(full->tenant, waiting_.size() < options_.waiters_max);
            EXPECT_TRUE(!full->tenant || of_tenant == options_.tenant_waiters_max);
            EXPECT_GT(full->retry_after, 0ms);
            return;
        }
        EXPECT_LT(of_tenant, options_.tenant_waiters_max);
        const auto& place = std::get<Place>(answer);
        EXPECT_TRUE(
            waiting_.try_emplace(place.waiter, Waiting{tenant, now_ + options_.timeout, 0, now_}).second);
        look_at(place, true_positions(line_));
    }
    void end(WaiterId waiter) { EXPECT_EQ(waiting_.erase(waiter), 1U) << waiter << " has ended before"; }
    void expire() {
        for (const auto& ended : line_.expire(now_)) {
            EXPECT_LE(waiting_.at(ended.waiter).deadline, now_);
            EXPECT_GT(ended.retry_after, 0ms);
            end(ended.waiter);
        }
        for (const auto& [id, waiting] : waiting_)
            EXPECT_GT(waiting.deadline, now_) << id << " waits past their deadline";
    }
    void listen() {
        const auto positions = true_positions(line_);
        for (const auto& place : line_.notices(now_)) {
            EXPECT_GE(now_ - waiting_.at(place.waiter).told_at, 1s) << "told twice within a second";
            look_at(place, positions);
        }
        for (auto& [id, waiting] : waiting_) {
            const bool wrong = waiting.told != positions.at(id);
            waiting.wrong_since = wrong ? waiting.wrong_since.value_or(now_) : std::optional<base::Time>();
            EXPECT_LT(now_ - waiting.wrong_since.value_or(now_), 1s) << id << " is not told";
        }
        EXPECT_GT(line_.next_event().value_or(base::Time::max()), now_);
    }
    void step() {
        const auto choice = random_() % 10;
        if (choice < 5) return join();
        if (choice < 8) {
            const auto waiter = line_.grant(now_);
            EXPECT_EQ(waiter.has_value(), !waiting_.empty());
            if (waiter) end(*waiter);
            return;
        }
        const auto waiter = random_() % 200 + 1;
        const bool waits = waiting_.erase(waiter) > 0;
        EXPECT_EQ(line_.leave(waiter), waits);
    }

    std::mt19937 random_;
    base::Time now_{1000h};
    WaitingLineOptions options_;
    WaitingLine line_;
    std::map<WaiterId, Waiting> waiting_;
};

TEST(WaitingLineSchedules, EveryEndComesOnceAndEveryPlaceIsTrue) {
    for (unsigned seed = 0; seed < 2000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Schedule schedule(seed);
        schedule.run(150);
        schedule.close();
    }
}

/// Tenants that join, leave and storm as they like, and who got what.
class Storm {
 public:
    explicit Storm(unsigned seed, unsigned tenants) : random_(seed), tenants_(tenants) {}

    /// One grant, with whatever the others do before it. The tenant that got it; empty: nobody waited.
    std::string next() {
        for (auto busy = random_() % 6; busy > 0; --busy) {
            const auto tenant = "storm_" + std::to_string(random_() % tenants_);
            const auto answer = line_.join(tenant, now_);
            if (const auto* place = std::get_if<Place>(&answer)) of_[place->waiter] = tenant;
            // Leaving and coming back, under the same name, buys nothing.
            const auto gone = of_.begin();
            if (gone != of_.end() && random_() % 3 == 0 && gone->second != "quiet") {
                line_.leave(gone->first);
                of_.erase(gone);
            }
        }
        const auto waiter = line_.grant(now_);
        if (!waiter) return {};
        const auto tenant = of_.at(*waiter);
        of_.erase(*waiter);
        return tenant;
    }
    void join_quietly() { of_[std::get<Place>(line_.join("quiet", now_)).waiter] = "quiet"; }

 private:
    std::mt19937 random_;
    unsigned tenants_;
    base::Time now_{1000h};
    WaitingLine line_;
    std::map<WaiterId, std::string> of_;
};

TEST(WaitingLineSchedules, AStormDelaysAnotherByOneGrantAtMost) {
    for (unsigned seed = 0; seed < 3000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Storm storm(seed, 1);
        for (unsigned i = 0; i < seed % 30; ++i)
            storm.next();
        for (int call = 0; call < 10; ++call) {
            storm.join_quietly();
            int grants = 1;
            while (storm.next() != "quiet")
                ++grants;
            EXPECT_LE(grants, 2) << "alone it would have been one";
        }
    }
}

TEST(WaitingLineSchedules, BetweenTwoTurnsOfATenantEachOtherHasOne) {
    for (unsigned seed = 0; seed < 2000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Storm storm(seed, 6);
        for (unsigned i = 0; i < seed % 30; ++i)
            storm.next();
        for (int i = 0; i < 5; ++i)
            storm.join_quietly();
        for (int turn = 0; turn < 5; ++turn) {
            std::map<std::string, int> between;
            for (auto tenant = storm.next(); tenant != "quiet"; tenant = storm.next())
                ++between[tenant];
            for (const auto& [tenant, grants] : between)
                EXPECT_LE(grants, turn == 0 ? 2 : 1) << tenant;
        }
    }
}

}  // namespace
}  // namespace voicectl::test
