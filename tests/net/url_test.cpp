// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace voicectl::net {
namespace {

struct Good {
    const char* text;
    bool tls;
    const char* host;
    std::uint16_t port;
    const char* target;
    const char* authority;
};

TEST(Url, IsTakenApart) {
    const Good table[] = {
        {"ws://localhost:8080/voice-ws?codec=opus", false, "localhost", 8080, "/voice-ws?codec=opus",
         "localhost:8080"},
        {"wss://api.openai.com/v1/realtime", true, "api.openai.com", 443, "/v1/realtime", "api.openai.com"},
        {"ws://host", false, "host", 80, "/", "host"},
        {"wss://host:80", true, "host", 80, "/", "host:80"},
        {"http://host:80/x", false, "host", 80, "/x", "host"},
        {"https://host?model=x", true, "host", 443, "/?model=x", "host"},
        {"ws://[::1]:9000/a", false, "::1", 9000, "/a", "[::1]:9000"},
        {"wss://[2001:db8::1]/", true, "2001:db8::1", 443, "/", "[2001:db8::1]"},
        {"ws://host/path#part", false, "host", 80, "/path", "host"},
        {"ws://host/a@b", false, "host", 80, "/a@b", "host"},
        {"ws://host:65535/", false, "host", 65535, "/", "host:65535"},
    };
    for (const auto& good : table) {
        const auto url = parse_url(good.text);
        ASSERT_TRUE(url) << good.text << ": " << url.error().detail;
        EXPECT_EQ(url.value().tls, good.tls) << good.text;
        EXPECT_EQ(url.value().host, good.host) << good.text;
        EXPECT_EQ(url.value().port, good.port) << good.text;
        EXPECT_EQ(url.value().target, good.target) << good.text;
        EXPECT_EQ(url.value().authority(), good.authority) << good.text;
    }
}

TEST(Url, IsRefusedWithASentence) {
    const std::pair<const char*, const char*> table[] = {
        {"", "no scheme"},
        {"localhost:8080", "no scheme"},
        {"ftp://host/", "scheme ftp is not known"},
        {"ws://", "names no host"},
        {"ws:///path", "names no host"},
        {"ws://:80/", "names no host"},
        {"ws://host:/", "port ''"},
        {"ws://host:0/", "port '0'"},
        {"ws://host:65536/", "port '65536'"},
        {"ws://host:80a/", "port '80a'"},
        {"ws://host:-1/", "port '-1'"},
        {"ws://[::1/", "'[' without ']'"},
        {"ws://[::1]80/", "no ':' after ']'"},
        {"ws://host/a b", "space or a control"},
        {"ws://host/a\r\nX-Header: 1", "space or a control"},
        {"ws://ho\tst/", "space or a control"},
    };
    for (const auto& [text, sentence] : table) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, base::Errc::malformed) << text;
        EXPECT_NE(url.error().detail.find(sentence), std::string::npos) << text << ": " << url.error().detail;
    }
}

TEST(Url, KeepsAPasswordOutOfItsComplaint) {
    const auto url = parse_url("wss://user:hunter2@host/");
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().detail.find("hunter2"), std::string::npos);
    EXPECT_NE(url.error().detail.find("host"), std::string::npos);
}

TEST(Url, TakesQueryParametersPercentEncoded) {
    auto url = parse_url("ws://host/p").value();
    url.add_query("model", "gpt realtime/1&x=ü");
    url.add_query("codec", "opus");
    EXPECT_EQ(url.target, "/p?model=gpt%20realtime%2F1%26x%3D%C3%BC&codec=opus");
    EXPECT_EQ(query_value(url.target, "model").value(), "gpt realtime/1&x=ü");
    EXPECT_EQ(query_value(url.target, "codec").value(), "opus");
}

TEST(Url, FindsTheValueOfAQueryParameter) {
    EXPECT_EQ(query_value("/p?a=1&b=2&a=3", "a").value(), "1");
    EXPECT_EQ(query_value("/p?aa=1&b=2", "a").value(), "");
    EXPECT_EQ(query_value("/p", "a").value(), "");
    EXPECT_EQ(query_value("/p?", "a").value(), "");
    EXPECT_EQ(query_value("/p?a", "a").value(), "");
    EXPECT_EQ(query_value("/p?&&a=1+2&", "a").value(), "1+2");
    EXPECT_FALSE(query_value("/p?a=%zz", "a"));
    EXPECT_EQ(query_value("/p?b=%zz&a=1", "a").value(), "1");
}

TEST(Url, DecodesEscapesOrSaysThatTheyAreBroken) {
    EXPECT_EQ(percent_decode("a%20b%2Fc%C3%BC").value(), "a b/cü");
    EXPECT_EQ(percent_decode("%00").value(), std::string(1, '\0'));
    for (const auto* broken : {"%", "%2", "%zz", "%2z", "%%20", "% 1", "%-1", "%+1"})
        EXPECT_FALSE(percent_decode(broken)) << broken;
}

TEST(Url, KnowsItsPath) {
    EXPECT_EQ(path_of("/voice-ws?token=x"), "/voice-ws");
    EXPECT_EQ(path_of("/voice-ws"), "/voice-ws");
    EXPECT_EQ(path_of("?x"), "");
}

}  // namespace
}  // namespace voicectl::net
