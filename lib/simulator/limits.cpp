// SPDX-License-Identifier: Apache-2.0
#include "simulator/limits.hpp"

#include "simulator/fault_book.hpp"
#include "simulator/service_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace voicectl::simulator {
namespace {

/// Any text is a key where none are named; more than this are not remembered at once.
constexpr std::size_t keys_max = 10'000;

double seconds(base::Duration span) noexcept {
    return std::chrono::duration<double>(span).count();
}

ProtocolError run_out(std::string_view what, const Bucket& bucket, double needed, base::Time now) {
    const auto wait = std::ceil(seconds(bucket.wait_for(needed, now)) * 1000) / 1000;
    const auto left = static_cast<std::int64_t>(std::floor(std::max(0.0, bucket.left(now))));
    return service_error("rate_limit_exceeded",
                         fmt::format("Rate limit reached on {} per minute: limit {}, left {}, needed {}. "
                                     "Please try again in {:.3f}s.",
                                     what, bucket.limit(), left, static_cast<std::int64_t>(needed), wait));
}

}  // namespace

double Bucket::left(base::Time now) const noexcept {
    return std::min<double>(limit_, left_ + limit_ * (seconds(now - at_) / seconds(window_)));
}

void Bucket::take(double amount, base::Time now) noexcept {
    left_ = left(now) - amount;
    at_ = now;
}

base::Duration Bucket::wait_for(double amount, base::Time now) const noexcept {
    const auto missing = amount - left(now);
    if (missing <= 0 || limit_ == 0) return {};
    return std::chrono::ceil<base::Duration>(
        std::chrono::duration<double>(missing / limit_ * seconds(window_)));
}

json::object Bucket::wire(std::string_view name, base::Time now) const {
    const auto whole = static_cast<std::int64_t>(std::floor(std::max(0.0, left(now))));
    return {{"name", name},
            {"limit", limit_},
            {"remaining", whole},
            {"reset_seconds", seconds(wait_for(limit_, now))}};
}

Allowance::Allowance(const Quota& quota, const Limits& limits)
    : sessions_max_(quota.sessions),
      at_connect_(limits.at_connect),
      requests_(quota.requests, limits.window),
      tokens_(quota.tokens, limits.window) {}

std::optional<base::Duration> Allowance::refuse_session(base::Time now) const {
    // Nobody knows when a session ends.
    if (sessions_max_ != 0 && sessions_ >= sessions_max_) return std::chrono::seconds(1);
    if (!at_connect_) return std::nullopt;
    const auto wait = std::max(requests_.wait_for(1, now), tokens_.wait_for(1, now));
    if (wait == base::Duration()) return std::nullopt;
    return wait;
}

Refusal Allowance::begin_response(std::int64_t input_tokens, base::Time now) {
    if (requests_.limit() != 0 && requests_.left(now) < 1) return run_out("requests", requests_, 1, now);
    // What is more than the whole limit is let through once the limit is whole, or it never would be.
    const auto needed = std::clamp<double>(static_cast<double>(input_tokens), 1, tokens_.limit());
    if (tokens_.left(now) < needed) return run_out("tokens", tokens_, needed, now);
    requests_.take(1, now);
    tokens_.take(static_cast<double>(input_tokens), now);
    return std::nullopt;
}

void Allowance::end_response(std::int64_t output_tokens, base::Time now) {
    tokens_.take(static_cast<double>(output_tokens), now);
}

json::array Allowance::wire(base::Time now) const {
    json::array limits;
    if (requests_.limit() != 0) limits.push_back(requests_.wire("requests", now));
    limits.push_back(tokens_.wire("tokens", now));
    return limits;
}

Allowances::Allowances(const Limits& limits) : limits_(limits) {
    for (const auto& group : limits.groups)
        groups_.push_back(std::make_shared<Allowance>(group.quota, limits));
}

std::shared_ptr<Allowance> Allowances::of(std::string_view key) {
    for (std::size_t i = 0; i < groups_.size(); ++i)
        for (const auto& named : limits_.groups[i].keys)
            if (names_key(named, key)) return groups_[i];
    if (const auto known = keys_.find(key); known != keys_.end()) return known->second;
    if (keys_.size() >= keys_max)
        std::erase_if(keys_, [](const auto& one) { return one.second.use_count() == 1; });
    auto allowance = std::make_shared<Allowance>(limits_.each, limits_);
    keys_[std::string(key)] = allowance;
    return allowance;
}

}  // namespace voicectl::simulator
