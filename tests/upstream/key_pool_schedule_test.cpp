// SPDX-License-Identifier: Apache-2.0
// Thousands of random schedules of sessions that come, go and tell of the upstream, with reloads between
// them, held against a second book of the leases.
#include "upstream/key_pool.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using namespace upstream;

class Schedule {
 public:
    explicit Schedule(unsigned seed) : random_(seed), pool_(options()) { reload(); }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            now_ += std::chrono::milliseconds(random_() % 400);
            step();
            EXPECT_EQ(pool_.leases(), held_.size());
        }
    }
    /// Everybody goes: nothing is counted any more, and every key that is not out has room again.
    void all_go() {
        while (!held_.empty())
            release();
        EXPECT_EQ(pool_.leases(), 0U);
        for (const auto& key : pool_.status(now_))
            EXPECT_EQ(key.leases, 0) << key.label;
        now_ += 1h;
        for (auto left = keys_.size() - out_.size(); left > 0; --left) {
            const auto answer = pool_.acquire(now_);
            ASSERT_TRUE(std::holds_alternative<Lease>(answer)) << left << " keys have not been granted";
            out_.insert(pool_.key(std::get<Lease>(answer)).key.reveal());
            pool_.report(std::get<Lease>(answer), Refused{}, now_);
            pool_.release(std::get<Lease>(answer));
        }
    }

 private:
    struct Held {
        Lease lease;
        std::string key;
    };

    KeyPoolOptions options() {
        slots_ = static_cast<int>(random_() % 4 + 1);
        group_slots_ = static_cast<int>(random_() % 6 + 1);
        KeyPoolOptions options;
        options.key_leases_max = slots_;
        options.group_leases_max = group_slots_;
        options.breaker.failures_max = static_cast<int>(random_() % 3 + 1);
        return options;
    }
    void reload() {
        std::vector<KeyOptions> keys;
        keys_.clear();
        out_.clear();
        const auto count = random_() % 6;
        for (unsigned i = 0; i < count; ++i) {
            const auto name = "sk-" + std::to_string(random_() % 8);
            // A key stays with its project, as it does at the service.
            const auto project = name == "sk-0" ? "" : "proj_" + std::to_string(name.back() % 3);
            keys.push_back({base::Secret(name), project, static_cast<int>(random_() % 3 + 1), {}});
            keys_.try_emplace(name, keys.back());
            projects_[name] = project.empty() ? name : project;
        }
        for (const auto& event : pool_.replace_keys(keys))
            look_at(event);
    }
    int leases_of_key(const std::string& key) const {
        return static_cast<int>(
            std::ranges::count_if(held_, [&](const Held& held) { return held.key == key; }));
    }
    int leases_of_group(const std::string& group) const {
        return static_cast<int>(
            std::ranges::count_if(held_, [&](const Held& held) { return projects_.at(held.key) == group; }));
    }
    void acquire() {
        const auto answer = pool_.acquire(now_);
        if (const auto* busy = std::get_if<Busy>(&answer)) {
            EXPECT_GT(busy->again.value_or(base::Time::max()), now_);
            EXPECT_EQ(busy->hopeless, out_.size() == keys_.size());
            return;
        }
        const auto lease = std::get<Lease>(answer);
        const auto key = pool_.key(lease).key.reveal();
        EXPECT_TRUE(ids_.insert(lease.id).second) << "granted twice";
        EXPECT_TRUE(keys_.contains(key)) << "is not a key any more";
        EXPECT_FALSE(out_.contains(key)) << "was taken out";
        held_.push_back({lease, key});
        EXPECT_LE(leases_of_key(key), slots_);
        EXPECT_LE(leases_of_group(projects_.at(key)), group_slots_);
    }
    void release() {
        const auto place = held_.begin() + static_cast<std::ptrdiff_t>(random_() % held_.size());
        EXPECT_TRUE(pool_.release(place->lease));
        EXPECT_FALSE(pool_.release(place->lease));
        EXPECT_TRUE(pool_.report(place->lease, Refused{}, now_).empty()) << "of a lease that has ended";
        held_.erase(place);
    }
    Outcome outcome() {
        const RateLimit limit{100, static_cast<std::int64_t>(random_() % 100) - 5,
                              std::chrono::milliseconds(random_() % 3000)};
        switch (random_() % 12) {
            case 0:
                return Refused{random_() % 2 == 0 ? KeyFault::invalid_key : KeyFault::no_quota};
            case 1:
            case 2:
            case 3:
                return Failed{};
            case 4:
                return Throttled{std::chrono::milliseconds(random_() % 2000)};
            case 5:
                return LimitsUpdated{limit, {}};
            case 6:
                return LimitsUpdated{{}, limit};
            case 7:
                return Spent{100};
            case 8:
                return Indifferent{};
            default:
                return Connected{};
        }
    }
    void report() {
        const auto& held = held_[random_() % held_.size()];
        const auto said = outcome();
        if (std::holds_alternative<Refused>(said) && keys_.contains(held.key)) out_.insert(held.key);
        for (const auto& event : pool_.report(held.lease, said, now_))
            look_at(event);
    }
    static void look_at(const PoolEvent& event) {
        std::visit(
            [](const auto& what) {
                if constexpr (requires { what.key; }) {
                    EXPECT_EQ(what.key.find("sk-"), std::string::npos) << "shows the key";
                }
                if constexpr (requires { what.span; }) {
                    EXPECT_GT(what.span, base::Duration::zero());
                }
            },
            event);
    }
    void step() {
        const auto choice = random_() % 100;
        if (choice < 2) return reload();
        if (choice < 45 || held_.empty()) return acquire();
        if (choice < 70) return report();
        release();
    }

    std::mt19937 random_;
    base::Time now_{1000h};
    int slots_ = 0;
    int group_slots_ = 0;
    KeyPool pool_;
    std::map<std::string, KeyOptions> keys_;
    std::map<std::string, std::string> projects_;  ///< of every key that there ever was
    std::set<std::string> out_;
    std::set<std::uint64_t> ids_;
    std::vector<Held> held_;
};

