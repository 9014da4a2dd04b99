// SPDX-License-Identifier: Apache-2.0
// How commands speak to the one who called them: results on stdout, everything else on stderr.
#pragma once

#include "base/error.hpp"
#include "commands/command.hpp"

#include <fmt/format.h>

#include <string_view>

namespace voicectl::commands {

/// `voicectl: SENTENCE` on stderr.
void complain(std::string_view sentence);

/// Says what is wrong and gives the exit code for it.
ExitCode give_up(const base::Error& error);

ExitCode exit_code_of(base::Errc code) noexcept;

/// Writes to stdout and flushes; false, with errno, if that failed.
bool print(std::string_view text);

/// print() for a command that has nothing else to do: leaves with 0 where nobody reads any more (`| head`),
/// with 74 where it cannot be written.
void print_or_leave(std::string_view text);

/// Whether stderr is a terminal that may be given colour (NO_COLOR is honoured).
bool colourful() noexcept;

}  // namespace voicectl::commands
