// SPDX-License-Identifier: Apache-2.0
// A websocket (RFC 6455) with one reader and one writer. Lives on its worker's thread. Messages to send go
// into a bounded queue that a writer coroutine drains: it alone writes and closes. Compression is never
// negotiated.
#pragma once

#include "net/http.hpp"
#include "net/url.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace voicectl::net {

/// RFC 6455 section 7.4.1; codes from 4000 on are the application's.
struct CloseReason {
    std::uint16_t code = 1000;
    std::string reason;  ///< at most 123 bytes of UTF-8; more is cut
};

/// What read() yields: the bytes are valid until the next read().
struct Message {
    bool binary = false;
    std::span<const std::byte> bytes;

    std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
};

/// What becomes of a message when the queue is full. `must_arrive` overflowing ends the connection (the peer
/// reads too slowly to be served); `may_drop` loses the oldest waiting message of its kind instead.
enum class Delivery { must_arrive, may_drop };

struct WebSocketLimits {
    std::size_t message_bytes_max = 64 * 1024;            ///< of a received message; more closes with 1009
    std::size_t queue_bytes_max = 512 * 1024;             ///< of what waits to be sent
    std::chrono::milliseconds handshake_timeout{10'000};  ///< of the handshake, and of the close
    std::chrono::milliseconds idle_timeout{60'000};  ///< silence after which the peer is pinged, then dropped
};

class WebSocket {
 public:
    /// Answers an upgrade that HttpConnection read. `subprotocol` is what was chosen, empty for none.
    static Task<base::Result<std::unique_ptr<WebSocket>>> accept(std::unique_ptr<ByteStream> stream,
                                                                 HttpRequest request, std::string subprotocol,
                                                                 WebSocketLimits limits);
    /// Opens a websocket on a connected stream. A refusal is an error that holds the status and the body's
    /// start:
    /// ::unauthorized for 401 and 403, ::overloaded for 429, ::protocol for the rest.
    static Task<base::Result<std::unique_ptr<WebSocket>>> connect(std::unique_ptr<ByteStream> stream, Url url,
                                                                  Headers headers, WebSocketLimits limits);
    ~WebSocket();

    /// The next message. Errc::closed when the connection has ended, by either side: see close_reason().
    Task<base::Result<Message>> read();

    void send_text(std::string_view text, Delivery delivery = Delivery::must_arrive);
    void send_binary(std::span<const std::byte> bytes, Delivery delivery);
    /// Drops queued messages that may be dropped (a reply that was interrupted); returns how many.
    std::size_t drop_queued();

    /// Sends what is queued, then the close frame; nothing is sent after it.
    void close(CloseReason reason);
    /// Ends the connection at once, without a word.
    void abort() noexcept;

    /// Why the connection ended; code 1006 where no close frame was seen.
    const CloseReason& close_reason() const noexcept;
    /// Messages lost to the bound of the queue since the start.
    std::uint64_t dropped() const noexcept;
    std::size_t queued_bytes() const noexcept;
    std::string peer_name() const;
    bool encrypted() const noexcept;

 private:
    struct Impl;
    explicit WebSocket(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace voicectl::net
