// SPDX-License-Identifier: Apache-2.0
#include "upstream/waiting_line.hpp"

#include <algorithm>

namespace voicectl::upstream {
namespace {

using std::chrono::milliseconds;

/// An estimate that is off by less is not worth a notice.
constexpr milliseconds eta_step{1'000};
constexpr milliseconds retry_after_min{1'000};

/// How long `grants` take, at most `most`, which it is where no grant was seen yet.
milliseconds time_for(std::size_t grants, const std::optional<std::chrono::duration<double>>& interval,
                      base::Duration most) {
    const std::chrono::duration<double> limit = std::max(most, base::Duration::zero());
    const auto time = interval ? std::min(static_cast<double>(grants) * *interval, limit) : limit;
    return std::chrono::ceil<milliseconds>(time);
}

}  // namespace

std::uint64_t WaitingLine::enter(const std::string& name) {
    const auto [place, is_new] = numbers_.try_emplace(name, last_tenant_ + 1);
    if (!is_new) return place->second;
    auto& tenant = tenants_[++last_tenant_];
    tenant.name = name;
    // First turns are in this round or the next. Who begins to wait comes behind all of them, so that neither
    // coming back nor coming under many names is quicker than waiting.
    tenant.first_round = first_turns_.empty() ? 0 : first_turns_.rbegin()->round;
    first_turns_.insert({tenant.first_round, last_tenant_});
    return last_tenant_;
}

std::variant<Place, LineFull> WaitingLine::join(const std::string& name, base::Time now) {
    if (size() >= options_.waiters_max || options_.timeout <= milliseconds::zero())
        return LineFull{false, retry_after(size() + 1, now)};
    const auto known = numbers_.find(name);
    const auto waiting = known == numbers_.end() ? 0 : tenants_.at(known->second).waiters.size();
    if (waiting >= options_.tenant_waiters_max) return LineFull{true, retry_after(waiting + 1, now)};
    if (empty()) rate_.wait_began(now);
    const auto number = enter(name);
    auto& tenant = tenants_.at(number);
    turns_.insert({tenant.first_round + tenant.waiters.size(), number});
    const auto id = ++last_waiter_;
    tenant.waiters.insert(id);
    auto& waiter = waiters_[id];
    waiter = {number, now + options_.timeout, now + options_.notice_interval, {}, now};
    deadlines_.emplace(waiter.deadline, id);
    looks_.emplace(waiter.look_at, id);
    return waiter.told = place_of(id, waiter, now);
}

std::optional<WaiterId> WaitingLine::grant(base::Time now) {
    if (empty()) return std::nullopt;
    const auto turn = *first_turns_.begin();
    auto& tenant = tenants_.at(turn.tenant);
    const auto waiter = *tenant.waiters.begin();
    turns_.erase(turn);
    first_turns_.erase(turn);
    first_turns_.insert({++tenant.first_round, turn.tenant});
    remove(waiter);
    rate_.granted(now);
    return waiter;
}

bool WaitingLine::leave(WaiterId waiter) {
    if (!waiters_.contains(waiter)) return false;
    give_up(waiter);
    return true;
}

std::vector<TimedOut> WaitingLine::expire(base::Time now) {
    std::vector<TimedOut> ended;
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto waiter = deadlines_.begin()->second;
        give_up(waiter);
        ended.push_back({waiter, retry_after(size() + 1, now)});
    }
    return ended;
}

void WaitingLine::give_up(WaiterId id) {
    // Those behind them in their tenant's own line move up by a turn: it is the last one that goes.
    const auto number = waiters_.at(id).tenant;
    const auto& tenant = tenants_.at(number);
    turns_.erase(Turn{tenant.first_round + tenant.waiters.size() - 1, number});
    remove(id);
}

void WaitingLine::remove(WaiterId id) {
    const auto place = waiters_.find(id);
    const auto& waiter = place->second;
    const auto number = waiter.tenant;
    auto& tenant = tenants_.at(number);
    tenant.waiters.erase(id);
    if (tenant.waiters.empty()) {
        first_turns_.erase({tenant.first_round, number});
        numbers_.erase(tenant.name);
        tenants_.erase(number);
    }
    deadlines_.erase({waiter.deadline, id});
    looks_.erase({waiter.look_at, id});
    waiters_.erase(place);
}

std::vector<Place> WaitingLine::notices(base::Time now) {
    std::vector<Place> notices;
    while (!looks_.empty() && looks_.begin()->first <= now) {
        const auto id = looks_.begin()->second;
        auto& waiter = waiters_.at(id);
        looks_.erase(looks_.begin());
        waiter.look_at = now + std::max(options_.notice_interval, milliseconds(1));
        looks_.emplace(waiter.look_at, id);
        const auto place = place_of(id, waiter, now);
        // The client counts down by itself.
        const auto expected = waiter.told.eta - (now - waiter.told_at);
        const auto off = std::chrono::abs(place.eta - expected);
        if (place.position == waiter.told.position && off < eta_step) continue;
        waiter.told = place;
        waiter.told_at = now;
        notices.push_back(place);
    }
    return notices;
}

std::optional<base::Time> WaitingLine::next_event() const noexcept {
    if (empty()) return std::nullopt;
    return std::min(deadlines_.begin()->first, looks_.begin()->first);
}

Place WaitingLine::place_of(WaiterId id, const Waiter& waiter, base::Time now) const {
    const auto& tenant = tenants_.at(waiter.tenant);
    const auto turn = Turn{tenant.first_round + tenant.waiters.order_of_key(id), waiter.tenant};
    const auto position = turns_.order_of_key(turn) + 1;
    return {id, position, time_for(position, rate_.interval(now), waiter.deadline - now)};
}

milliseconds WaitingLine::retry_after(std::size_t position, base::Time now) const {
    return std::max(retry_after_min, time_for(position, rate_.interval(now), options_.timeout));
}

}  // namespace voicectl::upstream
