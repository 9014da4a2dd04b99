// SPDX-License-Identifier: Apache-2.0
#include "storage/redis_check.hpp"

#include "base/time.hpp"
#include "storage/redis_link.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::storage {
namespace {

/// The commands of a check are answered by a line; whoever says more is no Redis.
constexpr std::size_t reply_bytes_max = 16 * 1024;

}  // namespace

net::Task<base::Result<void>> check_redis(RedisUrl url, CheckLimits limits,
                                          std::shared_ptr<const net::TlsContext> tls) {
    const auto start = base::now();
    net::Endpoint to = endpoint_of(url, std::move(tls));
    auto opened = co_await net::connect(std::move(to), std::min(limits.connect, limits.total));
    if (!opened) co_return opened.error();
    RedisLink link(std::move(*opened), url.name(), reply_bytes_max);
    net::Deadline deadline(link.stream.get_executor(), start + limits.total - base::now(),
                           [&link] { link.stream.bytes().close(); });
    auto answered = co_await introduce(link, url, "");
    if (!answered && deadline.expired())
        co_return base::fail(base::Errc::timed_out, "Redis at {} did not answer within {} ms", url.name(),
                             limits.total.count());
    co_return answered;
}

}  // namespace voicectl::storage
