// SPDX-License-Identifier: Apache-2.0
#include "upstream/group_limits.hpp"

#include <algorithm>

namespace voicectl::upstream {
namespace {

constexpr std::chrono::duration<double> minute{60};
/// One request or token, less what arithmetic may lose.
constexpr double one = 1 - 1e-6;

}  // namespace

void GroupLimits::Bucket::resize(int to) noexcept {
    const auto size = static_cast<double>(std::max(to, 0));
    // A bucket begins full, and a reload fills none.
    left = per_minute > 0 ? std::min(left, size) : size;
    per_minute = size;
}

double GroupLimits::Bucket::level(base::Time now) const noexcept {
    const std::chrono::duration<double> passed = std::max(now - at, base::Duration::zero());
    return std::min(per_minute, left + per_minute * (passed / minute));
}

void GroupLimits::Bucket::take(double amount, base::Time now) noexcept {
    left = std::max(level(now) - std::max(amount, 0.0), -per_minute);
    at = std::max(at, now);
}

base::Time GroupLimits::Bucket::free_at(base::Time now) const noexcept {
    if (per_minute <= 0 || level(now) >= one) return now;
    return now + std::chrono::ceil<base::Duration>(minute * ((1 - level(now)) / per_minute));
}

void GroupLimits::set_budget(Budget budget) noexcept {
    own_requests_.resize(budget.requests_per_minute);
    own_tokens_.resize(budget.tokens_per_minute);
}

base::Duration GroupLimits::bounded(std::chrono::duration<double> span) const noexcept {
    // Compared before it is converted, and so that what is not a number becomes zero.
    if (!(span.count() > 0)) return base::Duration::zero();
    return std::chrono::duration_cast<base::Duration>(
        std::min<std::chrono::duration<double>>(span, options_.reset_max));
}

void GroupLimits::learn(std::optional<Learned>& known, const std::optional<RateLimit>& said,
                        base::Time now) noexcept {
    if (said) known = Learned{said->limit, said->remaining, now + bounded(said->reset)};
}

void GroupLimits::learn(const LimitsUpdated& limits, base::Time now) noexcept {
    learn(requests_, limits.requests, now);
    learn(tokens_, limits.tokens, now);
}

void GroupLimits::learn(const Throttled& throttled, base::Time now) noexcept {
    const auto until = now + bounded(throttled.retry_after.value_or(options_.retry_after));
    throttled_until_ = std::max(throttled_until_.value_or(until), until);
}

void GroupLimits::learn(const Spent& spent, base::Time now) noexcept {
    own_requests_.take(1, now);
    own_tokens_.take(static_cast<double>(spent.tokens), now);
}

bool GroupLimits::scarce(const std::optional<Learned>& known, base::Time now) const noexcept {
    return known && now < known->until &&
           static_cast<double>(known->remaining) < options_.scarce_share * static_cast<double>(known->limit);
}

Room GroupLimits::room(base::Time now) const noexcept {
    if (free_at(now) > now) return Room::none;
    return scarce(requests_, now) || scarce(tokens_, now) ? Room::scarce : Room::ample;
}

base::Time GroupLimits::free_at(base::Time now) const noexcept {
    auto at = std::max({now, own_requests_.free_at(now), own_tokens_.free_at(now)});
    if (throttled_until_) at = std::max(at, *throttled_until_);
    for (const auto& known : {requests_, tokens_})
        if (known && known->remaining <= 0) at = std::max(at, known->until);
    return at;
}

}  // namespace voicectl::upstream
