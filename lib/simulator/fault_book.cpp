// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault_book.hpp"

#include "simulator/digest.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace voicectl::simulator {
namespace {

constexpr std::size_t armed_max = 10'000;

base::Time ripe_at(const FaultBook::Armed& one, const FaultTarget& target) {
    return std::max(one.since, target.began) + one.fault.after;
}

bool is_for(const Fault& fault, const FaultTarget& target) {
    return (fault.session.empty() || fault.session == target.session) &&
           (fault.key.empty() || names_key(fault.key, target.key));
}

}  // namespace

std::string label_of(std::string_view key) {
    Digest digest;
    digest.add(std::as_bytes(std::span(key)));
    return "key_" + digest.hex().substr(0, 12);
}

bool names_key(std::string_view given, std::string_view key) {
    return given == key || (given.starts_with("key_") && given == label_of(key));
}

FaultBook::FaultBook(const std::vector<Fault>& faults, base::Time now) {
    for (const auto& fault : faults)
        armed_.push_back({++last_id_, fault, now, 0});
}

base::Result<std::uint64_t> FaultBook::arm(Fault fault, base::Time now) {
    if (armed_.size() >= armed_max)
        return base::fail(base::Errc::overloaded, "{} faults are armed already", armed_.size());
    armed_.push_back({++last_id_, std::move(fault), now, 0});
    return last_id_;
}

std::size_t FaultBook::clear(std::string_view name) {
    return std::erase_if(
        armed_, [name](const Armed& one) { return name.empty() || row_of(one.fault.kind).name == name; });
}

/// Counts a strike, and forgets a fault that has struck often enough.
Fault FaultBook::spend(std::size_t index) {
    auto& one = armed_[index];
    auto fault = one.fault;
    ++one.struck;
    if (fault.times != 0 && one.struck >= fault.times)
        armed_.erase(armed_.begin() + static_cast<std::ptrdiff_t>(index));
    return fault;
}

std::optional<Fault> FaultBook::strike_connection(std::string_view key, base::Time now) {
    for (std::size_t i = 0; i < armed_.size(); ++i) {
        const auto& [id, fault, since, struck] = armed_[i];
        if (row_of(fault.kind).strikes != Strikes::connection || now < since + fault.after) continue;
        if (fault.key.empty() || names_key(fault.key, key)) return spend(i);
    }
    return std::nullopt;
}

std::vector<Fault> FaultBook::strike_reply(const FaultTarget& target, unsigned number, std::string_view heard,
                                           base::Time now) {
    std::vector<Fault> striking;
    for (std::size_t i = 0; i < armed_.size();) {
        const auto before = armed_.size();
        const auto& one = armed_[i];
        const auto& fault = one.fault;
        const auto strikes = row_of(fault.kind).strikes;
        const bool for_replies =
            strikes == Strikes::reply || (strikes == Strikes::session && fault.waits_for_reply());
        if (for_replies && is_for(fault, target) && now >= ripe_at(one, target) &&
            (fault.turn == 0 || fault.turn == number) &&
            (fault.when.empty() || boost::icontains(heard, fault.when)))
            striking.push_back(spend(i));
        if (armed_.size() == before) ++i;
    }
    return striking;
}

bool FaultBook::waits_for(const Armed& one, const FaultTarget& target, bool replying) const {
    const auto& fault = one.fault;
    const auto strikes = row_of(fault.kind).strikes;
    if (strikes == Strikes::connection || fault.waits_for_reply()) return false;
    // A reply that has begun cannot begin later.
    if (strikes == Strikes::reply && (!replying || fault.kind == FaultKind::slow_first_token)) return false;
    return is_for(fault, target) && !target.struck.contains(one.id);
}

std::optional<Fault> FaultBook::strike_now(FaultTarget& target, bool replying, base::Time now) {
    for (std::size_t i = 0; i < armed_.size(); ++i) {
        const auto& one = armed_[i];
        if (!waits_for(one, target, replying) || now < ripe_at(one, target)) continue;
        // For ever means every session, not one session for ever.
        if (row_of(one.fault.kind).strikes == Strikes::session) target.struck.insert(one.id);
        return spend(i);
    }
    return std::nullopt;
}

std::optional<base::Time> FaultBook::due(const FaultTarget& target, bool replying) const {
    std::optional<base::Time> next;
    for (const auto& one : armed_)
        if (waits_for(one, target, replying))
            next = std::min(next.value_or(base::Time::max()), ripe_at(one, target));
    return next;
}

}  // namespace voicectl::simulator
