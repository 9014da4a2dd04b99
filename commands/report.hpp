// SPDX-License-Identifier: Apache-2.0
// How commands speak to the one who called them: results on stdout, everything else on stderr.
#pragma once

#include "base/error.hpp"
#include "commands/command.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace voicectl::commands {

/// `voicectl: SENTENCE` on stderr.
void complain(std::string_view sentence);

/// Says what is wrong and gives the exit code for it.
ExitCode give_up(const base::Error& error);

ExitCode exit_code_of(base::Errc code) noexcept;

/// Writes to stdout and flushes; false, with errno, if that failed.
bool print(std::string_view text);

/// print() for a command that has nothing else to do: leaves with `verdict` where nobody reads any more
/// (`| head`), with 74 where it cannot be written.
void print_or_leave(std::string_view text, ExitCode verdict = ExitCode::ok);

/// What --color asks for: auto, always or never. Before any output.
void choose_colour(std::string_view when) noexcept;

/// Whether a stream of this process (STDOUT_FILENO, STDERR_FILENO) is to be given colour: as chosen, and for
/// auto where it is a terminal and NO_COLOR is not set.
bool colourful(int stream) noexcept;

/// Lets stdout be a file of that name. Errc::cannot_create.
base::Result<void> redirect_output(const std::string& file);

}  // namespace voicectl::commands
