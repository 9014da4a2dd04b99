// SPDX-License-Identifier: Apache-2.0
// Leases on the slots of upstream keys. Keys of one project share their limits: they are a group, which has
// as many slots as it carries sessions at once, over all gateways. A session takes a lease before it uses a
// key, renews it while it lives, and gives it back; what nobody renews ends by itself, and so a gateway that
// died holds nothing for longer than the leases' time.
//
// Two kinds of store: the memory of this process, for a gateway alone, and Redis (redis_key_leases.hpp), for
// several. An implementation lives on one worker's thread.
#pragma once

#include "net/task.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace voicectl::storage {

/// What is asked for. The number of slots is the asker's: after a change of configuration the newest counts.
struct LeaseTerms {
    std::string group;
    unsigned slots = 0;
    std::string holder;                     ///< the gateway's name, for people who look into the store
    std::chrono::milliseconds ttl{30'000};  ///< it ends so long after the last renewal; renew at a third

    LeaseTerms() = default;
    LeaseTerms(std::string of_group, unsigned with_slots, std::string for_holder,
               std::chrono::milliseconds life)
        : group(std::move(of_group)), slots(with_slots), holder(std::move(for_holder)), ttl(life) {}
};

struct Lease {
    LeaseTerms terms;
    std::string id;           ///< opaque; never given twice
    std::uint64_t fence = 0;  ///< grows with every lease of the group: of two who claim, the greater is right

    Lease() = default;
    Lease(LeaseTerms on, std::string with_id, std::uint64_t with_fence)
        : terms(std::move(on)), id(std::move(with_id)), fence(with_fence) {}
};

class KeyLeases {
 public:
    virtual ~KeyLeases() = default;

    /// Errc::overloaded: every slot is taken. ::unavailable: the store is away, and this gateway has none to
    /// spare.
    virtual net::Task<base::Result<Lease>> acquire(LeaseTerms terms) = 0;
    /// The lease as it is now. One that ended meanwhile is taken again, under a new fencing number, where
    /// there is room; where there is none, Errc::overloaded: it is lost. While the store is away the lease
    /// stands as it is.
    virtual net::Task<base::Result<Lease>> renew(Lease lease) = 0;
    /// Gives it back; never fails: what cannot be given back ends by itself.
    virtual net::Task<void> release(Lease lease) = 0;
};

/// The time since some fixed moment.
using LeaseClock = std::function<std::chrono::milliseconds()>;

/// For one gateway with one worker. Without a clock, the system's monotonic one.
std::unique_ptr<KeyLeases> make_memory_key_leases(LeaseClock clock = nullptr);

/// Errc::overloaded, as every kind of store says it.
base::Error no_room(const LeaseTerms& terms);

/// A new lease's id: the holder's name, and what makes it unique.
std::string make_lease_id(const std::string& holder);

}  // namespace voicectl::storage
