// SPDX-License-Identifier: Apache-2.0
// voicectl validate-config: everything that is wrong with a configuration, in one run.
#pragma once

#include "commands/command.hpp"

namespace voicectl::commands {

Command validate_config_command();

}  // namespace voicectl::commands
