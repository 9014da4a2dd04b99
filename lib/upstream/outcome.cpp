// SPDX-License-Identifier: Apache-2.0
#include "upstream/outcome.hpp"

namespace voicectl::upstream {
namespace {

/// The codes that say all there is to say, wherever they stand.
std::optional<Outcome> outcome_of_code(std::string_view code) noexcept {
    if (code == "invalid_api_key" || code == "account_deactivated") return Refused{KeyFault::invalid_key};
    if (code == "insufficient_quota" || code == "billing_hard_limit_reached")
        return Refused{KeyFault::no_quota};
    if (code == "rate_limit_exceeded") return Throttled{};
    return std::nullopt;
}

}  // namespace

std::string_view name_of(KeyFault fault) noexcept {
    return fault == KeyFault::invalid_key ? "invalid_key" : "no_quota";
}

Outcome outcome_of_close(unsigned code, std::string_view reason) noexcept {
    // substr(npos + 1) is the whole of a reason without a dot.
    if (const auto outcome = outcome_of_code(reason.substr(reason.rfind('.') + 1))) return *outcome;
    switch (code) {
        case 3000:
            return Refused{KeyFault::invalid_key};
        case 1005:
        case 1006:
        case 1011:
        case 1012:
        case 1013:
        case 1014:
        case 1015:
            return Failed{};
        default:
            return Indifferent{};
    }
}

Outcome outcome_of_status(unsigned status, std::optional<std::chrono::milliseconds> retry_after) noexcept {
    if (status == 401 || status == 403) return Refused{KeyFault::invalid_key};
    if (status == 429) return Throttled{retry_after};
    if (status == 408 || status >= 500) return Failed{};
    return Indifferent{};
}

Outcome outcome_of_error(std::string_view type, std::string_view code) noexcept {
    if (const auto outcome = outcome_of_code(code)) return *outcome;
    // Either may say it alone; the code may be null.
    if (const auto outcome = outcome_of_code(type)) return *outcome;
    if (type == "rate_limit_error") return Throttled{};
    if (type == "server_error") return Failed{};
    return Indifferent{};
}

}  // namespace voicectl::upstream
