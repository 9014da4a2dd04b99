// SPDX-License-Identifier: Apache-2.0
// TOML 1.0 text as toml++'s tree, with every line that is not TOML. Only toml_*.cpp include this: nobody else
// knows the library. Pure; any thread.
#pragma once

#include "config/finding.hpp"

#include <toml++/toml.h>

#include <string>
#include <string_view>

namespace voicectl::config {

/// What can be read of `text`; each syntax error is a finding. toml++ ends at the first one: a line that is
/// wrong by itself is blanked out and the rest read again, anything else ends the reading there.
toml::table parse_toml(std::string_view text, const std::string& file, Findings& findings);

}  // namespace voicectl::config
