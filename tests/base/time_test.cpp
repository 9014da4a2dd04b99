// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <gtest/gtest.h>

namespace voicectl::base {
namespace {

using namespace std::chrono_literals;

TEST(Time, IsWrittenAsRfc3339WithMilliseconds) {
    using WallTime = std::chrono::system_clock::time_point;
    EXPECT_EQ(rfc3339(WallTime(1'700'000'000'042ms)), "2023-11-14T22:13:20.042Z");
    EXPECT_EQ(rfc3339(WallTime()), "1970-01-01T00:00:00.000Z");
}

TEST(Time, RoundsToTheNearestMillisecond) {
    EXPECT_EQ(whole_milliseconds(1499us), 1);
    EXPECT_EQ(whole_milliseconds(1501us), 2);
    EXPECT_DOUBLE_EQ(milliseconds(1500us), 1.5);
}

}  // namespace
}  // namespace voicectl::base
