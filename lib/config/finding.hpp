// SPDX-License-Identifier: Apache-2.0
// What a check of the configuration has found: which code, where, and what to do about it. Values; no
// sentence and no excerpt ever holds a secret.
#pragma once

#include "config/code.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::config {

/// Where a value can come from; a later one wins.
enum class Layer { standard, toml, dot_env, env_file, name_file, environment, set, flag };

/// As JSON names it: "default", "toml", "env", "env-file", "file", "environment", "set", "flag".
std::string_view name_of(Layer layer) noexcept;

/// Where a value, or what is wrong, stands.
struct Origin {
    Layer layer = Layer::standard;
    std::string name;     ///< a file's path as it was given, a variable's name, or a flag
    unsigned line = 0;    ///< from 1; 0: no position
    unsigned column = 0;  ///< from 1, in Unicode code points
    unsigned length = 1;  ///< how many code points are meant

    Origin() = default;
    Origin(Layer from, std::string called, unsigned at_line = 0, unsigned at_column = 0, unsigned marks = 1)
        : layer(from), name(std::move(called)), line(at_line), column(at_column), length(marks) {}

    bool is_file() const noexcept {
        return layer == Layer::toml || layer == Layer::dot_env || layer == Layer::env_file;
    }
    /// "voicectl.toml:12:3", "environment", "--ws-port", "default".
    std::string text() const;
};

struct Finding {
    Code code = Code::toml_syntax;
    Origin origin;
    /// The setting by the name it has there: VOICE_WS_PORT, server.ws_port; may be empty.
    std::string subject;
    std::string sentence;      ///< what is wrong
    std::string fix = {};      ///< what to do; may be empty
    std::string excerpt = {};  ///< the line of the file, secrets masked; may be empty
    std::optional<std::chrono::milliseconds> took = {};  ///< how long what was asked for took

    Severity severity() const noexcept { return row_of(code).severity; }
};

using Findings = std::vector<Finding>;

/// By file and position; what stands in no file comes after.
void sort(Findings& findings);

std::size_t count(const Findings& findings, Severity severity) noexcept;

}  // namespace voicectl::config
