// SPDX-License-Identifier: Apache-2.0
// Fills Settings from its layers and finds everything that is wrong in one go. Any thread.
#pragma once

#include "config/settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::config {

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// A setting given on the command line, which wins over the environment.
struct Override {
    std::string_view env;  ///< the row's name
    std::string_view flag;
    std::string value;
};

struct Problem {
    std::string where;     ///< VOICE_WS_PORT, or the flag
    std::string sentence;  ///< what is wrong and what to write instead; never the value of a secret
};

/// What a command asks of its settings beyond each one's own rule.
struct Demands {
    bool upstream_key = true;  ///< an API key, unless the upstream is a simulator
    bool any_port = false;     ///< ports may be 0 for "any free one"
};

struct Loaded {
    Settings settings;
    std::vector<Problem> problems;
};

Loaded load(const Environment& environment, const std::vector<Override>& overrides, Demands demands);

/// The process's own environment.
Environment process_environment();

/// `20`, `300ms`, `5s`, `5m`, `1h`; a bare number is in milliseconds.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// Whether an upstream URL names the simulator.
bool is_simulator(std::string_view upstream_url) noexcept;

}  // namespace voicectl::config
