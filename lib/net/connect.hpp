// SPDX-License-Identifier: Apache-2.0
// From an address to a byte stream: resolve, connect, TLS. On the calling coroutine's thread.
#pragma once

#include "net/byte_stream.hpp"
#include "net/deadline.hpp"
#include "net/tls.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace voicectl::net {

/// A port of a host, or the socket of a path.
struct Endpoint {
    std::string host;  ///< a name or an address, without brackets
    std::uint16_t port = 0;
    std::shared_ptr<const TlsContext> tls;  ///< none: no TLS
    std::string unix_path;                  ///< where it is not empty, it alone counts; at most 107 bytes

    Endpoint() = default;
    Endpoint(std::string to_host, std::uint16_t to_port, std::shared_ptr<const TlsContext> with = nullptr)
        : host(std::move(to_host)), port(to_port), tls(std::move(with)) {}

    /// "localhost:6379", "[::1]:6379" or the path, for sentences.
    std::string name() const;
};

/// One connection under way, for those who end it by a rule of their own.
class Connector {
 public:
    explicit Connector(const asio::any_io_executor& executor);
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;

    /// Once. Errc::unavailable if nothing answers or TLS fails, ::untrusted for a certificate that is not
    /// accepted.
    Task<base::Result<std::unique_ptr<ByteStream>>> connect(Endpoint to);
    /// Ends connect() at once, whatever it waits for. Afterwards, closes the stream that it gave, which must
    /// then still live.
    void give_up() noexcept;

 private:
    /// What the system's resolver fills in: it cannot be interrupted, and may outlive all who wait for it.
    struct Lookup {
        explicit Lookup(const asio::any_io_executor& executor) : wake(executor) {}
        Notifier wake;
        ErrorCode ec = asio::error::operation_aborted;
        tcp::resolver::results_type addresses;
    };

    Task<base::Result<void>> look_up(const Endpoint& to);
    Task<base::Result<std::unique_ptr<ByteStream>>> open_tcp(const Endpoint& to);
    Task<base::Result<std::unique_ptr<ByteStream>>> open_unix(const Endpoint& to);

    tcp::resolver resolver_;
    std::shared_ptr<Lookup> lookup_;
    tcp::socket socket_;
    asio::local::stream_protocol::socket unix_socket_;
    ByteStream* stream_ = nullptr;
    bool given_up_ = false;
};

/// Connects within `timeout`: what Connector::connect says, or Errc::timed_out. The limit holds while a name
/// is looked up too; what ends the io_context then waits for the system's resolver.
Task<base::Result<std::unique_ptr<ByteStream>>> connect(Endpoint to, std::chrono::milliseconds timeout);

}  // namespace voicectl::net
