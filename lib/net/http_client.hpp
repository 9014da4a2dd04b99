// SPDX-License-Identifier: Apache-2.0
// One GET and its answer, over a connection of its own: values in, values out. Redirects are not followed.
// On the calling coroutine's thread.
#pragma once

#include "net/http.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace voicectl::net {

struct HttpGet {
    Url url;
    /// Beside Host, User-Agent, Accept and Connection, which are set where they are not given. No value of
    /// these is ever part of an error.
    Headers headers;
    std::shared_ptr<const TlsContext> tls;             ///< needed for https and wss
    std::chrono::milliseconds connect_timeout{3'000};  ///< name, TCP and TLS
    std::chrono::milliseconds total_timeout{10'000};   ///< all of it, the connecting too
    std::uint32_t head_bytes_max = 16 * 1024;
    std::uint64_t body_bytes_max = 1024 * 1024;

    HttpGet() = default;
};

struct HttpAnswer {
    unsigned status = 0;
    Headers headers;
    std::string body;
};

/// Whatever status came is an answer. Errc::unavailable and ::untrusted as net::connect, ::timed_out past a
/// limit of time, ::too_large past one of bytes, ::protocol for what is no HTTP, ::closed for a peer that
/// hangs up without a word, ::malformed for a header that cannot be sent.
Task<base::Result<HttpAnswer>> http_get(HttpGet request);

}  // namespace voicectl::net
