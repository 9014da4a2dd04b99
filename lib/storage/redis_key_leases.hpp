// SPDX-License-Identifier: Apache-2.0
// Leases that several gateways share through one Redis. A group is a sorted set of lease ids by the time they
// end, on Redis' own clock, which alone counts; one script counts and adds in one step, so that two gateways
// never take the same slot. Both keys of a group carry one hash tag: `voicectl:{key:GROUP}:leases` and
// `…:fence`. On the worker's thread; what is said of a gateway holds of each of its workers.
//
// While Redis is away (down, stalled, loading, full, or it refuses this user) a gateway goes on with the
// leases it holds. One that a session gives back meanwhile is not given back but kept, and the next session
// takes it over: so a gateway carries on with the share it had, and all of them together never exceed the
// slots. It takes nothing beyond that share: acquire() fails with Errc::unavailable. To refuse everything
// would end calls for the failure of a counter; to count alone would let every gateway take all the slots,
// and then the upstream answers 429 to everybody. What remains is a gateway that alone lost Redis for longer
// than its leases live: the others take its slots while it goes on. That excess is at most what it held; the
// upstream's own 429 is the backstop, and ends with the first renewal that is answered.
#pragma once

#include "storage/key_leases.hpp"
#include "storage/redis_connection.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace voicectl::storage {

struct RedisLeaseOptions {
    std::chrono::milliseconds timeout{250};  ///< of a command
    LeaseClock clock;                        ///< instead of Redis' own, for tests
};

/// `redis` outlives it, and it outlives its calls.
std::unique_ptr<KeyLeases> make_redis_key_leases(RedisConnection& redis, RedisLeaseOptions options = {});

}  // namespace voicectl::storage
