// SPDX-License-Identifier: Apache-2.0
// Which key of the upstream a session gets. Keys in groups (those of one project share its limits), bounded
// in sessions at once, chosen by least load; a key that the upstream refuses is out until a reload, one that
// fails has a circuit breaker. A value: time comes as an argument, what is worth a line in the log comes out
// as an event, and an event never holds a key. One thread.
#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"
#include "upstream/breaker.hpp"
#include "upstream/group_limits.hpp"
#include "upstream/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace voicectl::upstream {

struct KeyOptions {
    base::Secret key;
    std::string project;  ///< empty: the key is a group of its own
    int weight = 1;
    /// The project's; where its keys differ, the least counts.
    Budget budget;
};

struct KeyPoolOptions {
    int key_leases_max = 0;    ///< sessions at once with one key; 0: no limit
    int group_leases_max = 0;  ///< sessions at once with the keys of one project; 0: no limit
    BreakerOptions breaker;
    GroupLimitsOptions limits;
};

/// The right to one session with one key, from acquire() to release().
struct Lease {
    std::uint64_t id = 0;   ///< grows with every lease
    std::uint64_t key = 0;  ///< for KeyPool::key(); stays the same over a reload

    friend bool operator==(const Lease&, const Lease&) = default;
};

/// No key has room.
struct Busy {
    /// When it may be worth asking again; nothing: not before a lease is released or the keys are replaced.
    std::optional<base::Time> again;
    /// Every key is out: waiting is of no use.
    bool hopeless = false;
};

struct KeyTakenOut {
    std::string key;  ///< its label, here and below
    KeyFault fault;
};
struct BreakerOpened {
    std::string key;
    base::Duration span;
};
struct BreakerClosed {
    std::string key;
};
struct GroupLimited {
    std::string group;  ///< the project, or the label of a key without one
    base::Duration span;
};
struct KeyAdded {
    std::string key;
};
/// Was out, and is tried again.
struct KeyRestored {
    std::string key;
};
struct KeyRemoved {
    std::string key;
    int leases;  ///< that go on
};
using PoolEvent =
    std::variant<KeyTakenOut, BreakerOpened, BreakerClosed, GroupLimited, KeyAdded, KeyRestored, KeyRemoved>;

enum class KeyState { ready, limited, open, probing, out };

struct KeyStatus {
    std::string label;
    KeyState state;
    int leases;
};

class KeyPool {
 public:
    explicit KeyPool(KeyPoolOptions options = {}) : options_(options) {}

    /// These are the keys from now on; one that comes twice counts once. Leases of those that stay, and of
    /// those that go, stay counted; a key that was out is tried again.
    std::vector<PoolEvent> replace_keys(const std::vector<KeyOptions>& keys);

    std::variant<Lease, Busy> acquire(base::Time now);
    /// What the upstream said to the holder of a lease. One that is not held any more says nothing.
    std::vector<PoolEvent> report(const Lease& lease, const Outcome& outcome, base::Time now);
    /// False if it was released before.
    bool release(const Lease& lease);

    /// The key of a lease that is held.
    const KeyOptions& key(const Lease& lease) const { return keys_.at(lease.key).options; }
    std::size_t leases() const noexcept { return leases_.size(); }
    /// In the order of the keys, without those that a reload removed.
    std::vector<KeyStatus> status(base::Time now) const;

 private:
    /// The project, or the number of a key without one.
    using GroupId = std::pair<std::string, std::uint64_t>;
    struct Group {
        explicit Group(GroupLimitsOptions options) : limits(options) {}
        GroupLimits limits;
        int leases = 0;
    };
    struct Key {
        KeyOptions options;
        GroupId group;
        std::string label;
        std::size_t place = 0;  ///< among the keys as they were given
        int leases = 0;
        std::optional<KeyFault> out;
        bool removed = false;  ///< by a reload; stays as long as leases of it do
        Breaker breaker;

        bool usable() const noexcept { return !out && !removed; }
    };
    /// When the key may take a session: now or later, or nothing where no time is known.
    std::optional<base::Time> free_at(const Key& key, bool alone, base::Time now) const;
    bool better(const Key& a, const Key& b, base::Time now) const;
    bool every_breaker_open() const;
    void put(const KeyOptions& options, std::size_t place);
    void regroup();
    std::optional<PoolEvent> learn(Key& key, const Lease& lease, const Outcome& outcome, base::Time now);

    KeyPoolOptions options_;
    std::map<std::uint64_t, Key> keys_;
    std::map<GroupId, Group> groups_;
    std::unordered_map<std::uint64_t, std::uint64_t> leases_;  ///< their keys
    std::uint64_t last_key_ = 0;
    std::uint64_t last_lease_ = 0;
};

}  // namespace voicectl::upstream
