// SPDX-License-Identifier: Apache-2.0
// What every socket of the house gets, whichever stream it ends up in. Only net's own files include this.
#pragma once

#include "net/byte_stream.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <memory>
#include <string>

namespace voicectl::net {

using UnixSocket = asio::local::stream_protocol::socket;

/// Turns Nagle's algorithm off.
void tune(tcp::socket& socket) noexcept;

std::string name_of_peer(const tcp::socket& socket);
std::string name_of_peer(const UnixSocket& socket);

/// Sockets here are always made from an io_context, so the erased executor is known to hold its own type.
template <class Socket>
Executor executor_of(Socket& socket) noexcept {
    return *socket.get_executor().template target<Executor>();
}

/// Wraps a connected socket of this machine.
std::unique_ptr<ByteStream> make_unix_stream(UnixSocket socket);

}  // namespace voicectl::net
