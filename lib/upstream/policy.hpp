// SPDX-License-Identifier: Apache-2.0
// What a tenant may: a value, and pure functions that judge by it what a session asks for, before it costs
// money. Days are in UTC and come as arguments. What a denial says never repeats what was asked: that is the
// client's text. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace voicectl::upstream {

using Day = std::chrono::sys_days;

/// Zero and empty: no limit of its own.
struct Policy {
    std::vector<std::string> models;                 ///< the first is for who asks for none
    std::vector<std::string> voices;                 ///< the first is for who asks for none
    std::string instructions_prefix;                 ///< stands before whatever the client says
    std::size_t instructions_bytes_max = 32 * 1024;  ///< of the client's; they are paid for with every reply
    std::chrono::milliseconds session_max{0};
    int sessions_max = 0;  ///< at once
    std::int64_t tokens_per_day = 0;
    std::chrono::seconds audio_per_day{0};  ///< in and out together
};

/// What one tenant used today.
class DailyUsage {
 public:
    /// Begins anew on a later day. A day that is past, by a clock that was set back, counts as this one.
    void add(std::int64_t tokens, std::chrono::milliseconds audio, Day day) noexcept;

    std::int64_t tokens(Day day) const noexcept { return day > day_ ? 0 : tokens_; }
    std::chrono::milliseconds audio(Day day) const noexcept {
        return day > day_ ? std::chrono::milliseconds::zero() : audio_;
    }

 private:
    Day day_{};
    std::int64_t tokens_ = 0;
    std::chrono::milliseconds audio_{0};
};

/// Empty: the client asks for none.
struct SessionRequest {
    std::string_view model;
    std::string_view voice;
    std::string_view instructions;
};

/// What the session gets. Empty: the gateway's own.
struct Terms {
    std::string model;
    std::string voice;
    std::string instructions;
};

struct Denial {
    enum class Code { policy_denied, session_limit };
    Code code = Code::policy_denied;
    std::string message;
    std::optional<Day> until;  ///< the day from which on it may be otherwise
};

/// As the client's protocol has it: POLICY_DENIED, SESSION_LIMIT.
std::string_view name_of(Denial::Code code) noexcept;

/// A session that begins, beside `sessions` of the same tenant.
std::variant<Terms, Denial> judge_session(const Policy& policy, const SessionRequest& request, int sessions,
                                          const DailyUsage& usage, Day day);
/// What a session asks for while it goes on.
std::variant<Terms, Denial> judge_request(const Policy& policy, const SessionRequest& request);
/// Whether there is something left of the day's tokens and audio; asked before each reply.
std::optional<Denial> judge_usage(const Policy& policy, const DailyUsage& usage, Day day);

/// The shorter of the tenant's and the gateway's; zero: no limit.
std::chrono::milliseconds longest_session(const Policy& policy, std::chrono::milliseconds gateway) noexcept;

/// The prefix comes first, whatever the client says, and once: a client may send back what it was told.
std::string compose_instructions(std::string_view prefix, std::string_view client);

}  // namespace voicectl::upstream
