// SPDX-License-Identifier: Apache-2.0
#include "net/deadline.hpp"

#include "support/coroutine_test.hpp"

#include <boost/asio/post.hpp>

#include <vector>

namespace voicectl::net {
namespace {

using namespace std::chrono_literals;

class DeadlineTest : public tests::CoroutineTest {};
class NotifierTest : public tests::CoroutineTest {};

TEST_F(DeadlineTest, ActsOnceWhenItsTimeHasCome) {
    int acted = 0;
    Deadline deadline(io_.get_executor(), 10ms, [&] { ++acted; });
    EXPECT_FALSE(deadline.expired());
    io_.run();
    EXPECT_EQ(acted, 1);
    EXPECT_TRUE(deadline.expired());
}

TEST_F(DeadlineTest, DoesNothingOnceItIsDestroyed) {
    int acted = 0;
    {
        const Deadline deadline(io_.get_executor(), 10ms, [&] { ++acted; });
    }
    io_.run();
    EXPECT_EQ(acted, 0);
}

TEST_F(DeadlineTest, DoesNothingWhereItsExpiryWasQueuedAsItWasDestroyed) {
    int acted = 0;
    std::optional<Deadline> second;
    // Both are due in the same turn of the loop; the first destroys the second.
    const Deadline first(io_.get_executor(), 0ms, [&] { second.reset(); });
    second.emplace(io_.get_executor(), 0ms, [&] { ++acted; });
    io_.run();
    EXPECT_EQ(acted, 0);
}

TEST_F(NotifierTest, WakesTheOneThatWaits) {
    Notifier notifier(io_.get_executor());
    std::vector<int> order;
    asio::post(io_, [&] {
        order.push_back(1);
        notifier.notify();
    });
    run([&]() -> Task<void> {
        // The coroutine starts after the post above has run, or waits for it: both must end.
        co_await notifier.wait();
        order.push_back(2);
    });
    EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST_F(NotifierTest, KeepsAWakeForTheNextWaitButOnlyOne) {
    Notifier notifier(io_.get_executor());
    notifier.notify();
    notifier.notify();
    bool twice = false;
    run([&]() -> Task<void> {
        co_await notifier.wait();
        Deadline later(io_.get_executor(), 20ms, [&] {
            twice = true;
            notifier.notify();
        });
        co_await notifier.wait();
        EXPECT_TRUE(twice) << "one wake ended two waits";
    });
}

}  // namespace
}  // namespace voicectl::net
