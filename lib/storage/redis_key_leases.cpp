// SPDX-License-Identifier: Apache-2.0
#include "storage/redis_key_leases.hpp"

#include "storage/redis_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace voicectl::storage {
namespace {

using base::Errc;
using base::fail;

// Renews the lease of an id, or takes one for it. Answers -1 where it stood, 0 where there is no room, or
// else the new fencing number. That number is at least the time: it grows even if Redis forgot the last one,
// which may therefore go after a day. The set goes some time after its last lease.
const Script& take_or_renew() {
    static const Script script(R"(
local leases, fence = KEYS[1], KEYS[2]
local id, slots, ttl, now = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
local number = -1
if not redis.call('ZSCORE', leases, id) then
    if redis.call('ZCARD', leases) >= slots then return 0 end
    number = math.max((tonumber(redis.call('GET', fence)) or 0) + 1, now)
    redis.call('SET', fence, string.format('%.0f', number), 'PX', 86400000)
end
redis.call('ZADD', leases, now + ttl, id)
if redis.call('PTTL', leases) < ttl + 60000 then redis.call('PEXPIRE', leases, ttl + 60000) end
return number)");
    return script;
}

std::string key_of(const std::string& group, std::string_view what) {
    return fmt::format("voicectl:{{key:{}}}:{}", group, what);
}

class RedisKeyLeases final : public KeyLeases {
 public:
    RedisKeyLeases(RedisConnection& redis, RedisLeaseOptions options)
        : redis_(redis), options_(std::move(options)) {}

    net::Task<base::Result<Lease>> acquire(LeaseTerms terms) override;
    net::Task<base::Result<Lease>> renew(Lease lease) override;
    net::Task<void> release(Lease lease) override;

 private:
    /// The script's answer; an error where Redis is away.
    net::Task<base::Result<std::int64_t>> ask(const Lease& lease);
    /// What was kept for want of a Redis, of one group, in one command.
    net::Task<void> give_back(std::string group);
    /// A lease without a fencing number if there is none.
    Lease take_spare(const std::string& group);
    void remember(Lease lease);

    RedisConnection& redis_;
    RedisLeaseOptions options_;
    std::vector<Lease> spare_;     ///< given back here, and still held there: at most what this gateway held
    std::vector<Lease> doubtful_;  ///< whether Redis has them is not known: nobody uses them
};

net::Task<base::Result<std::int64_t>> RedisKeyLeases::ask(const Lease& lease) {
    const auto& terms = lease.terms;
    const auto now = options_.clock ? std::to_string(options_.clock().count()) : std::string();
    std::vector<std::string> keys{key_of(terms.group, "leases"), key_of(terms.group, "fence")};
    std::vector<std::string> arguments{lease.id, std::to_string(terms.slots),
                                       std::to_string(terms.ttl.count()), now};
    auto reply =
        co_await evaluate(redis_, take_or_renew(), std::move(keys), std::move(arguments), options_.timeout);
    if (!reply) co_return reply.error();
    auto returned = give_back(terms.group);
    co_await std::move(returned);
    co_return reply->integer;
}

net::Task<base::Result<Lease>> RedisKeyLeases::acquire(LeaseTerms terms) {
    auto lease = take_spare(terms.group);
    const bool held = lease.fence != 0;
    if (!held) lease.id = make_lease_id(terms.holder);
    lease.terms = std::move(terms);
    const auto answer = co_await ask(lease);
    if (answer && *answer == 0) co_return no_room(lease.terms);
    if (answer && *answer > 0) lease.fence = static_cast<std::uint64_t>(*answer);
    if (answer || held) co_return lease;
    auto why =
        fail(Errc::unavailable, "no lease on the keys {}: {}", lease.terms.group, answer.error().detail);
    // Redis may have added it all the same.
    if (!is_unsent(answer.error())) remember(std::move(lease));
    co_return why;
}

net::Task<base::Result<Lease>> RedisKeyLeases::renew(Lease lease) {
    const auto answer = co_await ask(lease);
    if (answer && *answer == 0) co_return no_room(lease.terms);
    if (answer && *answer > 0) lease.fence = static_cast<std::uint64_t>(*answer);
    co_return lease;
}

net::Task<void> RedisKeyLeases::release(Lease lease) {
    Command remove("ZREM", key_of(lease.terms.group, "leases"), lease.id);
    const auto reply = co_await redis_.command(std::move(remove), options_.timeout);
    if (reply && !reply->is_error()) co_return;
    // Only what Redis has certainly not heard of is this gateway's to use again.
    if (reply || is_unsent(reply.error()))
        spare_.push_back(std::move(lease));
    else
        remember(std::move(lease));
}

Lease RedisKeyLeases::take_spare(const std::string& group) {
    const auto found =
        std::ranges::find_if(spare_, [&](const Lease& lease) { return lease.terms.group == group; });
    if (found == spare_.end()) return {};
    auto lease = std::move(*found);
    spare_.erase(found);
    return lease;
}

void RedisKeyLeases::remember(Lease lease) {
    // Beyond that they are left to end by themselves.
    constexpr std::size_t doubtful_max = 1'000;
    if (doubtful_.size() < doubtful_max) doubtful_.push_back(std::move(lease));
}

net::Task<void> RedisKeyLeases::give_back(std::string group) {
    if (spare_.empty() && doubtful_.empty()) co_return;
    std::vector<Lease> kept;
    for (auto* list : {&spare_, &doubtful_}) {
        const auto rest = std::ranges::stable_partition(
            *list, [&](const Lease& lease) { return lease.terms.group != group; });
        std::ranges::move(rest, std::back_inserter(kept));
        list->erase(rest.begin(), rest.end());
    }
    if (kept.empty()) co_return;
    const auto key = key_of(group, "leases");
    std::vector<std::string_view> words{"ZREM", key};
    for (const auto& lease : kept)
        words.push_back(lease.id);
    Command remove{std::span<const std::string_view>(words)};
    const auto reply = co_await redis_.command(std::move(remove), options_.timeout);
    if (reply && !reply->is_error()) co_return;
    for (auto& lease : kept)
        remember(std::move(lease));
}

}  // namespace

std::unique_ptr<KeyLeases> make_redis_key_leases(RedisConnection& redis, RedisLeaseOptions options) {
    return std::make_unique<RedisKeyLeases>(redis, std::move(options));
}

}  // namespace voicectl::storage
