// SPDX-License-Identifier: Apache-2.0
// The process that understands speech. The model takes over a hundred megabytes, which must never count
// against the process that serves: a child is forked for it early, stays small until the first utterance, and
// leaves when its socket closes. The protocol on the socket is a header and then its bytes, in both
// directions, one utterance at a time; recogniser.hpp is the side that asks.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <sys/types.h>

namespace voicectl::simulator {

/// The rate that the model was trained for.
constexpr int listening_rate = 16'000;

/// Goes before 16-bit samples on the way in, and before UTF-8 text on the way out.
struct ListeningHeader {
    std::uint64_t utterance = 0;
    std::uint32_t bytes = 0;
    std::uint32_t understood = 0;  ///< on the way out: 0 if there is no model to understand with
};
static_assert(sizeof(ListeningHeader) == 16);

struct ListeningProcess {
    pid_t pid = -1;
    int socket = -1;  ///< a stream socket, close-on-exec
};

/// Whether the model's files are there.
bool can_listen() noexcept;

/// Forks the child. Errc::os if the system refuses.
base::Result<ListeningProcess> start_listening();
/// Ends the child, whatever it does, and waits for it.
void end_listening(ListeningProcess& process) noexcept;

}  // namespace voicectl::simulator
