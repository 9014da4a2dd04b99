// SPDX-License-Identifier: Apache-2.0
#include "net/listener.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <future>
#include <string>
#include <vector>

namespace voicectl::net {
namespace {

using namespace std::chrono_literals;
using base::Errc;

constexpr auto patience = 60s;

TEST(Listener, TakesAnyPortAndNamesIt) {
    asio::io_context io;
    const auto listener = Listener::open(io, "127.0.0.1", 0);
    ASSERT_TRUE(listener) << listener.error().detail;
    EXPECT_NE(listener.value()->port(), 0);
}

TEST(Listener, NamesThePortThatIsTaken) {
    asio::io_context io;
    const auto first = Listener::open(io, "127.0.0.1", 0);
    const auto port = first.value()->port();
    const auto second = Listener::open(io, "127.0.0.1", port);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::os);
    EXPECT_NE(second.error().detail.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
    EXPECT_NE(second.error().detail.find("in use"), std::string::npos);
}

TEST(Listener, RefusesAnAddressThatIsNone) {
    asio::io_context io;
    const auto listener = Listener::open(io, "not an address", 0);
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, Errc::bad_configuration);
}

TEST(Listener, HandsEachConnectionToTheWorkerThatWasPicked) {
    constexpr int connections = 6;
    asio::io_context home;
    std::array<Worker, 2> workers = {Worker("first"), Worker("second")};
    for (auto& worker : workers)
        worker.start();
    const auto listener = std::move(Listener::open(home, "127.0.0.1", 0)).value();

    std::atomic<int> arrived = 0;
    std::atomic<int> astray = 0;
    std::promise<void> all;
    const auto pick = [&]() -> Worker& {
        return *std::ranges::min_element(workers, {}, [](const Worker& worker) { return worker.load(); });
    };
    const auto on_connection = [&](Worker& worker, tcp::socket socket) {
        if (!worker.here() || &socket.get_executor().context() != &worker.io()) ++astray;
        if (++arrived == connections) all.set_value();
    };
    listener->start(pick, on_connection);
    std::thread accepting([&] { home.run(); });

    asio::io_context clients;
    std::vector<tcp::socket> sockets;
    for (int i = 0; i < connections; ++i) {
        auto& socket = sockets.emplace_back(clients);
        socket.connect({asio::ip::address_v4::loopback(), listener->port()});
    }
    EXPECT_EQ(all.get_future().wait_for(patience), std::future_status::ready);
    // Each of an even number goes to the less loaded, but for the one picked before the last was counted.
    EXPECT_EQ(workers[0].load() + workers[1].load(), connections);
    EXPECT_LE(std::abs(workers[0].load() - workers[1].load()), 2);
    EXPECT_EQ(astray, 0);

    asio::post(home, [&] { listener->close(); });
    accepting.join();
    for (auto& worker : workers)
        worker.finish();
}

TEST(Worker, RunsWhatIsPostedOnItsOwnThreadAndEndsWithIt) {
    Worker worker("a worker with a long name");
    worker.start();
    EXPECT_FALSE(worker.here());
    std::promise<bool> here;
    worker.post([&] { here.set_value(worker.here()); });
    auto ran = here.get_future();
    ASSERT_EQ(ran.wait_for(patience), std::future_status::ready);
    EXPECT_TRUE(ran.get());
    bool last = false;
    worker.post([&] { last = true; });
    worker.finish();
    EXPECT_TRUE(last);
}

}  // namespace
}  // namespace voicectl::net
