// SPDX-License-Identifier: Apache-2.0
// The faults that are armed, and which of them strikes whom and when. Shared by all sessions of a simulator;
// a fault is spent where it strikes. Bounded: when too many are armed, arming is refused. Time comes as
// arguments; one thread.
#pragma once

#include "base/time.hpp"
#include "simulator/fault.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::simulator {

/// A key as it may be shown: never the key itself, the same for the same key.
std::string label_of(std::string_view key);
/// Whether `given` is that key, or its label.
bool names_key(std::string_view given, std::string_view key);

/// A session as the faults see it.
struct FaultTarget {
    std::string session;
    std::string key;
    base::Time began;
    std::set<std::uint64_t> struck;  ///< what has struck it already, of those that are no reply's
};

class FaultBook {
 public:
    struct Armed {
        std::uint64_t id = 0;
        Fault fault;
        base::Time since;
        unsigned struck = 0;
    };

    FaultBook(const std::vector<Fault>& faults, base::Time now);

    /// The number it is known by. Errc::overloaded where too many are armed.
    base::Result<std::uint64_t> arm(Fault fault, base::Time now);
    /// Forgets those of that name, or all where it is empty; how many that were.
    std::size_t clear(std::string_view name);
    const std::vector<Armed>& armed() const noexcept { return armed_; }

    /// What strikes a connection of that key.
    std::optional<Fault> strike_connection(std::string_view key, base::Time now);
    /// What strikes the session's reply of that number, to a turn in which `heard` was said.
    std::vector<Fault> strike_reply(const FaultTarget& target, unsigned number, std::string_view heard,
                                    base::Time now);
    /// What strikes the session now, whatever it does; `replying`: or its reply, which is under way.
    std::optional<Fault> strike_now(FaultTarget& target, bool replying, base::Time now);
    /// When strike_now has something next.
    std::optional<base::Time> due(const FaultTarget& target, bool replying) const;

 private:
    bool waits_for(const Armed& one, const FaultTarget& target, bool replying) const;
    Fault spend(std::size_t index);

    std::vector<Armed> armed_;
    std::uint64_t last_id_ = 0;
};

}  // namespace voicectl::simulator
