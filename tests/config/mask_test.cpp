// SPDX-License-Identifier: Apache-2.0
#include "config/mask.hpp"

#include "config/address.hpp"
#include "config/fixture.hpp"
#include "config/text.hpp"
#include "config/toml_source.hpp"

namespace voicectl::test {
namespace {

using config::Code;
using config::Findings;
using testing::IsEmpty;

constexpr std::string_view secret = "kV7+qZ3mW9xT1rB5nD8hG2jL6pS4uY0c";

std::string filled(std::string_view text) {
    std::string out(text);
    for (auto at = out.find('$'); at != std::string::npos; at = out.find('$', at + secret.size()))
        out.replace(at, 1, secret);
    return out;
}

/// All that is said of a file: `toml` or lines of an environment file.
std::string said_of(std::string_view text, bool toml) {
    const tests::TemporaryFolder folder;
    const auto name = folder.file("it");
    std::ofstream(name) << text;
    auto sources = complete();
    if (toml)
        sources.config_file = name;
    else
        sources.env_files = {name};
    std::string said;
    for (const auto& finding : load(sources).findings)
        said += finding.subject + "|" + finding.sentence + "|" + finding.fix + "|" + finding.excerpt + "\n";
    return said;
}

TEST(Mask, HidesASecretWhereNoneBelongs) {
    EXPECT_EQ(config::masked("8080JWT_SECRET=abc"), "8080JWT_SECRET=[redacted]");
    EXPECT_EQ(config::masked("ws_port = 80 # jwt_secret = \"abc\""),
              "ws_port = 80 # jwt_secret = [redacted]");
    EXPECT_EQ(config::masked("OPENAI_API_KEYS : abc"), "OPENAI_API_KEYS : [redacted]");
    EXPECT_EQ(config::masked("x sk-abcdefghijklmnop y"), "x sk-[redacted]");
    EXPECT_EQ(config::masked("url = \"wss://user:abc@host/?api-key=abc&x=1\""),
              "url = \"wss://user:***@host/?api-key=***&x=1\"");
    EXPECT_EQ(config::masked("user:abc@host"), "user:***@host");
}

TEST(Mask, LeavesOtherTextAsItIs) {
    for (const auto* text :
         {"", "ws_port = 9000 # the port", "set JWT_SECRET or JWT_SECRET_FILE in the environment",
          "write it like postgresql://voice@localhost/voice", "JWT_SECRET_FILE=/run/secrets/jwt",
          "JWT_SECRET=", "did you mean server.ws_port?", "url = \"wss://api.openai.com/v1/realtime?model=x\"",
          "a key such as sk-…"})
        EXPECT_EQ(config::masked(text), text);
}

TEST(Mask, MakesWhatATerminalObeysVisible) {
    EXPECT_EQ(config::printable("a\x1b[2J\tb\n\x7f"), "a␛[2J\tb␊␡");
    EXPECT_EQ(config::printable("é\xff 中"), "é\uFFFD 中");
}

TEST(Mask, LeavesATabOnlyInTheLineThatIsShown) {
    config::Finding finding;
    finding.sentence = "saw '[x\t\t]'";
    finding.excerpt = "\ta = [x\t]";
    config::make_presentable(finding);
    EXPECT_EQ(finding.sentence, "saw '[x  ]'");
    EXPECT_EQ(finding.excerpt, "\ta = [x\t]");
}

TEST(Mask, LetsNoFindingOfTomlHoldASecret) {
    for (const auto* text :
         {"auth = { jwt_secret = \"$\", jwt_issuer = 5 }", "auth = { jwt_secrt = \"$\", jwt_issuer = 5 }",
          "auth = { jwt_scrt = \"\"\"\n$\"\"\", jwt_issuer = 5 }", "[auth]\njwt_secret = \"\"\"\n[$]\n",
          "[auth]\njwt_secret = '''\nws_port = $\n", "[openai]\nkeys = [\n[$]\n]",
          "[server]\nws_port = 80 jwt_secret = \"$\"", "[openai]\nurl = \"https://user:$@host\"",
          "[server]\ncors_origins = [\"user:$@host\"]", "[[openai.kys]]\nkey = \"$\""}) {
        const auto said = said_of(filled(text), true);
        EXPECT_FALSE(said.empty()) << text;
        EXPECT_EQ(said.find(secret), std::string::npos) << text << "\n" << said;
    }
}

TEST(Mask, LetsNoFindingOfAnEnvironmentFileHoldASecret) {
    for (const auto* text :
         {"VOICE_WS_PORT=8080JWT_SECRET=$", "JWT_SECRET_FILE=$", "VOICE_UPSTREAM_URL=https://user:$@host",
          "VOICE_UPSTREAM_URL=user:$@host", "JWT_SECRET=\"$\" x", "JWT_SECRET $", "JWT_SECRETS=$"}) {
        const auto said = said_of(filled(text), false);
        EXPECT_FALSE(said.empty()) << text;
        EXPECT_EQ(said.find(secret), std::string::npos) << text << "\n" << said;
    }
}

TEST(Mask, HidesAPathThatMayBeTheSecretItself) {
    EXPECT_TRUE(config::is_surely_path("/run/secrets/jwt"));
    EXPECT_TRUE(config::is_surely_path("./jwt"));
    EXPECT_FALSE(config::is_surely_path(secret));
}

TEST(Mask, HidesTheQueryOfWhatHasNoHost) {
    EXPECT_EQ(config::redacted_url("sqlite:voice.db?key=abc"), "sqlite:voice.db?key=***");
}

TEST(TomlSettings, KnowThatAQuotedDotSeparatesNothing) {
    const auto said = said_of("\"server.ws_port\" = 9000\n", true);
    EXPECT_NE(said.find("'server.ws_port'|there is no such setting"), std::string::npos) << said;
}

TEST(TomlSettings, SuggestNoTextThatWouldNeedEscapes) {
    std::vector<config::Given> given;
    Findings findings;
    config::read_toml("[server]\ncors_origins = \"\"\"a\n\"b\\\\\"\"\"\nws_port = \"9000\"\n", "it", given,
                      findings);
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].fix, "");
    EXPECT_EQ(findings[1].fix, "write ws_port = 9000, without quotes");
}

TEST(TomlSettings, SuggestOnlyWhatTomlAccepts) {
    std::vector<config::Given> given;
    Findings findings;
    config::read_toml("[log]\ndebug = \"yes\"\n[server]\nws_port = \"high\"\n", "it", given, findings);
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].fix, "write true or false, without quotes");
    EXPECT_EQ(findings[1].fix, "write one such as 8080");
}

TEST(TomlSettings, TakeLongUnknownNamesInNoTime) {
    std::string text;
    for (int i = 0; i < 2000; ++i)
        text += std::string(400, 'x') + std::to_string(i) + " = 1\n";
    std::vector<config::Given> given;
    Findings findings;
    config::read_toml(text, "it", given, findings);
    EXPECT_EQ(findings.size(), 2000U);
}

TEST(LinedText, CountsNoByteOrderMark) {
    const config::LinedText lines(
        "\xEF\xBB\xBF"
        "ab\nc");
    EXPECT_EQ(lines.line(1), "ab");
    EXPECT_EQ(lines.column_at(3), 1U);
    EXPECT_EQ(lines.column_at(0), 1U);
    EXPECT_EQ(lines.line_at(6), 2U);
}

}  // namespace
}  // namespace voicectl::test
