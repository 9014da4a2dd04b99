// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace voicectl::base {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return fail(Errc::malformed, "{} is odd", number);
    return number / 2;
}

TEST(Error, CarriesItsKindAndASentence) {
    EXPECT_EQ(half(4).value(), 2);
    const auto failed = half(5);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::malformed);
    EXPECT_EQ(failed.error().detail, "5 is odd");
}

TEST(Error, BecomesAnExceptionWithItsSentenceWhereAValueIsTakenForGranted) {
    try {
        half(5).value();
        FAIL() << "no exception";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string_view(error.what()).find("malformed: 5 is odd"), std::string_view::npos);
    }
}

TEST(Error, HasANameForEveryKind) {
    std::set<std::string_view> names;
    for (int code = 0; code <= static_cast<int>(Errc::internal); ++code)
        EXPECT_TRUE(names.insert(name_of(static_cast<Errc>(code))).second) << code;
}

TEST(ErrorDeathTest, ABrokenInvariantSaysWhichAndWhere) {
    EXPECT_DEATH(VOICECTL_CHECK(1 + 1 == 3), "bug: .*error_test.cpp:[0-9]+: 1 \\+ 1 == 3 does not hold");
}

}  // namespace
}  // namespace voicectl::base
