// SPDX-License-Identifier: Apache-2.0
// Whether a Redis answers whom the URL names. Changes nothing there. On the calling coroutine's thread.
#pragma once

#include "net/task.hpp"
#include "net/tls.hpp"
#include "storage/limits.hpp"
#include "storage/redis_url.hpp"

#include <memory>

namespace voicectl::storage {

/// Connects, says who asks, selects the database, and pings. `tls` is needed where the URL demands it.
/// Errc::unavailable, ::untrusted and ::timed_out where it cannot be reached; ::unauthorized for a wrong or a
/// missing password, ::forbidden for what the user may not do, ::overloaded where it cannot answer yet,
/// ::protocol if it is no Redis, ::closed if it hangs up. No error repeats what the peer says.
net::Task<base::Result<void>> check_redis(RedisUrl url, CheckLimits limits,
                                          std::shared_ptr<const net::TlsContext> tls);

}  // namespace voicectl::storage
