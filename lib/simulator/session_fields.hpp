// SPDX-License-Identifier: Apache-2.0
// Which fields a session.update and a response.create may hold, and what each may be: tables of name and
// check. Pure data and functions.
#pragma once

#include "simulator/protocol_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace voicectl::simulator {

struct Field {
    std::string_view name;
    Refusal (*check)(const json::value& value, const std::string& path);
    bool required;
};

/// Refuses what is not an object, a key that is not in the table, a value that its check refuses, and the
/// absence of a required key.
Refusal check_fields(const json::value& value, const std::string& path, std::span<const Field> fields);

std::span<const Field> session_fields();
std::span<const Field> transcription_fields();
std::span<const Field> response_fields();

/// An audio format: PCM at 24 kHz, or G.711.
Refusal check_format(const json::value& value, const std::string& path);
Refusal check_voice(const json::value& value, const std::string& path);

}  // namespace voicectl::simulator
