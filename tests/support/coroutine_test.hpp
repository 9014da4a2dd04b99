// SPDX-License-Identifier: Apache-2.0
// A fixture for coroutines: runs one to its end on this thread, and fails if it, or anything it started, is
// still waiting when nothing moves any more or the time is up.
#pragma once

#include "net/task.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

namespace voicectl::tests {

/// The value, or the end of the test: gtest's ASSERT_ cannot leave a coroutine.
template <class T>
T must(base::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    return std::move(result).value();
}

inline void must(base::Result<void> result) {
    if (!result) throw std::runtime_error(result.error().detail);
}

class CoroutineTest : public ::testing::Test {
 protected:
    /// No wait of a test is meant to last that long: it is the bound on a machine with better things to do.
    static constexpr std::chrono::seconds patience{60};

    /// `body` is a function that returns a Task<void>; it lives until everything has ended.
    template <class Body>
    void run(Body&& body) {
        bool finished = false;
        std::exception_ptr thrown;
        net::asio::co_spawn(io_, body(), [&](std::exception_ptr error) {
            finished = true;
            thrown = error;
        });
        io_.restart();
        io_.run_for(patience);
        EXPECT_TRUE(finished) << "the coroutine did not finish";
        EXPECT_TRUE(io_.stopped()) << "something the coroutine started is still waiting";
        if (thrown) std::rethrow_exception(thrown);
    }

    net::asio::io_context io_{1};
};

}  // namespace voicectl::tests
