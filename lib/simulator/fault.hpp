// SPDX-License-Identifier: Apache-2.0
// What can be made to go wrong: one table of faults and one of their fields. The scenario's [[fault]], the
// control call, their checks and the pages that explain them all come from these. Pure data and functions.
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace voicectl::simulator {

enum class FaultKind {
    http_status,
    connect_error,
    slow_first_token,
    stall,
    failed,
    error,
    malformed,
    giant,
    mute,
    close,
    drop
};

/// What a fault needs in order to strike: a connection that is being made, a reply, or just a session.
enum class Strikes { connection, reply, session };

struct FaultRow {
    std::string_view name;
    FaultKind kind;
    Strikes strikes;
    std::string_view takes;  ///< its own fields, besides those that say when and whom
    std::string_view does;
};

struct Fault {
    FaultKind kind = FaultKind::stall;
    // when: all that are given must hold
    unsigned turn = 0;  ///< the reply's number in its session; 0 for any
    std::string when;
    std::optional<std::chrono::milliseconds> audio;
    std::chrono::milliseconds after{0};
    // whom
    std::string key;
    std::string session;
    unsigned times = 1;  ///< 0 for always
    // how
    unsigned code = 0;
    std::string reason;
    std::string error;
    std::chrono::milliseconds delay{0};
    std::chrono::milliseconds retry_after{0};
    unsigned bytes = 1'310'720;

    /// Whether it waits for a certain reply, or a certain place in one.
    bool waits_for_reply() const noexcept { return turn != 0 || !when.empty() || audio.has_value(); }
};

struct FaultField {
    using Member = std::variant<std::string Fault::*, unsigned Fault::*, std::chrono::milliseconds Fault::*,
                                std::optional<std::chrono::milliseconds> Fault::*>;
    std::string_view name;
    Member member;
    std::int64_t least = 0;  ///< of a number, or of a duration in milliseconds
    std::int64_t most = 0;
    std::string_view says;
};

std::span<const FaultRow> fault_rows();
std::span<const FaultField> fault_fields();
const FaultRow& row_of(FaultKind kind);
bool takes(const FaultRow& row, std::string_view field) noexcept;

/// A field's value as TOML or JSON has it; monostate for what is neither a whole number nor a text.
using FaultValue = std::variant<std::monostate, std::int64_t, std::string>;

/// The kind of that name. Errc::malformed with the nearest one.
base::Result<FaultKind> fault_kind(std::string_view name);
/// Sets one field. Errc::malformed says what it must be, or which field was meant.
base::Result<void> set_field(Fault& fault, std::string_view field, const FaultValue& value);
/// Whether everything is there that the fault needs. Errc::malformed.
base::Result<void> check_fault(const Fault& fault);

/// Both tables in lines, for people.
std::string fault_reference();

}  // namespace voicectl::simulator
