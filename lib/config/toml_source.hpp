// SPDX-License-Identifier: Apache-2.0
// A TOML file as values of settings, with everything that is wrong in it. Pure; any thread.
#pragma once

#include "config/given.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace voicectl::config {

/// Adds what `text` says to `given`, in the order of the file. After a line that is not TOML it goes on
/// behind it where that is safe. `file` is the name that positions are given with.
void read_toml(std::string_view text, const std::string& file, std::vector<Given>& given, Findings& findings);

}  // namespace voicectl::config
