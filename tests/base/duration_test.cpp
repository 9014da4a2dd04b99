// SPDX-License-Identifier: Apache-2.0
#include "base/duration.hpp"

#include <gtest/gtest.h>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using base::format_duration;
using base::parse_duration;

TEST(Duration, ReadsItsUnits) {
    EXPECT_EQ(parse_duration("20"), 20ms);
    EXPECT_EQ(parse_duration("300ms"), 300ms);
    EXPECT_EQ(parse_duration("5s"), 5s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    for (const auto* text :
         {"", "s", "-1s", "1.5s", "1d", "1 s", "9223372036854775807h", "99999999999999999999"})
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

TEST(Duration, IsWrittenInItsLargestWholeUnit) {
    EXPECT_EQ(format_duration(0ms), "0ms");
    EXPECT_EQ(format_duration(1500ms), "1500ms");
    EXPECT_EQ(format_duration(90s), "90s");
    EXPECT_EQ(format_duration(5min), "5m");
    EXPECT_EQ(format_duration(24h), "24h");
    for (const auto span : {0ms, 1ms, 999ms, 1000ms, 61'000ms, 3'600'000ms})
        EXPECT_EQ(parse_duration(format_duration(span)), span);
}

}  // namespace
}  // namespace voicectl::test
