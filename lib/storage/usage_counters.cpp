// SPDX-License-Identifier: Apache-2.0
#include "storage/usage_counters.hpp"

#include "storage/redis_script.hpp"

#include <fmt/format.h>

#include <unordered_map>
#include <utility>
#include <vector>

namespace voicectl::storage {
namespace {

/// Something of each tenant, for one day: as many as called on it.
template <class Counted>
class Today {
 public:
    /// Of a day that has passed, something that counts for nothing.
    Counted& of(const std::string& tenant, std::chrono::sys_days day) {
        if (day < day_) return passed_ = Counted();
        if (day > day_) tenants_.clear();
        day_ = day;
        return tenants_[tenant];
    }

 private:
    std::chrono::sys_days day_;
    std::unordered_map<std::string, Counted> tenants_;
    Counted passed_;
};

class MemoryUsageCounters final : public UsageCounters {
 public:
    net::Task<Usage> add(std::string tenant, std::chrono::sys_days day, Usage used) override {
        co_return today_.of(tenant, day) += used;
    }

 private:
    Today<Usage> today_;
};

const Script& add_script() {
    static const Script script(R"(
local tokens = redis.call('HINCRBY', KEYS[1], 'tokens', ARGV[1])
local audio = redis.call('HINCRBY', KEYS[1], 'audio_ms', ARGV[2])
redis.call('EXPIRE', KEYS[1], 172800)
return {tokens, audio})");
    return script;
}

std::string key_of(const std::string& tenant, std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    return fmt::format("voicectl:{{tenant:{}}}:usage:{:04}-{:02}-{:02}", tenant,
                       static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

class RedisUsageCounters final : public UsageCounters {
 public:
    RedisUsageCounters(RedisConnection& redis, std::chrono::milliseconds timeout)
        : redis_(redis), timeout_(timeout) {}

    net::Task<Usage> add(std::string tenant, std::chrono::sys_days day, Usage used) override {
        auto& before = today_.of(tenant, day);
        const Usage sent = std::exchange(before.unsent, Usage()) + used;
        std::vector<std::string> keys{key_of(tenant, day)};
        std::vector<std::string> amounts{std::to_string(sent.tokens), std::to_string(sent.audio.count())};
        const auto reply =
            co_await evaluate(redis_, add_script(), std::move(keys), std::move(amounts), timeout_);
        // The day may have passed meanwhile.
        auto& count = today_.of(tenant, day);
        if (reply && reply->elements.size() == 2)
            count.total = {reply->elements[0].integer, std::chrono::milliseconds(reply->elements[1].integer)};
        else if (!reply && is_unsent(reply.error()))
            count.unsent += sent;
        else
            count.total += sent;
        co_return count.total + count.unsent;
    }

 private:
    struct Count {
        Usage total;   ///< as Redis last said, and what it may have heard since
        Usage unsent;  ///< what it has certainly not heard
    };

    RedisConnection& redis_;
    std::chrono::milliseconds timeout_;
    Today<Count> today_;
};

}  // namespace

std::unique_ptr<UsageCounters> make_memory_usage_counters() {
    return std::make_unique<MemoryUsageCounters>();
}

std::unique_ptr<UsageCounters> make_redis_usage_counters(RedisConnection& redis,
                                                         std::chrono::milliseconds timeout) {
    return std::make_unique<RedisUsageCounters>(redis, timeout);
}

}  // namespace voicectl::storage
