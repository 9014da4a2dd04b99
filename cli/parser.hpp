// SPDX-License-Identifier: Apache-2.0
// argv into a command that is ready to run. The library that parses stays inside parser.cpp.
#pragma once

#include "base/error.hpp"
#include "commands/command.hpp"

#include <memory>
#include <string>
#include <vector>

namespace voicectl::cli {

struct Parsed {
    enum class Ask { run, short_help, long_help, version, man };

    Ask ask = Ask::run;
    const commands::Command* command = nullptr;  ///< null: the binary itself
    std::unique_ptr<commands::Invocation> invocation;
    commands::Globals globals;
    std::string page;  ///< of the manual
};

/// Errc::usage with a sentence that names what is wrong and what was probably meant.
base::Result<Parsed> parse(const std::vector<std::string>& arguments);

/// The options that every command takes.
std::vector<commands::Flag> global_flags(commands::Globals& globals);

}  // namespace voicectl::cli
