// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace voicectl::base {
namespace {

using std::string_literals::operator""s;

std::string quoted(const std::string& text) {
    std::string out;
    append_json_string(text, out);
    return out;
}

TEST(JsonText, EscapesWhatRfc8259Demands) {
    EXPECT_EQ(quoted(""), R"("")");
    EXPECT_EQ(quoted(R"(say "hi" \ bye)"), R"("say \"hi\" \\ bye")");
    EXPECT_EQ(quoted("a\nb"), R"("a\nb")");
    EXPECT_EQ(quoted("a\tb\rc\x01"), R"("a\u0009b\u000dc\u0001")");
    EXPECT_EQ(quoted("nul\0!"s), R"("nul\u0000!")");
    EXPECT_EQ(quoted("</script>"), R"("</script>")");
}

TEST(JsonText, KeepsWellFormedUtf8) {
    for (const auto* text : {"grüß dich", "\xe2\x82\xac", "\xf0\x9f\x8e\x99 on air", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_EQ(quoted(text), "\"" + std::string(text) + "\"");
        EXPECT_TRUE(is_utf8(text));
    }
}

TEST(JsonText, ReplacesEveryByteThatIsNotUtf8) {
    const auto mark = "\xef\xbf\xbd"s;
    const std::pair<std::string, std::string> table[] = {
        {"\xff", mark},
        {"a\x80z", "a" + mark + "z"},
        {"\xc0\xaf", mark + mark},                        // an overlong slash
        {"\xe0\x80\x80", mark + mark + mark},             // an overlong nul
        {"\xed\xa0\x80", mark + mark + mark},             // half of a surrogate pair
        {"\xf4\x90\x80\x80", mark + mark + mark + mark},  // beyond U+10FFFF
        {"\xe2\x82", mark + mark},                        // cut short
        {"\xe2\x82 end", mark + mark + " end"},
    };
    for (const auto& [text, expected] : table) {
        EXPECT_EQ(quoted(text), "\"" + expected + "\"");
        EXPECT_FALSE(is_utf8(text));
    }
}

TEST(JsonText, AppendsAfterWhatIsThere) {
    std::string out = "{\"name\":";
    append_json_string("x", out);
    EXPECT_EQ(out, "{\"name\":\"x\"");
}

}  // namespace
}  // namespace voicectl::base