TEST(KeyPoolSchedules, KeepTheBooks) {
    for (unsigned seed = 0; seed < 3000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Schedule schedule(seed);
        schedule.run(200);
        schedule.all_go();
    }
}

/// As many sessions as fit, some of which go: the least loaded key is the next one.
TEST(KeyPoolSchedules, TheLeastLoadedIsNext) {
    std::mt19937 random(7);
    for (int round = 0; round < 1000 && !testing::Test::HasFailure(); ++round) {
        SCOPED_TRACE(round);
        KeyPool pool;
        std::vector<KeyOptions> keys(random() % 5 + 1);
        for (std::size_t i = 0; i < keys.size(); ++i)
            keys[i] = {base::Secret(std::to_string(i)), "", static_cast<int>(random() % 4 + 1), {}};
        pool.replace_keys(keys);
        std::vector<Lease> held;
        std::vector<double> load(keys.size());
        for (int i = 0; i < 100; ++i) {
            if (!held.empty() && random() % 3 == 0) {
                std::swap(held[random() % held.size()], held.back());
                const auto key = std::stoul(pool.key(held.back()).key.reveal());
                load[key] -= 1.0 / keys[key].weight;
                pool.release(held.back());
                held.pop_back();
                continue;
            }
            held.push_back(std::get<Lease>(pool.acquire(base::Time(1h))));
            const auto key = std::stoul(pool.key(held.back()).key.reveal());
            EXPECT_LE(load[key], std::ranges::min(load) + 1e-9);
            load[key] += 1.0 / keys[key].weight;
        }
    }
}

/// When the upstream comes back after an outage of any length, a session finds it within the second, however
/// long the breakers have grown.
TEST(KeyPoolSchedules, AnUpstreamThatComesBackIsFoundAtOnce) {
    std::mt19937 random(3);
    for (int round = 0; round < 500 && !testing::Test::HasFailure(); ++round) {
        SCOPED_TRACE(round);
        KeyPool pool;
        std::vector<KeyOptions> keys(random() % 3 + 1);
        for (std::size_t i = 0; i < keys.size(); ++i)
            keys[i].key = base::Secret(std::to_string(i));
        pool.replace_keys(keys);
        const auto back = base::Time(1h) + std::chrono::seconds(random() % 300);
        auto now = base::Time(1h);
        while (true) {
            const auto answer = pool.acquire(now);
            if (const auto* lease = std::get_if<Lease>(&answer)) {
                if (now >= back) break;
                pool.report(*lease, Failed{}, now += 10ms);
                pool.release(*lease);
            } else {
                ASSERT_TRUE(std::get<Busy>(answer).again);
                now = *std::get<Busy>(answer).again;
            }
        }
        EXPECT_LE(now - back, 1s);
    }
}

}  // namespace
}  // namespace voicectl::test
