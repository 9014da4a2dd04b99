// SPDX-License-Identifier: Apache-2.0
#include "net/websocket.hpp"
#include "websocket_fixture.hpp"

namespace voicectl::net {
namespace {

TEST_F(WebSocketTest, EndsAPeerThatReadsTooSlowly) {
    server_limits_.queue_bytes_max = 64 * 1024;
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        // Nothing is written between two lines of one coroutine: the queue fills to its bound, and then over
        // it.
        for (int i = 0; i < 64; ++i)
            ends.server->send_text(pattern(1024, i));
        EXPECT_EQ(ends.server->queued_bytes(), 64U * 1024);
        EXPECT_EQ(ends.server->close_reason().code, 1006);
        ends.server->send_text("x");
        const auto at_server = co_await end_of(*ends.server);
        EXPECT_EQ(at_server.code, 1008);
        co_await end_of(*ends.client);
    });
}

TEST_F(WebSocketTest, DropsTheOldestOfWhatMayBeDropped) {
    server_limits_.queue_bytes_max = 10 * 100;
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        const auto message = [](int i) { return fmt::format("{:0100}", i); };
        ends.server->send_text(message(0));
        for (int i = 1; i <= 20; ++i)
            ends.server->send_binary(bytes_of(message(i)), Delivery::may_drop);
        EXPECT_EQ(ends.server->dropped(), 11U);
        EXPECT_EQ(ends.server->queued_bytes(), 1000U);
        // What must arrive takes the place of what may be dropped.
        ends.server->send_text(message(21));
        EXPECT_EQ(ends.server->dropped(), 12U);
        for (const int expected : {0, 13, 14, 15, 16, 17, 18, 19, 20, 21}) {
            const auto read = must(co_await ends.client->read());
            EXPECT_EQ(read.text(), message(expected));
        }
        asio::co_spawn(io_, echo(*ends.server), asio::detached);
        co_await finish(ends);
    });
}

TEST_F(WebSocketTest, LosesTheNewestWhereNothingElseMayBeDropped) {
    server_limits_.queue_bytes_max = 100;
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        ends.server->send_text(pattern(100, 0));
        ends.server->send_binary(bytes_of("late"), Delivery::may_drop);
        EXPECT_EQ(ends.server->dropped(), 1U);
        const auto read = must(co_await ends.client->read());
        EXPECT_EQ(read.text(), pattern(100, 0));
        asio::co_spawn(io_, echo(*ends.server), asio::detached);
        co_await finish(ends);
    });
}

TEST_F(WebSocketTest, DropsAReplyThatWasInterrupted) {
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        ends.server->send_text("before");
        for (int i = 0; i < 5; ++i)
            ends.server->send_binary(bytes_of("audio"), Delivery::may_drop);
        EXPECT_EQ(ends.server->drop_queued(), 5U);
        ends.server->send_text("after");
        const auto first = must(co_await ends.client->read());
        EXPECT_EQ(first.text(), "before");
        const auto second = must(co_await ends.client->read());
        EXPECT_EQ(second.text(), "after");
        asio::co_spawn(io_, echo(*ends.server), asio::detached);
        co_await finish(ends);
    });
}

}  // namespace
}  // namespace voicectl::net
