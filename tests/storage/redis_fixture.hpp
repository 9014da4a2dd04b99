// SPDX-License-Identifier: Apache-2.0
// Connections to a Redis for the coroutines of a test, and many of these at once.
#pragma once

#include "net/deadline.hpp"
#include "storage/redis_connection.hpp"
#include "storage/redis_server.hpp"
#include "support/coroutine_test.hpp"

#include <memory>
#include <string>
#include <vector>

namespace voicectl::tests {

class RedisTest : public CoroutineTest {
 protected:
    /// No test waits that long: it is for what is meant to be answered.
    static constexpr std::chrono::milliseconds ample{30'000};

    storage::RedisOptions options(const base::Secret& url) {
        storage::RedisOptions options;
        options.url = must(storage::parse_redis_url(url));
        options.connect_timeout = ample;
        options.backoff = {std::chrono::milliseconds(1), std::chrono::milliseconds(20)};
        return options;
    }
    /// Runs `body(redis)` with a connection that is up, and ends with it.
    template <class Body>
    void with(storage::RedisOptions options, Body body) {
        run([&]() -> net::Task<void> {
            storage::RedisConnection redis(io_.get_executor(), options);
            must(co_await redis.ready(ample));
            co_await body(redis);
        });
    }
    static net::Task<storage::Reply> ask(storage::RedisConnection& redis, storage::Command command) {
        auto reply = co_await redis.command(std::move(command), ample);
        co_return must(std::move(reply));
    }

    /// Starts `count` coroutines `work(number)` and waits for all of them.
    template <class Work>
    net::Task<void> all(int count, Work work) {
        int left = count;
        net::Notifier done(io_.get_executor());
        for (int number = 0; number < count; ++number)
            net::asio::co_spawn(io_, work(number), [&](std::exception_ptr error) {
                EXPECT_FALSE(error);
                if (--left == 0) done.notify();
            });
        co_await done.wait();
    }
};

}  // namespace voicectl::tests
