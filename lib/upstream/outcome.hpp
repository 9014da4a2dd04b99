// SPDX-License-Identifier: Apache-2.0
// What the upstream's answers say of the key that they were asked with. Source: the OpenAI Realtime
// service, which refuses a key in an `error` event or the reason of a close (`<type>.<code>`), seldom in an
// HTTP status. Pure values and functions; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace voicectl::upstream {

/// What no waiting mends.
enum class KeyFault {
    invalid_key,  ///< unknown, revoked, or not allowed here
    no_quota,     ///< nothing left to spend
};

std::string_view name_of(KeyFault fault) noexcept;

/// One entry of `rate_limits.updated`.
struct RateLimit {
    std::int64_t limit = 0;
    std::int64_t remaining = 0;
    std::chrono::duration<double> reset{0};  ///< as the upstream says it: anything may stand here
};

/// `session.created` came.
struct Connected {};
/// A response is done.
struct Spent {
    std::int64_t tokens = 0;  ///< its usage's total
};
/// The connection could not be made or ended in a way that another try may mend.
struct Failed {};
struct Refused {
    KeyFault fault = KeyFault::invalid_key;
};
/// HTTP 429, or a response that failed with rate_limit_exceeded.
struct Throttled {
    std::optional<std::chrono::milliseconds> retry_after;
};
/// `rate_limits.updated`; what it does not name stays as it was.
struct LimitsUpdated {
    std::optional<RateLimit> requests;
    std::optional<RateLimit> tokens;
};
/// Says nothing of the key: a session that ended, a model that does not exist.
struct Indifferent {};

using Outcome = std::variant<Connected, Spent, Failed, Refused, Throttled, LimitsUpdated, Indifferent>;

/// How the websocket was closed; 1006 where it just ended.
Outcome outcome_of_close(unsigned code, std::string_view reason) noexcept;
/// The HTTP status of an upgrade that was refused. TCP and TLS that fail are Failed.
Outcome outcome_of_status(unsigned status, std::optional<std::chrono::milliseconds> retry_after) noexcept;
/// An `error` event, or the error of a failed response.
Outcome outcome_of_error(std::string_view type, std::string_view code) noexcept;

}  // namespace voicectl::upstream
