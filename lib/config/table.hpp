// SPDX-License-Identifier: Apache-2.0
// The table of settings: one row makes a setting's names, type, default, rule, secrecy and sentence known to
// whatever loads, checks, prints or documents it. Constant data; any thread.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace voicectl::config {

/// The type of a setting is the type of its field; a double is a share, 0 to 1.
using Field = std::variant<std::string Settings::*, base::Secret Settings::*, int Settings::*,
                           double Settings::*, bool Settings::*, std::chrono::milliseconds Settings::*,
                           std::vector<std::string> Settings::*, FilePath Settings::*, ServiceUrl Settings::*,
                           std::vector<UpstreamKey> Settings::*>;

/// What a text, or each element of a list, must look like beyond its type.
enum class Rule {
    any,
    header,   ///< goes into an HTTP header: printable ASCII without blanks at its ends
    url,      ///< with one of the row's choices as its scheme
    origin,   ///< scheme://host[:port], or *
    address,  ///< an IPv4 or IPv6 address
    network,  ///< an address, or one with /bits
};

/// When a changed value comes into effect.
enum class Reload { restart, reload, new_sessions };

struct Row {
    std::string_view env;
    std::string_view key;  ///< in TOML
    Field field;
    std::string_view default_text = {};
    std::string_view unit = {};  ///< of numbers: Hz, bit/s; durations say ms
    std::int64_t min = 0;        ///< of numbers, and of durations in ms; both ends included
    std::int64_t max = 0;
    std::string_view choices = {};  ///< space-separated; empty: any
    Rule rule = Rule::any;
    Reload reload = Reload::restart;
    std::string_view sentence;
    std::string_view pending = {};    ///< what this version does not do with it yet; empty: all is done
    std::string_view in_effect = {};  ///< the one value, as print.hpp writes it, that holds all the same
    std::string_view example = {};    ///< a value worth showing where the default is empty

    std::string_view section() const noexcept { return key.substr(0, key.find('.')); }
    bool in_section() const noexcept { return key.find('.') != std::string_view::npos; }
    std::string_view name() const noexcept { return key.substr(key.rfind('.') + 1); }
    /// Whether its text may hold a secret: nothing of it is shown but what its type's own printing shows.
    bool secret() const noexcept;
    bool is_list() const noexcept;
    bool is_path() const noexcept;
};

/// In the order that help, examples and manual show; rows of one section stand together.
std::span<const Row> table() noexcept;

/// Nothing where no row has that name.
const Row* find_env(std::string_view env) noexcept;
const Row* find_key(std::string_view key) noexcept;

/// The place of a row of table() in it.
std::size_t index_of(const Row& row) noexcept;

}  // namespace voicectl::config
