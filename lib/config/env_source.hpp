// SPDX-License-Identifier: Apache-2.0
// Environment files, the process's environment and --set as values of settings, with everything that is wrong
// in them. Reads the files that NAME_FILE names; any thread.
#pragma once

#include "config/given.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voicectl::config {

/// An environment file that was read from `file`.
void read_env_file(std::string_view text, Layer layer, const std::string& file, std::vector<Given>& given,
                   Findings& findings);

/// The process's environment: values that NAME_FILE names first, since NAME itself wins.
void read_environment(const std::vector<std::pair<std::string, std::string>>& variables,
                      std::vector<Given>& given, Findings& findings);

/// KEY=VALUE of --set; the key in TOML's form or the environment's.
void read_set(const std::string& word, std::vector<Given>& given, Findings& findings);

}  // namespace voicectl::config
