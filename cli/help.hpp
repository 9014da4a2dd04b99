// SPDX-License-Identifier: Apache-2.0
// Help and version as text, from the same rows that are parsed.
#pragma once

#include "commands/command.hpp"

#include <string>

namespace voicectl::cli {

/// The binary's own help: its commands, its options.
std::string overview(bool everything);

/// A command's. The short form fits a screen; the long one adds environment, examples and exit codes.
std::string help_of(const commands::Command& command, bool everything);

std::string version_text();

}  // namespace voicectl::cli
