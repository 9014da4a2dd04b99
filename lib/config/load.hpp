// SPDX-License-Identifier: Apache-2.0
// From all layers to Settings, with everything that is wrong found in one run. `serve` and `validate-config`
// call the same function and so cannot disagree. Reads files, changes nothing; any thread.
#pragma once

#include "config/finding.hpp"
#include "config/settings.hpp"
#include "config/table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voicectl::config {

/// How far a check goes; each level includes those before it.
enum class Level {
    syntax,     ///< files parse, keys exist, each value is of its type and in its range
    semantics,  ///< what is required is there, settings go together and fit this machine
    files,      ///< files that settings name are there and usable (server/preflight.hpp)
    online,     ///< services answer (server/preflight.hpp)
};

/// A setting given by a flag of the command.
struct FlagValue {
    std::string_view env;  ///< the row's name
    std::string_view flag;
    std::string value;
};

/// Everything settings are read from.
struct Sources {
    std::string config_file;             ///< TOML; empty: none; "-": stdin
    std::vector<std::string> env_files;  ///< the last one wins
    bool dot_env = true;                 ///< ./.env, where it is there and no env_files are given
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<std::string> sets;  ///< KEY=VALUE; the key in TOML's form or the environment's
    std::vector<FlagValue> flags;
};

struct Loaded {
    Settings settings;
    // Of the value of each row of table(), in its order:
    std::vector<Origin> origins;
    std::vector<std::string> names;     ///< what the setting is called there; empty for a default
    std::vector<std::string> excerpts;  ///< the line it stands in, secrets masked
    Findings findings;

    const Origin& origin_of(std::string_view env) const;
    /// Whether a value was given that cannot be used, so that the default stands in its place.
    bool rejected(std::string_view env) const;
    bool usable() const noexcept { return count(findings, Severity::error) == 0; }
    /// Adds a finding about a row, where its value stands. What is wrong already is not said to be missing
    /// too.
    void report(Code code, std::string_view env, std::string sentence, std::string fix = {});
};

/// The levels syntax and semantics; a `level` above them counts as semantics.
Loaded load(const Sources& sources, Level level);

/// The environment of the process.
std::vector<std::pair<std::string, std::string>> process_environment();

/// Whether an upstream URL names the simulator.
bool is_simulator(std::string_view upstream_url) noexcept;

}  // namespace voicectl::config
