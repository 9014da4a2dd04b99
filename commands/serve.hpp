// SPDX-License-Identifier: Apache-2.0
// voicectl serve: the gateway, until it is told to end.
#pragma once

#include "commands/command.hpp"

namespace voicectl::commands {

Command serve_command();

}  // namespace voicectl::commands
