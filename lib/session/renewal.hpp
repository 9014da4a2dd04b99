// SPDX-License-Identifier: Apache-2.0
// When a session gets another upstream: in time before the one it has reaches the service's limit, make
// before break, and at once where that one has gone. Times come as arguments; values only.
#pragma once

#include "base/time.hpp"

#include <chrono>

namespace voicectl::session {

struct RenewalOptions {
    /// At this age another upstream is opened, which takes over between two turns.
    std::chrono::milliseconds after{std::chrono::minutes(50)};
    /// At this age it takes over in the middle of an utterance, too.
    std::chrono::milliseconds at_latest{std::chrono::minutes(58)};
    /// How long one that could not be had is not asked for again.
    std::chrono::milliseconds retry{std::chrono::seconds(30)};
    /// The same, where there is no upstream at all.
    std::chrono::milliseconds retry_lost{std::chrono::seconds(1)};
};

class Renewal {
 public:
    Renewal(RenewalOptions options, base::Time now) noexcept : options_(options), since_(now) {}

    /// Whether there is an upstream.
    bool attached() const noexcept { return attached_; }
    /// Whether another one is there, too.
    bool opened() const noexcept { return other_ == Other::opened; }
    /// Whether another one is to be opened; asked once for each.
    bool wants_another(base::Time now) noexcept;
    /// Whether the other one is to take over.
    bool due(bool between_turns, bool reply_under_way, base::Time now) const noexcept;

    void lost() noexcept { attached_ = false; }
    void another_opened() noexcept { other_ = Other::opened; }
    void another_refused(base::Time now) noexcept;
    void taken_over(base::Time now) noexcept;

 private:
    enum class Other { none, asked, opened };

    RenewalOptions options_;
    base::Time since_;         ///< when the upstream that is there was taken
    base::Time not_before_{};  ///< another is asked for again
    Other other_ = Other::none;
    bool attached_ = true;
};

}  // namespace voicectl::session
