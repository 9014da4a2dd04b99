// SPDX-License-Identifier: Apache-2.0
#include "upstream/key_pool.hpp"

#include <algorithm>
#include <tuple>

namespace voicectl::upstream {
namespace {

/// Where it stands in the settings: nothing of the key itself.
std::string label_of(const KeyOptions& options, std::size_t place) {
    auto label = fmt::format("key {}", place + 1);
    return options.project.empty() ? label : fmt::format("{} of {}", label, options.project);
}

bool is_full(int leases, int leases_max) {
    return leases_max > 0 && leases >= leases_max;
}

int least_limit(int a, int b) {
    return a > 0 && b > 0 ? std::min(a, b) : std::max(a, b);
}

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

// --- keys -----------------------------------------------------------------------------------------------

std::vector<PoolEvent> KeyPool::replace_keys(const std::vector<KeyOptions>& keys) {
    const auto before = std::exchange(keys_, {});
    // What is not among the new keys stays for the sake of its leases, removed.
    for (const auto& [id, key] : before)
        keys_.try_emplace(id, key).first->second.removed = true;
    for (std::size_t place = 0; place < keys.size(); ++place)
        put(keys[place], place);
    std::vector<PoolEvent> events;
    for (const auto& [id, key] : keys_) {
        const auto old = before.find(id);
        const bool was_there = old != before.end() && !old->second.removed;
        if (!key.removed && !was_there) events.emplace_back(KeyAdded{key.label});
        if (!key.removed && was_there && old->second.out) events.emplace_back(KeyRestored{key.label});
        if (key.removed && was_there) events.emplace_back(KeyRemoved{key.label, key.leases});
    }
    std::erase_if(keys_, [](const auto& entry) { return entry.second.removed && entry.second.leases == 0; });
    regroup();
    return events;
}

void KeyPool::put(const KeyOptions& options, std::size_t place) {
    auto known = std::ranges::find_if(
        keys_, [&](const auto& entry) { return entry.second.options.key == options.key; });
    if (known == keys_.end()) {
        known = keys_.try_emplace(++last_key_).first;
        known->second.breaker = Breaker(options_.breaker);
    } else if (!known->second.removed) {
        return;  // it stands further up, too
    }
    auto& key = known->second;
    if (std::exchange(key.out, std::nullopt)) key.breaker = Breaker(options_.breaker);
    key.options = options;
    key.options.weight = std::max(options.weight, 1);
    key.group = {options.project, options.project.empty() ? known->first : 0};
    key.label = label_of(options, place);
    key.place = place;
    key.removed = false;
}

void KeyPool::regroup() {
    auto before = std::exchange(groups_, {});
    std::map<GroupId, Budget> budgets;
    for (const auto& [id, key] : keys_) {
        auto [place, is_new] = groups_.try_emplace(key.group, options_.limits);
        if (const auto old = before.find(key.group); is_new && old != before.end())
            place->second.limits = old->second.limits;
        place->second.leases += key.leases;
        auto& budget = budgets[key.group];
        if (key.removed) continue;
        const auto& own = key.options.budget;
        budget.requests_per_minute = least_limit(budget.requests_per_minute, own.requests_per_minute);
        budget.tokens_per_minute = least_limit(budget.tokens_per_minute, own.tokens_per_minute);
    }
    for (auto& [id, group] : groups_)
        group.limits.set_budget(budgets[id]);
}

// --- leases ---------------------------------------------------------------------------------------------

bool KeyPool::every_breaker_open() const {
    return std::ranges::none_of(keys_, [](const auto& entry) {
        return entry.second.usable() && entry.second.breaker.state() == Breaker::State::closed;
    });
}

std::optional<base::Time> KeyPool::free_at(const Key& key, bool alone, base::Time now) const {
    const auto& group = groups_.at(key.group);
    if (is_full(key.leases, options_.key_leases_max)) return std::nullopt;
    if (is_full(group.leases, options_.group_leases_max)) return std::nullopt;
    const auto closes = key.breaker.free_at(alone);
    if (!closes) return std::nullopt;
    return std::max(*closes, group.limits.free_at(now));
}

bool KeyPool::better(const Key& a, const Key& b, base::Time now) const {
    const auto rank = [&](const Key& key) {
        return std::tuple(groups_.at(key.group).limits.room(now),
                          static_cast<double>(key.leases) / key.options.weight, -key.options.weight,
                          key.place);
    };
    return rank(a) < rank(b);
}

std::variant<Lease, Busy> KeyPool::acquire(base::Time now) {
    const bool alone = every_breaker_open();
    Busy busy{std::nullopt, true};
    std::map<std::uint64_t, Key>::iterator best = keys_.end();
    for (auto key = keys_.begin(); key != keys_.end(); ++key) {
        if (!key->second.usable()) continue;
        busy.hopeless = false;
        const auto free = free_at(key->second, alone, now);
        if (!free) continue;
        if (*free > now)
            busy.again = std::min(busy.again.value_or(*free), *free);
        else if (best == keys_.end() || better(key->second, best->second, now))
            best = key;
    }
    if (best == keys_.end()) return busy;
    const Lease lease{++last_lease_, best->first};
    leases_.emplace(lease.id, lease.key);
    ++best->second.leases;
    ++groups_.at(best->second.group).leases;
    best->second.breaker.granted(lease.id);
    return lease;
}

bool KeyPool::release(const Lease& lease) {
    const auto held = leases_.find(lease.id);
    if (held == leases_.end()) return false;
    const auto place = keys_.find(held->second);
    auto& key = place->second;
    leases_.erase(held);
    key.breaker.released(lease.id);
    --key.leases;
    --groups_.at(key.group).leases;
    if (key.removed && key.leases == 0) {
        keys_.erase(place);
        regroup();
    }
    return true;
}

// --- what the upstream says -----------------------------------------------------------------------------

std::vector<PoolEvent> KeyPool::report(const Lease& lease, const Outcome& outcome, base::Time now) {
    const auto held = leases_.find(lease.id);
    if (held == leases_.end()) return {};
    auto& key = keys_.at(held->second);
    const auto& limits = groups_.at(key.group).limits;
    const bool had_room = limits.room(now) != Room::none;
    std::vector<PoolEvent> events;
    if (auto event = learn(key, lease, outcome, now)) events.push_back(*std::move(event));
    if (had_room && limits.room(now) == Room::none)
        events.emplace_back(GroupLimited{key.options.project.empty() ? key.label : key.options.project,
                                         limits.free_at(now) - now});
    return events;
}

std::optional<PoolEvent> KeyPool::learn(Key& key, const Lease& lease, const Outcome& outcome,
                                        base::Time now) {
    auto& limits = groups_.at(key.group).limits;
    using Event = std::optional<PoolEvent>;
    const auto succeeded = [&]() -> Event {
        if (!key.breaker.succeeded(lease.id, now) || !key.usable()) return std::nullopt;
        return BreakerClosed{key.label};
    };
    return std::visit(Overloaded{
                          [&](const Connected&) { return succeeded(); },
                          [&](const Spent& spent) {
                              limits.learn(spent, now);
                              return succeeded();
                          },
                          [&](const Failed&) -> Event {
                              const auto span = key.breaker.failed(lease.id, now);
                              if (!span || !key.usable()) return std::nullopt;
                              return BreakerOpened{key.label, *span};
                          },
                          [&](const Refused& refused) -> Event {
                              if (!key.usable()) return std::nullopt;
                              key.out = refused.fault;
                              return KeyTakenOut{key.label, refused.fault};
                          },
                          [&](const Throttled& throttled) -> Event {
                              limits.learn(throttled, now);
                              return std::nullopt;
                          },
                          [&](const LimitsUpdated& updated) -> Event {
                              limits.learn(updated, now);
                              return std::nullopt;
                          },
                          [](const Indifferent&) -> Event { return std::nullopt; },
                      },
                      outcome);
}

std::vector<KeyStatus> KeyPool::status(base::Time now) const {
    std::vector<const Key*> keys;
    for (const auto& [id, key] : keys_)
        if (!key.removed) keys.push_back(&key);
    std::ranges::sort(keys, {}, &Key::place);
    const auto state_of = [&](const Key& key) {
        if (key.out) return KeyState::out;
        if (key.breaker.state() == Breaker::State::open) return KeyState::open;
        if (key.breaker.state() == Breaker::State::probing) return KeyState::probing;
        return groups_.at(key.group).limits.room(now) == Room::none ? KeyState::limited : KeyState::ready;
    };
    std::vector<KeyStatus> status;
    status.reserve(keys.size());
    for (const auto* key : keys)
        status.push_back({key->label, state_of(*key), key->leases});
    return status;
}

}  // namespace voicectl::upstream
