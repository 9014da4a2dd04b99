// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault.hpp"

#include "base/suggest.hpp"
#include "simulator/duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace voicectl::simulator {
namespace {

using base::Errc;
using base::fail;
using std::chrono::milliseconds;

constexpr std::int64_t day = 86'400'000;

constexpr std::array<FaultRow, 11> rows{{
    {"http_status", FaultKind::http_status, Strikes::connection, "code retry_after",
     "refuses an upgrade with this HTTP status, and Retry-After"},
    {"connect_error", FaultKind::connect_error, Strikes::connection, "error reason",
     "accepts an upgrade, sends this error and closes as the service does"},
    {"slow_first_token", FaultKind::slow_first_token, Strikes::reply, "delay",
     "begins a reply that much later"},
    {"stall", FaultKind::stall, Strikes::reply, "",
     "says nothing more of a reply, not even when it is cancelled"},
    {"failed", FaultKind::failed, Strikes::reply, "error reason",
     "ends a reply with status failed and this error"},
    {"error", FaultKind::error, Strikes::session, "error reason", "sends this error; the session goes on"},
    {"malformed", FaultKind::malformed, Strikes::session, "", "sends an event that is not JSON"},
    {"giant", FaultKind::giant, Strikes::session, "bytes", "sends an event of this size"},
    {"mute", FaultKind::mute, Strikes::session, "", "sends nothing more in this session, and keeps it open"},
    {"close", FaultKind::close, Strikes::session, "code reason error",
     "sends the error if one is given, and closes: as it does, or with these"},
    {"drop", FaultKind::drop, Strikes::session, "", "ends the TCP connection without a close frame"},
}};

constexpr std::string_view everywhere = "after key times";
constexpr std::string_view in_sessions = "turn when audio session";

const std::array<FaultField, 13> fields{{
    {"turn", &Fault::turn, 1, 1'000'000, "at the n-th reply of a session, from 1"},
    {"when", &Fault::when, 0, 0, "at a reply to a turn in which this word or phrase is heard"},
    {"audio", &Fault::audio, 0, day, "once that much of the reply's audio was sent, or at its end"},
    {"after", &Fault::after, 0, day, "not before this time has passed in the session, or since the call"},
    {"key", &Fault::key, 0, 0, "only sessions of this API key, or of the key with this label"},
    {"session", &Fault::session, 0, 0, "only the session with this id"},
    {"times", &Fault::times, 0, 1'000'000, "how often in all; 0 for always (1)"},
    {"code", &Fault::code, 400, 4999, "an HTTP status of 400 to 599, or a close code of 1000 to 4999"},
    {"reason", &Fault::reason, 0, 0, "the error's message, or the reason of the close"},
    {"error", &Fault::error, 0, 0, "the error's code, as the service names it"},
    {"delay", &Fault::delay, 0, day, "how much later"},
    {"retry_after", &Fault::retry_after, 0, day, "sent as Retry-After, in whole seconds"},
    {"bytes", &Fault::bytes, 1, 6 * 1024 * 1024, "the size of the event (1310720)"},
}};

bool has_word(std::string_view words, std::string_view word) noexcept {
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        if (words.substr(0, end) == word) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

template <class Rows>
std::vector<std::string> names_of(const Rows& table) {
    std::vector<std::string> names;
    for (const auto& row : table)
        names.emplace_back(row.name);
    return names;
}

base::Error wrong(const FaultField& field, std::string_view what) {
    return fail(Errc::malformed, "fault.{} must be {}", field.name, what);
}

/// Assigns to whichever type of member the field has.
struct Setter {
    Fault& fault;
    const FaultField& field;
    const FaultValue& value;

    base::Result<void> operator()(std::string Fault::*member) const {
        const auto* text = std::get_if<std::string>(&value);
        if (text == nullptr || text->empty()) return wrong(field, "a text that is not empty");
        fault.*member = *text;
        return {};
    }
    base::Result<void> operator()(unsigned Fault::*member) const {
        const auto* number = std::get_if<std::int64_t>(&value);
        if (number == nullptr || *number < field.least || *number > field.most)
            return wrong(field, fmt::format("a whole number from {} to {}", field.least, field.most));
        fault.*member = static_cast<unsigned>(*number);
        return {};
    }
    template <class Span>
    base::Result<void> operator()(Span Fault::*member) const {
        std::optional<milliseconds> span;
        if (const auto* number = std::get_if<std::int64_t>(&value)) span = milliseconds(*number);
        if (const auto* text = std::get_if<std::string>(&value)) span = parse_duration(*text);
        if (!span || span->count() < field.least || span->count() > field.most)
            return wrong(field, "a duration of at most 24 hours: milliseconds, or \"300ms\", \"5s\", \"5m\"");
        fault.*member = *span;
        return {};
    }
};

}  // namespace

std::span<const FaultRow> fault_rows() {
    return rows;
}
std::span<const FaultField> fault_fields() {
    return fields;
}

const FaultRow& row_of(FaultKind kind) {
    return *std::find_if(rows.begin(), rows.end(), [kind](const auto& row) { return row.kind == kind; });
}

bool takes(const FaultRow& row, std::string_view field) noexcept {
    return has_word(row.takes, field) || has_word(everywhere, field) ||
           (row.strikes != Strikes::connection && has_word(in_sessions, field));
}

base::Result<FaultKind> fault_kind(std::string_view name) {
    for (const auto& row : rows)
        if (row.name == name) return row.kind;
    return fail(Errc::malformed, "there is no fault '{}'{}", name, base::did_you_mean(name, names_of(rows)));
}

base::Result<void> set_field(Fault& fault, std::string_view name, const FaultValue& value) {
    const auto* at = std::find_if(fields.begin(), fields.end(),
                                  [name](const FaultField& field) { return field.name == name; });
    if (at == fields.end())
        return fail(Errc::malformed, "there is no fault.{}{}", name,
                    base::did_you_mean(name, names_of(fields)));
    if (!takes(row_of(fault.kind), name))
        return fail(Errc::malformed, "the fault {} has no {}", row_of(fault.kind).name, name);
    return std::visit(Setter{fault, *at, value}, at->member);
}

base::Result<void> check_fault(const Fault& fault) {
    const auto name = row_of(fault.kind).name;
    const auto needs = [&name](std::string_view what) {
        return fail(Errc::malformed, "the fault {} needs {}", name, what);
    };
    const bool wants_error = fault.kind == FaultKind::connect_error || fault.kind == FaultKind::error ||
                             fault.kind == FaultKind::failed;
    if (wants_error && fault.error.empty()) return needs("an error");
    if (fault.kind == FaultKind::slow_first_token && fault.delay.count() == 0) return needs("a delay");
    if (fault.kind == FaultKind::http_status && (fault.code < 400 || fault.code > 599))
        return needs("a code from 400 to 599");
    if (fault.kind == FaultKind::close) {
        if (fault.code == 0 && fault.error.empty()) return needs("a code or an error");
        // RFC 6455 section 7.4: these are never sent.
        const bool reserved = fault.code == 1004 || fault.code == 1005 || fault.code == 1006 ||
                              (fault.code >= 1015 && fault.code < 3000);
        if (fault.code != 0 && (fault.code < 1000 || reserved))
            return needs("a code that may be sent: 1000 to 1014, or 3000 to 4999");
    }
    return {};
}

std::string fault_reference() {
    std::string text;
    for (const auto& row : rows) {
        const auto own = row.takes.empty() ? std::string() : fmt::format(" ({})", row.takes);
        text += fmt::format("  {:<18}{}{}\n", row.name, row.does, own);
    }
    text += "\nThe first seven are for every fault, but a connection has only after, key and times:\n\n";
    for (const auto& field : fields)
        text += fmt::format("  {:<18}{}\n", field.name, field.says);
    return text;
}

}  // namespace voicectl::simulator
