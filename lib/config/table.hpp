// SPDX-License-Identifier: Apache-2.0
// The table of settings: one row makes a setting's name, type, default, range, secrecy and sentence known to
// whatever loads, checks, prints or documents it.
#pragma once

#include "config/settings.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace voicectl::config {

/// The type of a setting is the type of its field.
using Field =
    std::variant<std::string Settings::*, base::Secret Settings::*, int Settings::*, bool Settings::*,
                 std::chrono::milliseconds Settings::*, std::vector<std::string> Settings::*>;

struct Row {
    std::string_view env;
    std::string_view key;  ///< in TOML
    Field field;
    std::string_view default_text;
    std::string_view sentence;
    std::int64_t min = 0;  ///< of numbers, and of durations in ms; both ends included
    std::int64_t max = 0;
    std::string_view choices = {};  ///< space-separated; empty: any
};

/// In the order that help and examples show.
std::span<const Row> table() noexcept;

/// Nothing where no row has that environment name.
const Row* find_row(std::string_view env) noexcept;

}  // namespace voicectl::config
