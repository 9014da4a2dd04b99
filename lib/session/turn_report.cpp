// SPDX-License-Identifier: Apache-2.0
#include "session/turn_report.hpp"

#include <fmt/format.h>

#include <iterator>

namespace voicectl::session {

std::string describe(const TurnReport& report) {
    const auto& latency = report.latency;
    auto line = fmt::format("{} {}, heard {} of {} ms", report.item_id, report.status, report.heard_ms,
                            report.received_ms);
    const auto out = std::back_inserter(line);
    if (latency.first_token_ms)
        fmt::format_to(out, "; first sound after {} ms (upstream {:.1f}, added {:.1f})",
                       *latency.first_token_ms, latency.upstream_ms, latency.added_ms);
    if (latency.partial_ms)
        fmt::format_to(out, "; first words {} ms after {}", *latency.partial_ms,
                       name_of(latency.partial_from));
    if (latency.barge_in_ms)
        fmt::format_to(out, "; silent {} ms after a voice, {} ms were with the client", *latency.barge_in_ms,
                       latency.client_had_ms);
    return line;
}

std::vector<std::string> missed_targets(const TurnReport& report, const TurnTargets& targets) {
    const auto& latency = report.latency;
    std::vector<std::string> missed;
    if (latency.first_token_ms && *latency.first_token_ms > targets.first_token.count())
        missed.push_back(fmt::format(
            "the first sound came after {} ms, target {}: {:.0f} ms of it the speech model's, {:.0f} ours",
            *latency.first_token_ms, targets.first_token.count(), latency.upstream_ms, latency.added_ms));
    if (latency.partial_ms && *latency.partial_ms > targets.partial.count())
        missed.push_back(
            fmt::format("the first words came {} ms after {}, target {}: the speech model's time",
                        *latency.partial_ms, name_of(latency.partial_from), targets.partial.count()));
    if (latency.barge_in_ms && *latency.barge_in_ms > targets.barge_in.count())
        missed.push_back(fmt::format("the reply went on {} ms after a voice, target {}: our time",
                                     *latency.barge_in_ms, targets.barge_in.count()));
    return missed;
}

}  // namespace voicectl::session
