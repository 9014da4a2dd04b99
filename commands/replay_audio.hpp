// SPDX-License-Identifier: Apache-2.0
// voicectl replay-audio: plays a recording to a gateway as a client would, and shows what comes back.
#pragma once

#include "commands/command.hpp"

namespace voicectl::commands {

Command replay_audio_command();

}  // namespace voicectl::commands
