// SPDX-License-Identifier: Apache-2.0
#include "upstream/outcome.hpp"

#include <gtest/gtest.h>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using namespace upstream;

template <class T>
bool is(const Outcome& outcome) {
    return std::holds_alternative<T>(outcome);
}

std::optional<KeyFault> fault_of(const Outcome& outcome) {
    const auto* refused = std::get_if<Refused>(&outcome);
    return refused ? std::optional(refused->fault) : std::nullopt;
}

TEST(Outcome, OfACloseIsInItsReasonBeforeItsCode) {
    EXPECT_EQ(fault_of(outcome_of_close(3000, "invalid_request_error.invalid_api_key")),
              KeyFault::invalid_key);
    EXPECT_EQ(fault_of(outcome_of_close(3000, "")), KeyFault::invalid_key);
    EXPECT_EQ(fault_of(outcome_of_close(1013, "insufficient_quota.insufficient_quota")), KeyFault::no_quota);
    EXPECT_EQ(fault_of(outcome_of_close(1011, "insufficient_quota")), KeyFault::no_quota);
    EXPECT_TRUE(is<Failed>(outcome_of_close(1013, "")));
    EXPECT_TRUE(is<Failed>(outcome_of_close(1006, "")));
    EXPECT_TRUE(is<Failed>(outcome_of_close(1011, "server_error.")));
    EXPECT_TRUE(is<Throttled>(outcome_of_close(1013, "rate_limit_error.rate_limit_exceeded")));
    EXPECT_TRUE(
        is<Indifferent>(outcome_of_close(1001, "Your session hit the maximum duration of 60 minutes.")));
    EXPECT_TRUE(is<Indifferent>(outcome_of_close(1000, "")));
    EXPECT_TRUE(is<Indifferent>(outcome_of_close(4004, "invalid_request_error.model_not_found")));
}

TEST(Outcome, OfAStatus) {
    EXPECT_EQ(fault_of(outcome_of_status(401, {})), KeyFault::invalid_key);
    EXPECT_EQ(fault_of(outcome_of_status(403, {})), KeyFault::invalid_key);
    EXPECT_TRUE(is<Failed>(outcome_of_status(500, {})));
    EXPECT_TRUE(is<Failed>(outcome_of_status(503, 3s)));
    EXPECT_TRUE(is<Indifferent>(outcome_of_status(404, {})));
    const auto throttled = outcome_of_status(429, 3s);
    ASSERT_TRUE(is<Throttled>(throttled));
    EXPECT_EQ(std::get<Throttled>(throttled).retry_after, 3s);
}

TEST(Outcome, OfAnError) {
    EXPECT_EQ(fault_of(outcome_of_error("invalid_request_error", "invalid_api_key")), KeyFault::invalid_key);
    EXPECT_EQ(fault_of(outcome_of_error("insufficient_quota", "")), KeyFault::no_quota);
    EXPECT_TRUE(is<Throttled>(outcome_of_error("", "rate_limit_exceeded")));
    EXPECT_TRUE(is<Failed>(outcome_of_error("server_error", "")));
    EXPECT_TRUE(is<Indifferent>(outcome_of_error("invalid_request_error", "response_cancel_not_active")));
}

}  // namespace
}  // namespace voicectl::test
