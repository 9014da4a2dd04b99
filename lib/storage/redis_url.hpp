// SPDX-License-Identifier: Apache-2.0
// Where a Redis is, and who asks it. A value; any thread.
#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <string>

namespace voicectl::storage {

struct RedisUrl {
    bool tls = false;
    std::string host = "localhost";  ///< without brackets
    std::uint16_t port = 6379;
    std::string unix_path;  ///< of a socket; where it is not empty, host and port do not count
    std::string user;       ///< empty: the default one
    base::Secret password;
    unsigned database = 0;

    /// "host:port" or the path; never a secret.
    std::string name() const;
};

/// Parses `redis://[[user]:password@]host[:port][/db]`, `rediss://` for TLS, and
/// `unix://[[user]:password@]/path`; all take `?db=N`. User, password and path are percent-decoded.
/// Errc::malformed says what is wrong and repeats nothing of the text: a slip of the pen turns any part of it
/// into the password.
base::Result<RedisUrl> parse_redis_url(const base::Secret& text);

}  // namespace voicectl::storage
