// SPDX-License-Identifier: Apache-2.0
// One worker's connection to Redis, which it keeps up: it connects at once, and again after every loss, later
// and later. Commands of many coroutines are in flight together and leave in one write where they can;
// replies come in order. While Redis is away a command fails at once: nothing waits in a queue for its
// return. All of it on the worker's thread.
#pragma once

#include "net/backoff.hpp"
#include "net/task.hpp"
#include "net/tls.hpp"
#include "storage/redis_codec.hpp"
#include "storage/redis_url.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace voicectl::storage {

struct RedisOptions {
    RedisUrl url;
    std::shared_ptr<const net::TlsContext> tls;        ///< needed where the URL demands it
    std::string client_name = "voicectl";              ///< in CLIENT LIST; no blanks
    std::chrono::milliseconds connect_timeout{3'000};  ///< until TCP, TLS, AUTH, SELECT and PING are done
    net::BackoffLimits backoff;                        ///< between the tries
    std::size_t in_flight_max = 4'096;                 ///< commands; one more fails with Errc::overloaded
    std::size_t unsent_bytes_max = 8 * 1024 * 1024;    ///< of commands; likewise
    std::size_t reply_bytes_max = 4 * 1024 * 1024;     ///< a bigger reply ends the connection
    /// Called with all well when it is up, and with the reason when it is lost or a try failed for another
    /// reason than the one before. It must not destroy the connection.
    std::function<void(const base::Result<void>&)> on_change;
};

/// Whether Redis has certainly not carried out a command that failed so.
inline bool is_unsent(const base::Error& error) noexcept {
    return error.code == base::Errc::unavailable || error.code == base::Errc::overloaded;
}

class RedisConnection {
 public:
    RedisConnection(net::Executor executor, RedisOptions options);
    /// Every command in flight ends with Errc::closed.
    ~RedisConnection();
    RedisConnection(const RedisConnection&) = delete;
    RedisConnection& operator=(const RedisConnection&) = delete;

    /// What Redis answers, an error reply too (see error_of). Errc::unavailable: there is no connection, and
    /// nothing was sent. ::overloaded: too much is in flight, and nothing was sent. ::timed_out: no answer
    /// within `timeout`. ::closed, ::too_large, ::protocol: the connection ended before the answer. After the
    /// last four (but for a `timeout` of nothing) the command may or may not have been carried out; and the
    /// connection is given up, since replies would be out of step.
    net::Task<base::Result<Reply>> command(Command words, std::chrono::milliseconds timeout);

    /// Waits until it is up; past `timeout`, fails with the reason of the last try.
    net::Task<base::Result<void>> ready(std::chrono::milliseconds timeout);
    bool up() const noexcept;
    /// An error reply as an error of ours, which does not repeat what Redis said; `command` is its first
    /// word.
    base::Error error_of(const Reply& reply, std::string_view command) const;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace voicectl::storage
