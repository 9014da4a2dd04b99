// SPDX-License-Identifier: Apache-2.0
#include "simulator/ledger.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::simulator {
namespace {

constexpr std::size_t ended_max = 1000;
constexpr std::size_t log_max = 100'000;

void keep(std::deque<json::object>& lines, json::object line, std::size_t most, std::uint64_t& forgotten) {
    lines.push_back(std::move(line));
    if (lines.size() <= most) return;
    lines.pop_front();
    ++forgotten;
}

json::array list_of(const std::deque<json::object>& lines) {
    json::array list;
    for (const auto& line : lines)
        list.push_back(line);
    return list;
}

}  // namespace

void Ledger::note(const char* event, const Open& open, base::Time now) {
    json::object line{{"event", event},
                      {"session", open.id},
                      {"key", open.key},
                      {"ms", base::milliseconds(now - began_)},
                      {"at", base::rfc3339(std::chrono::system_clock::now())}};
    line["sessions"] = on_key_[open.key];
    keep(log_, std::move(line), log_max, log_forgotten_);
}

void Ledger::opened(Watched& session, const std::string& id, const std::string& key, base::Time now) {
    open_.push_back({&session, id, key});
    ++on_key_[key];
    note("open", open_.back(), now);
}

void Ledger::closed(const Watched& session, base::Time now) {
    const auto at = std::find_if(open_.begin(), open_.end(),
                                 [&session](const Open& one) { return one.session == &session; });
    if (at == open_.end()) return;
    const auto open = std::move(*at);
    open_.erase(at);
    --on_key_[open.key];
    note("close", open, now);
    if (on_key_[open.key] == 0) on_key_.erase(open.key);
    auto report = session.report();
    report["state"] = "ended";
    keep(ended_, std::move(report), ended_max, ended_forgotten_);
}

void Ledger::tell_of_faults(base::Time now) {
    // One that ends of it leaves the list.
    const auto open = open_;
    for (const auto& one : open)
        one.session->on_faults(now);
}

json::object Ledger::sessions() const {
    auto list = list_of(ended_);
    for (const auto& one : open_)
        list.push_back(one.session->report());
    json::object whole;
    whole["sessions"] = std::move(list);
    whole["forgotten"] = ended_forgotten_;
    whole["audio"] = audio_.report();
    return whole;
}

json::object Ledger::log() const {
    json::object whole;
    whole["log"] = list_of(log_);
    whole["forgotten"] = log_forgotten_;
    return whole;
}

}  // namespace voicectl::simulator
