// SPDX-License-Identifier: Apache-2.0
// A Lua script that Redis runs as one step, sent once and named by its digest from then on. On the thread of
// the connection.
#pragma once

#include "storage/redis_connection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace voicectl::storage {

/// A value that may be shared; scripts are made once, as constants.
class Script {
 public:
    explicit Script(std::string_view source);

    const std::string& source() const noexcept { return source_; }
    /// Of the source: SHA-1 in small hexadecimal digits, as EVALSHA names it.
    const std::string& digest() const noexcept { return digest_; }

 private:
    std::string source_;
    std::string digest_;
};

/// Runs `script` by EVALSHA, and by EVAL where Redis does not know it (again): after a restart, say. `redis`
/// and `script` outlive the call; `timeout` is for each of the two. As RedisConnection::command; an error
/// reply is an error here, as RedisConnection::error_of makes it.
net::Task<base::Result<Reply>> evaluate(RedisConnection& redis, const Script& script,
                                        std::vector<std::string> keys, std::vector<std::string> arguments,
                                        std::chrono::milliseconds timeout);

}  // namespace voicectl::storage
