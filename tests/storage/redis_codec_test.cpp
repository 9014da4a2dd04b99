// SPDX-License-Identifier: Apache-2.0
#include "storage/redis_codec.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace voicectl::storage {
namespace {

using base::Errc;

TEST(RedisCommand, CountsEveryWord) {
    EXPECT_EQ(Command("GET", "key").wire(), "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
    const std::string trap = "x\r\nDEL y";
    EXPECT_EQ(Command("GET", trap).wire(), "*2\r\n$3\r\nGET\r\n$8\r\nx\r\nDEL y\r\n");
    const std::string_view zero("a\0b", 3);
    EXPECT_EQ(Command("SET", zero, "").wire(),
              std::string("*3\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$0\r\n\r\n", 28));
}

constexpr std::string_view everything =
    "+OK\r\n-ERR "
    "no\r\n:-42\r\n$-1\r\n$5\r\na\r\nbc\r\n*-1\r\n*0\r\n*3\r\n$1\r\nx\r\n*2\r\n:1\r\n$-1\r\n+y\r\n";

void expect_everything(const std::vector<Reply>& replies) {
    ASSERT_EQ(replies.size(), 8U);
    EXPECT_EQ(replies[0].text, "OK");
    EXPECT_TRUE(replies[1].is_error("ERR"));
    EXPECT_FALSE(replies[0].is_error());
    EXPECT_EQ(replies[2].integer, -42);
    EXPECT_EQ(replies[3].kind, Reply::Kind::nil);
    EXPECT_EQ(replies[4].text, "a\r\nbc");
    EXPECT_EQ(replies[5].kind, Reply::Kind::nil);
    EXPECT_EQ(replies[6].kind, Reply::Kind::array);
    const auto& nested = replies[7].elements;
    ASSERT_EQ(nested.size(), 3U);
    EXPECT_EQ(nested[0].text, "x");
    EXPECT_EQ(nested[1].elements.at(0).integer, 1);
    EXPECT_EQ(nested[1].elements.at(1).kind, Reply::Kind::nil);
    EXPECT_EQ(nested[2].text, "y");
}

TEST(ReplyReader, ReadsEveryKindHoweverItIsCut) {
    for (std::size_t piece = 1; piece <= everything.size(); ++piece) {
        ReplyReader reader(10'000);
        std::vector<Reply> replies;
        for (std::size_t at = 0; at < everything.size(); at += piece) {
            reader.feed(everything.substr(at, piece));
            EXPECT_TRUE(reader.begun());
            for (auto reply = reader.next(); reply.has_value() && *reply; reply = reader.next())
                replies.push_back(std::move(**reply));
        }
        EXPECT_FALSE(reader.begun());
        expect_everything(replies);
    }
}

Errc code_of(std::string_view bytes, std::size_t bytes_max = 1'000) {
    ReplyReader reader(bytes_max);
    reader.feed(bytes);
    const auto reply = reader.next();
    return reply ? Errc::internal : reply.error().code;
}

TEST(ReplyReader, RefusesWhatTakesTooMuch) {
    EXPECT_EQ(code_of("*2147483647\r\n"), Errc::too_large) << "announced, not sent";
    EXPECT_EQ(code_of("$999999\r\n" + std::string(1'001, 'x')), Errc::too_large);
    EXPECT_EQ(code_of("+" + std::string(1'001, 'x')), Errc::too_large) << "a line without an end";
    EXPECT_EQ(code_of("$1001\r\n" + std::string(1'001, 'x') + "\r\n"), Errc::too_large);
    EXPECT_EQ(
        code_of("*2\r\n$700\r\n" + std::string(700, 'x') + "\r\n$700\r\n" + std::string(700, 'x') + "\r\n"),
        Errc::too_large);
}

TEST(ReplyReader, CountsEachReplyAnew) {
    ReplyReader reader(1'000);
    for (int i = 0; i < 10; ++i) {
        reader.feed("$900\r\n" + std::string(900, 'x') + "\r\n");
        const auto reply = reader.next();
        ASSERT_TRUE(reply && *reply);
        EXPECT_EQ((*reply)->text.size(), 900U);
    }
}

TEST(ReplyReader, RefusesWhatIsNoReply) {
    EXPECT_EQ(code_of("HTTP/1.1 400 Bad Request\r\n"), Errc::protocol);
    EXPECT_EQ(code_of("%1\r\n+a\r\n+b\r\n"), Errc::protocol) << "RESP3";
    std::string deep;
    for (int i = 0; i < 20; ++i)
        deep += "*1\r\n";
    EXPECT_EQ(code_of(deep + ":1\r\n", 100'000), Errc::protocol);
}

/// The memory that a reply takes, as the reader counts it.
std::size_t size_of(const Reply& reply) {
    auto size = reply.text.size() + reply.elements.size() * sizeof(Reply);
    for (const auto& element : reply.elements)
        size += size_of(element);
    return size;
}

TEST(ReplyReader, SurvivesWhateverComesWithinItsBound) {
    constexpr std::string_view bytes = "+-:$*%0123456789\r\nx";
    std::mt19937 random(6'379);
    std::size_t whole = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string text(everything);
        for (auto changes = random() % 6; changes > 0; --changes) {
            const auto at = random() % text.size();
            if (random() % 3 == 0)
                text.erase(at, random() % 4);
            else
                text[at] = bytes[random() % bytes.size()];
        }
        ReplyReader reader(500);
        bool well = true;
        for (std::size_t at = 0; well && at < text.size(); at += 7) {
            reader.feed(std::string_view(text).substr(at, 7));
            auto reply = reader.next();
            for (; reply && *reply; reply = reader.next()) {
                EXPECT_LE(size_of(**reply), 500U);
                ++whole;
            }
            well = reply.has_value();
        }
    }
    EXPECT_GT(whole, 100'000U);
}

}  // namespace
}  // namespace voicectl::storage
