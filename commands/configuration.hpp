// SPDX-License-Identifier: Apache-2.0
// The configuration as a command is given it: files, environment, --set and its own flags. Every command that
// needs settings takes them from here.
#pragma once

#include "commands/command.hpp"
#include "config/load.hpp"

#include <vector>

namespace voicectl::commands {

/// Where settings come from for a command that was called with these options.
config::Sources sources_of(const Globals& globals, std::vector<config::FlagValue> flags = {});

/// What `serve` would do with it, short of starting: everything up to the level is checked.
config::Loaded load_configuration(const config::Sources& sources, config::Level level);

/// Shows what is wrong on stderr. 78, or 64 where a word of the command line itself is; ok if it is usable.
ExitCode report_unusable(const config::Loaded& loaded);

}  // namespace voicectl::commands
