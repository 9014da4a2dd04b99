// SPDX-License-Identifier: Apache-2.0
// What each tenant used on a day, for the limits of its policy: counted in the memory of this process, or in
// Redis over all gateways. They are no bill: the records are. An implementation lives on one worker's thread.
//
// While Redis is away a gateway goes on with the last total it heard and what it counted itself since, and
// adds the latter once Redis is back. What was on its way as the connection was lost is not sent again: a
// tenant is never refused for what it did not use.
#pragma once

#include "net/task.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace voicectl::storage {

class RedisConnection;

struct Usage {
    std::int64_t tokens = 0;
    std::chrono::milliseconds audio{0};  ///< of both directions

    Usage& operator+=(const Usage& more) noexcept {
        tokens += more.tokens;
        audio += more.audio;
        return *this;
    }
    friend Usage operator+(Usage a, const Usage& b) noexcept { return a += b; }
    friend bool operator==(const Usage&, const Usage&) = default;
};

class UsageCounters {
 public:
    virtual ~UsageCounters() = default;

    /// Adds to the tenant's use of a day (UTC), and gives the day's total as far as it is known: adding
    /// nothing asks for it. Never fails. A day before the last that was named is forgotten here.
    virtual net::Task<Usage> add(std::string tenant, std::chrono::sys_days day, Usage used) = 0;
};

/// For one gateway with one worker.
std::unique_ptr<UsageCounters> make_memory_usage_counters();

/// A hash `voicectl:{tenant:TENANT}:usage:YYYY-MM-DD` for each tenant and day, which goes two days after its
/// last use. `redis` outlives it, and it outlives its calls; `timeout` is of a command.
std::unique_ptr<UsageCounters> make_redis_usage_counters(
    RedisConnection& redis, std::chrono::milliseconds timeout = std::chrono::milliseconds(250));

}  // namespace voicectl::storage
