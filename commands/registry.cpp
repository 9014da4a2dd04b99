// SPDX-License-Identifier: Apache-2.0
#include "commands/replay_audio.hpp"
#include "commands/serve.hpp"
#include "commands/validate_config.hpp"

#include <array>

namespace voicectl::commands {

std::span<const Command> registry() noexcept {
    static const std::array commands{serve_command(), validate_config_command(), replay_audio_command()};
    return commands;
}

}  // namespace voicectl::commands
