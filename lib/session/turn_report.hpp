// SPDX-License-Identifier: Apache-2.0
// What became of one turn, for the log and whoever counts: its latencies, and which target it missed through
// whose fault. Values; any thread.
#pragma once

#include "session/message.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::session {

struct TurnTargets {
    std::chrono::milliseconds first_token{300};
    std::chrono::milliseconds partial{150};
    std::chrono::milliseconds barge_in{50};
};

struct TurnReport {
    std::string_view item_id;
    std::string_view status;  ///< as in AgentFinal
    std::int64_t heard_ms = 0;
    std::int64_t received_ms = 0;  ///< of the reply's audio
    TurnLatency latency;
};

/// One line: "item_1 completed, heard 3200 of 3200 ms; first sound after 412 ms (upstream 410.9, added 1.1)".
std::string describe(const TurnReport& report);

/// A sentence for each target that the turn missed, with whose time it was.
std::vector<std::string> missed_targets(const TurnReport& report, const TurnTargets& targets);

}  // namespace voicectl::session
