// SPDX-License-Identifier: Apache-2.0
// Help and version as text, from the same rows that are parsed.
#pragma once

#include "commands/command.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voicectl::cli {

/// The binary's own help: its commands, its options.
std::string overview(bool everything);

/// A command's. The short form fits a screen; the long one adds environment, examples and exit codes.
std::string help_of(const commands::Command& command, bool everything);

/// "voicectl replay-audio [OPTION]… FILE".
std::string usage_of(const commands::Command& command, const std::vector<commands::Flag>& flags);

/// A flag as it is explained: "-f, --format FORMAT".
std::string term_of(const commands::Flag& flag);

/// What is called like a command and is none: how it is called, and what it does.
std::span<const std::pair<std::string_view, std::string_view>> helpers() noexcept;

/// What exit codes mean, for the whole binary.
std::span<const std::pair<std::string_view, std::string_view>> exit_codes() noexcept;

std::string version_text();

}  // namespace voicectl::cli
