// SPDX-License-Identifier: Apache-2.0
// What every TCP socket of the house gets, whichever stream it ends up in. Only net's own files include this.
#pragma once

#include "net/task.hpp"

#include <string>

namespace voicectl::net {

/// Turns Nagle's algorithm off.
void tune(tcp::socket& socket) noexcept;

std::string name_of_peer(const tcp::socket& socket);

/// Sockets here are always made from an io_context, so the erased executor is known to hold its own type.
inline Executor executor_of(tcp::socket& socket) noexcept {
    return *socket.get_executor().target<Executor>();
}

}  // namespace voicectl::net
