// SPDX-License-Identifier: Apache-2.0
#include "storage/redis_url.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace voicectl::storage {
namespace {

using base::Errc;

struct Good {
    std::string text;
    bool tls;
    std::string name;
    std::string user;
    std::string password;
    unsigned database;
};

TEST(RedisUrl, IsReadIntoItsParts) {
    const std::vector<Good> table{
        {"redis://h", false, "h:6379", "", "", 0},
        {"redis://h/", false, "h:6379", "", "", 0},
        {"redis://h:6380", false, "h:6380", "", "", 0},
        {"rediss://h:6380/7", true, "h:6380", "", "", 7},
        {"redis://[::1]:1/2", false, "[::1]:1", "", "", 2},
        {"redis://[fe80::2]", false, "[fe80::2]:6379", "", "", 0},
        {"redis://:p@h", false, "h:6379", "", "p", 0},
        {"redis://u:p@h:1/3", false, "h:1", "u", "p", 3},
        {"redis://u:p%40%2F%3A%25@h", false, "h:6379", "u", "p@/:%", 0},
        {"redis://a%20b:p:q@h", false, "h:6379", "a b", "p:q", 0},
        {"redis://u:p@q@h", false, "h:6379", "u", "p@q", 0},
        {"redis://h?db=4", false, "h:6379", "", "", 4},
        {"unix:///run/redis.sock", false, "/run/redis.sock", "", "", 0},
        {"unix:///run/redis.sock?db=5", false, "/run/redis.sock", "", "", 5},
        {"unix://u:p@/run/a%20b.sock", false, "/run/a b.sock", "u", "p", 0},
    };
    for (const auto& row : table) {
        const auto url = parse_redis_url(base::Secret(row.text));
        ASSERT_TRUE(url) << row.text << ": " << url.error().detail;
        EXPECT_EQ(url->tls, row.tls) << row.text;
        EXPECT_EQ(url->name(), row.name) << row.text;
        EXPECT_EQ(url->user, row.user) << row.text;
        EXPECT_EQ(url->password.reveal(), row.password) << row.text;
        EXPECT_EQ(url->database, row.database) << row.text;
    }
}

TEST(RedisUrl, IsRefusedWithoutRepeatingAnyOfIt) {
    const std::vector<std::string> table{
        "",
        "S3CRET",
        "redis:",
        "redis://",
        "http://S3CRET",
        "redis://:S3CRET@",
        "redis://S3CRET@h",
        "redis://S3CRET:@h",
        "redis://u:S3%CRET@h",
        "redis://u:S3CRET%@h",
        "redis://u:pa/S3CRET@h",
        "redis://u:12/S3CRET@h",
        "redis://u:pa?S3CRET@h",
        "redis://u:12?S3CRET@h",
        "redis://u:pa#S3CRET@h",
        "redis://h:S3CRET",
        "redis://h:0",
        "redis://h:65536",
        "redis://h:",
        "redis://h:1:2",
        "redis://h/S3CRET",
        "redis://h/-1",
        "redis://h/65536",
        "redis://h?S3CRET=1",
        "redis://h?db=S3CRET",
        "redis://h?db=1&ssl=S3CRET",
        "redis://S3 CRET",
        "redis://S3%20CRET",
        "redis://[S3CRET",
        "redis://[::1]S3CRET",
        "unix://S3CRET",
        "unix://S3CRET/path",
        "unix:///",
        "unix:///S3%CRET",
        "unix:///S3CRET%00",
        "unix:///" + std::string(200, 'a'),
    };
    for (const auto& text : table) {
        const auto url = parse_redis_url(base::Secret(text));
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, Errc::malformed) << text;
        EXPECT_TRUE(url.error().detail.starts_with("the Redis URL") ||
                    url.error().detail.starts_with("in the Redis URL"))
            << url.error().detail;
        for (const auto* part : {"S3", "CRET"})
            EXPECT_EQ(url.error().detail.find(part), std::string::npos) << text << ": " << url.error().detail;
    }
}

}  // namespace
}  // namespace voicectl::storage
