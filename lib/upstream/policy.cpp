// SPDX-License-Identifier: Apache-2.0
#include "upstream/policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace voicectl::upstream {
namespace {

using std::chrono::milliseconds;

/// Negative amounts count as nothing, and a sum stays at what its type can hold.
std::int64_t sum(std::int64_t sum, std::int64_t amount) noexcept {
    amount = std::max<std::int64_t>(amount, 0);
    return sum > std::numeric_limits<std::int64_t>::max() - amount ? std::numeric_limits<std::int64_t>::max()
                                                                   : sum + amount;
}

Denial denied(std::string message, std::optional<Day> until = {}) {
    return {Denial::Code::policy_denied, std::move(message), until};
}

bool allows(const std::vector<std::string>& allowed, std::string_view asked) {
    return allowed.empty() || asked.empty() || std::ranges::find(allowed, asked) != allowed.end();
}

std::string chosen(const std::vector<std::string>& allowed, std::string_view asked) {
    return asked.empty() && !allowed.empty() ? allowed.front() : std::string(asked);
}

}  // namespace

void DailyUsage::add(std::int64_t tokens, milliseconds audio, Day day) noexcept {
    if (day > day_) *this = DailyUsage();
    day_ = std::max(day_, day);
    tokens_ = sum(tokens_, tokens);
    audio_ = milliseconds(sum(audio_.count(), audio.count()));
}

std::string_view name_of(Denial::Code code) noexcept {
    return code == Denial::Code::session_limit ? "SESSION_LIMIT" : "POLICY_DENIED";
}

std::variant<Terms, Denial> judge_session(const Policy& policy, const SessionRequest& request, int sessions,
                                          const DailyUsage& usage, Day day) {
    // First what waiting does not mend.
    auto terms = judge_request(policy, request);
    if (std::holds_alternative<Denial>(terms)) return terms;
    if (auto denial = judge_usage(policy, usage, day)) return *std::move(denial);
    if (policy.sessions_max > 0 && sessions >= policy.sessions_max)
        return Denial{Denial::Code::session_limit,
                      fmt::format("this tenant may hold {} session{} at once; end one, or try again later",
                                  policy.sessions_max, policy.sessions_max == 1 ? "" : "s"),
                      {}};
    return terms;
}

std::variant<Terms, Denial> judge_request(const Policy& policy, const SessionRequest& request) {
    if (!allows(policy.models, request.model))
        return denied(
            fmt::format("this tenant may not use this model; it may use {}", fmt::join(policy.models, ", ")));
    if (!allows(policy.voices, request.voice))
        return denied(
            fmt::format("this tenant may not use this voice; it may use {}", fmt::join(policy.voices, ", ")));
    if (policy.instructions_bytes_max > 0 && request.instructions.size() > policy.instructions_bytes_max)
        return denied(fmt::format("the instructions are longer than this tenant's {} bytes",
                                  policy.instructions_bytes_max));
    return Terms{chosen(policy.models, request.model), chosen(policy.voices, request.voice),
                 compose_instructions(policy.instructions_prefix, request.instructions)};
}

std::optional<Denial> judge_usage(const Policy& policy, const DailyUsage& usage, Day day) {
    const auto tomorrow = day + std::chrono::days(1);
    if (policy.tokens_per_day > 0 && usage.tokens(day) >= policy.tokens_per_day)
        return denied(fmt::format("this tenant's {} tokens of today are used up; the next day begins at "
                                  "midnight UTC",
                                  policy.tokens_per_day),
                      tomorrow);
    if (policy.audio_per_day.count() > 0 && usage.audio(day) >= policy.audio_per_day)
        return denied(fmt::format("this tenant's {} seconds of audio of today are used up; the next day "
                                  "begins at midnight UTC",
                                  policy.audio_per_day.count()),
                      tomorrow);
    return std::nullopt;
}

milliseconds longest_session(const Policy& policy, milliseconds gateway) noexcept {
    if (policy.session_max.count() <= 0) return gateway;
    return gateway.count() <= 0 ? policy.session_max : std::min(policy.session_max, gateway);
}

std::string compose_instructions(std::string_view prefix, std::string_view client) {
    constexpr std::string_view paragraph = "\n\n";
    if (prefix.empty() || client == prefix) return std::string(client);
    if (client.empty()) return std::string(prefix);
    if (client.starts_with(prefix) && client.substr(prefix.size()).starts_with(paragraph))
        return std::string(client);
    return fmt::format("{}{}{}", prefix, paragraph, client);
}

}  // namespace voicectl::upstream
