// SPDX-License-Identifier: Apache-2.0
// The sessions that wait for a key. Bounded, first come first served within a tenant, and tenants take turns:
// between two grants of one, each other has one; before its first, each other has at most two, and a single
// other one. However a tenant storms, the others wait for its turns and not for its crowd. Who waits is told
// its place, and has exactly one end: granted, timed out, or left. A value; time comes as an argument. Each
// operation costs the logarithm of how many wait. One thread.
#pragma once

#include "base/time.hpp"
#include "upstream/grant_rate.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace voicectl::upstream {

/// Grows with every one that joins.
using WaiterId = std::uint64_t;

struct WaitingLineOptions {
    std::chrono::milliseconds timeout{30'000};  ///< 0: nobody waits
    std::size_t waiters_max = 1000;             ///< one more is refused
    std::size_t tenant_waiters_max = 100;       ///< of one tenant; one more is refused
    std::chrono::milliseconds notice_interval{1'000};
};

struct Place {
    WaiterId waiter = 0;
    std::size_t position = 1;          ///< 1: the next grant is theirs, if nobody else comes
    std::chrono::milliseconds eta{0};  ///< at most what is left until the deadline
};

/// The line is full, for everybody or for this tenant.
struct LineFull {
    bool tenant = false;
    std::chrono::milliseconds retry_after{0};
};

struct TimedOut {
    WaiterId waiter = 0;
    std::chrono::milliseconds retry_after{0};
};

class WaitingLine {
 public:
    explicit WaitingLine(WaitingLineOptions options = {}) : options_(options) {}

    /// For a reload. Who waits keeps the deadline they have; nobody is sent away.
    void replace_options(WaitingLineOptions options) noexcept { options_ = options; }

    std::variant<Place, LineFull> join(const std::string& tenant, base::Time now);
    /// The end of whoever's turn it is, be it past their deadline; nothing if nobody waits.
    std::optional<WaiterId> grant(base::Time now);
    /// The waiter has gone. False if they had their end before.
    bool leave(WaiterId waiter);
    /// The end of those whose deadline has come.
    std::vector<TimedOut> expire(base::Time now);

    /// Whoever's place or estimate is not what they were told, and were not told within the interval.
    std::vector<Place> notices(base::Time now);
    /// When expire() or notices() may have something; nothing if nobody waits.
    std::optional<base::Time> next_event() const noexcept;

    std::size_t size() const noexcept { return waiters_.size(); }
    bool empty() const noexcept { return waiters_.empty(); }

 private:
    /// A set that knows how many of its elements are less than another.
    template <class T>
    using RankedSet = __gnu_pbds::tree<T, __gnu_pbds::null_type, std::less<T>, __gnu_pbds::rb_tree_tag,
                                       __gnu_pbds::tree_order_statistics_node_update>;
    /// A grant to come. Tenants, not waiters, hold turns: one in each round from the tenant's first on.
    struct Turn {
        std::uint64_t round;
        std::uint64_t tenant;
        auto operator<=>(const Turn&) const = default;
    };
    struct Tenant {
        std::string name;
        std::uint64_t first_round = 0;
        RankedSet<WaiterId> waiters;
    };
    struct Waiter {
        std::uint64_t tenant;
        base::Time deadline;
        base::Time look_at;  ///< when the place is compared with what was told
        Place told;
        base::Time told_at;
    };

    std::uint64_t enter(const std::string& tenant);
    /// With the tenant's last turn.
    void give_up(WaiterId waiter);
    /// All but the turn.
    void remove(WaiterId waiter);
    Place place_of(WaiterId waiter, const Waiter& of, base::Time now) const;
    std::chrono::milliseconds retry_after(std::size_t position, base::Time now) const;

    WaitingLineOptions options_;
    std::unordered_map<WaiterId, Waiter> waiters_;
    std::map<std::string, std::uint64_t, std::less<>> numbers_;  ///< of the tenants that wait
    std::unordered_map<std::uint64_t, Tenant> tenants_;
    RankedSet<Turn> turns_;
    std::set<Turn> first_turns_;  ///< of each tenant
    std::set<std::pair<base::Time, WaiterId>> deadlines_;
    std::set<std::pair<base::Time, WaiterId>> looks_;
    GrantRate rate_;
    WaiterId last_waiter_ = 0;
    std::uint64_t last_tenant_ = 0;
};

}  // namespace voicectl::upstream
