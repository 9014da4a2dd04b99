// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 as a server needs it beside its websockets: one request at a time, small bodies, hard limits.
// Values in, values out; Beast's types stay inside http.cpp. A connection lives on its worker's thread.
#pragma once

#include "net/byte_stream.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voicectl::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first header of that name, ignoring case; empty where there is none.
std::string_view find_header(const Headers& headers, std::string_view name) noexcept;
/// A comma-separated header (all of its lines) as trimmed elements.
std::vector<std::string_view> list_header(const Headers& headers, std::string_view name);

struct HttpRequest {
    std::string method;
    std::string target;
    unsigned version = 11;
    Headers headers;
    std::string body;
    bool keep_alive = true;
    bool wants_websocket = false;  ///< a well-formed RFC 6455 upgrade, version 13
};

struct HttpResponse {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    Headers headers;
};

struct HttpLimits {
    std::uint32_t head_bytes_max = 8192;
    std::uint64_t body_bytes_max = 16384;
    std::chrono::milliseconds head_timeout{10'000};
};

class HttpConnection {
 public:
    HttpConnection(std::unique_ptr<ByteStream> stream, HttpLimits limits);
    ~HttpConnection();

    /// The TLS handshake, once and before anything else; at once done where there is none. Errc::timed_out
    /// past the head's time.
    Task<base::Result<void>> secure();
    /// The next request. Errc::closed at a clean end, ::protocol and ::too_large for what the peer got wrong
    /// (an answer may still be written), ::timed_out past the limit (the stream is closed).
    Task<base::Result<HttpRequest>> read();
    /// Errc::closed if the peer is gone.
    Task<base::Result<void>> write(HttpResponse response, bool keep_alive);
    /// Hands the stream over, after a request that wants a websocket; Errc::protocol if bytes follow it
    /// already.
    base::Result<std::unique_ptr<ByteStream>> release();

    /// Ends the connection at once; what is pending fails. Nothing after release().
    void abort() noexcept;
    std::string peer_name() const;

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace voicectl::net
