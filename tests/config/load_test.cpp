// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "config/fixture.hpp"
#include "config/print.hpp"

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using config::Code;
using config::Layer;
using config::Settings;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Settings, AreCompleteWithWhatProductionNeeds) {
    EXPECT_THAT(summary(load(complete()).findings), IsEmpty());
}

TEST(Settings, NamesEverythingThatIsMissingAtOnce) {
    config::Sources nothing;
    nothing.dot_env = false;
    EXPECT_THAT(summary(load(nothing).findings),
                ElementsAre("E120 OPENAI_API_KEY", "E120 REDIS_URL", "E120 DATABASE_URL", "E120 JWT_SECRET"));
}

TEST(Settings, NeedNoKeyForTheSimulatorAndNoStoreForDevelopment) {
    config::Sources sources;
    sources.dot_env = false;
    sources.environment = {
        {"JWT_SECRET", good_secret}, {"VOICE_UPSTREAM_URL", "sim:"}, {"NODE_ENV", "development"}};
    EXPECT_THAT(summary(load(sources).findings), IsEmpty());
}

TEST(Settings, ReadsEveryType) {
    EXPECT_EQ(load(with("VOICE_SESSION_TIMEOUT", "300000")).settings.idle_timeout, 5min);
    EXPECT_EQ(load(with("VOICE_SESSION_TIMEOUT", "10m")).settings.idle_timeout, 10min);
    EXPECT_TRUE(load(with("VOICE_DEBUG", "true")).settings.debug);
    EXPECT_EQ(load(with("VOICE_VAD_THRESHOLD", "0.7")).settings.vad_threshold, 0.7);
    EXPECT_EQ(load(with("VOICE_TLS_KEY_FILE", "/x/key.pem")).settings.tls_key.path, "/x/key.pem");
    EXPECT_EQ(load(with("OPENAI_API_KEYS", "sk-a, sk-b")).settings.openai_keys.size(), 2U);
    EXPECT_THAT(load(with("VOICE_CORS_ORIGIN", "https://a.example, https://b.example")).settings.cors_origins,
                ElementsAre("https://a.example", "https://b.example"));
}

struct Wrong {
    const char* name;
    const char* value;
    const char* code;
};
class SettingsRefuse : public testing::TestWithParam<Wrong> {};

TEST_P(SettingsRefuse, AndSayWhichAndWhy) {
    const auto [name, value, code] = GetParam();
    EXPECT_THAT(summary(load(with(name, value)).findings), ElementsAre(std::string(code) + " " + name));
}

INSTANTIATE_TEST_SUITE_P(
    Values, SettingsRefuse,
    testing::Values(
        Wrong{"VOICE_WS_PORT", "80", "E107"}, Wrong{"VOICE_WS_PORT", "8080x", "E106"},
        Wrong{"VOICE_WS_PORT", "0x1f90", "E106"}, Wrong{"VOICE_WS_PORT", "0", "E107"},
        Wrong{"VOICE_WS_PORT", "65536", "E107"}, Wrong{"VOICE_WS_PORT", "99999999999999999999", "E106"},
        Wrong{"VOICE_WS_PORT", "+8080", "E106"}, Wrong{"VOICE_WS_PORT", " 8080", "E106"},
        Wrong{"VOICE_FRAME_MS", "30", "E108"}, Wrong{"VOICE_BITRATE", "100", "E107"},
        Wrong{"VOICE_DEBUG", "maybe", "E106"}, Wrong{"VOICE_SESSION_TIMEOUT", "5 minutes", "E106"},
        Wrong{"VOICE_SESSION_TIMEOUT", "-1s", "E106"}, Wrong{"VOICE_SESSION_TIMEOUT", "999ms", "E107"},
        Wrong{"VOICE_VAD_THRESHOLD", "1.1", "E107"}, Wrong{"VOICE_VAD_THRESHOLD", "nan", "E107"},
        Wrong{"VOICE_VAD_THRESHOLD", "0,5", "E106"}, Wrong{"VOICE_VAD_HANG_TIME", "99ms", "E107"},
        Wrong{"VOICE_LOG_FORMAT", "xml", "E108"}, Wrong{"VOICE_BIND_ADDRESS", "localhost", "E109"},
        Wrong{"VOICE_UPSTREAM_URL", "ftp://x", "E109"}, Wrong{"VOICE_UPSTREAM_URL", "https://u:p@x", "E109"},
        Wrong{"REDIS_URL", "http://x", "E109"}, Wrong{"REDIS_URL", "redis://", "E109"},
        Wrong{"DATABASE_URL", "mysql://x", "E109"}, Wrong{"DATABASE_URL", "sqlite:", "E109"},
        Wrong{"VOICE_CORS_ORIGIN", "https://a.example/path", "E109"},
        Wrong{"VOICE_CORS_ORIGIN", "a.example", "E109"},
        Wrong{"VOICE_TRUSTED_PROXIES", "10.0.0.0/33", "E109"}, Wrong{"OPENAI_ORG_ID", "org\r\nX: y", "E113"},
        Wrong{"JWT_SECRET", "short", "E121"},
        Wrong{"JWT_SECRET", "your-super-secret-key-min-32-chars", "E122"},
        Wrong{"VOICE_HTTP_PORT", "8080", "E123"}, Wrong{"VOICE_TLS_CERT_FILE", "/x", "E124"},
        Wrong{"JWT_ALGORITHMS", "RS256", "E125"}, Wrong{"VOICE_WS_PORT", "9000 # the port", "E111"},
        Wrong{"VOICE_WS_PORT", "\"9000\"", "E111"}, Wrong{"VOICE_WS_PORT", "tcp://10.0.0.7:8080", "E112"},
        Wrong{"VOICE_VOICE", "", "W201"}, Wrong{"VOICE_WSPORT", "1", "W202"},
        Wrong{"OPENAI_BASE_URL", "https://x", "W202"}, Wrong{"JWT_ISSUER", "'https://x'", "W203"},
        Wrong{"OPENAI_API_KEY", "a-key", "W220"}, Wrong{"VOICE_BITRATE", "8000", "W221"},
        Wrong{"VOICE_TARGET_BARGE_IN_MS", "10", "W222"},
        Wrong{"JWT_SECRET", "ssssssssssssssssssssssssssssssssssss", "W223"},
        Wrong{"JWT_SECRET", "abcdefghijklmnopqrstuvwxyz0123456789", "W223"},
        Wrong{"JWT_SECRET", "password123password123password123", "W223"},
        Wrong{"VOICE_CORS_ORIGIN", "*", "W224"}, Wrong{"VOICE_SESSION_TIMEOUT", "2h", "W226"},
        Wrong{"VOICE_UPSTREAM_RENEW_AT_LATEST", "60m", "W227"},
        Wrong{"VOICE_UPSTREAM_RENEW_AFTER", "59m", "W227"}, Wrong{"VOICE_DRAIN_TIMEOUT", "61m", "E107"},
        Wrong{"DATABASE_URL", "postgresql://db.example/voice", "W231"},
        Wrong{"REDIS_URL", "redis://cache.example", "W232"},
        Wrong{"VOICE_UPSTREAM_URL", "ws://speech.example", "W233"},
        Wrong{"VOICE_UPSTREAM_URL", "sim:", "W234"}));

TEST(Settings, LetVariablesOfServiceLinksPass) {
    for (const auto* name : {"VOICE_SERVICE_HOST", "VOICE_SERVICE_PORT_WS", "VOICE_PORT_8080_TCP_ADDR"})
        EXPECT_THAT(summary(load(with(name, "10.0.0.7")).findings), IsEmpty()) << name;
    EXPECT_THAT(summary(load(with("VOICE_PORT", "tcp://10.0.0.7:80")).findings), IsEmpty());
}

TEST(Settings, LetALaterLayerWin) {
    const tests::TemporaryFolder folder;
    const auto write = [&](const char* name, std::string_view text) {
        std::ofstream(folder.file(name)) << text;
        return folder.file(name);
    };
    auto sources = complete();
    const auto port = [&] {
        const auto loaded = load(sources);
        EXPECT_THAT(summary(loaded.findings), IsEmpty());
        return std::pair(loaded.settings.ws_port, loaded.origin_of("VOICE_WS_PORT").layer);
    };
    EXPECT_EQ(port(), std::pair(8080, Layer::standard));
    sources.config_file = write("voicectl.toml", "[server]\nws_port = 9001\n");
    EXPECT_EQ(port(), std::pair(9001, Layer::toml));
    sources.env_files = {write("a.env", "VOICE_WS_PORT=9002\n")};
    EXPECT_EQ(port(), std::pair(9002, Layer::env_file));
    sources.env_files.push_back(write("b.env", "VOICE_WS_PORT=9003\n"));
    EXPECT_EQ(port(), std::pair(9003, Layer::env_file));
    sources.environment.emplace_back("VOICE_WS_PORT_FILE", write("port", "9004\n"));
    EXPECT_EQ(port(), std::pair(9004, Layer::name_file));
    sources.environment.pop_back();
    sources.environment.emplace_back("VOICE_WS_PORT", "9005");
    EXPECT_EQ(port(), std::pair(9005, Layer::environment));
    sources.sets = {"server.ws_port=9006"};
    EXPECT_EQ(port(), std::pair(9006, Layer::set));
    sources.sets.emplace_back("VOICE_WS_PORT=9007");
    EXPECT_EQ(port(), std::pair(9007, Layer::set));
    sources.flags = {{"VOICE_WS_PORT", "--ws-port", "9008"}};
    EXPECT_EQ(port(), std::pair(9008, Layer::flag));
}

TEST(Settings, LetOnlyAFlagAskForAnyFreePort) {
    auto sources = complete();
    sources.flags = {{"VOICE_WS_PORT", "--ws-port", "0"}, {"VOICE_HTTP_PORT", "--http-port", "0"}};
    EXPECT_TRUE(load(sources).usable());
    sources.flags.clear();
    sources.sets = {"server.ws_port=0"};
    EXPECT_FALSE(load(sources).usable());
}

TEST(Settings, WantOneOfNameAndNameFile) {
    const tests::TemporaryFolder folder;
    std::ofstream(folder.file("secret")) << good_secret << "\n";
    auto sources = complete();
    sources.environment.emplace_back("JWT_SECRET_FILE", folder.file("secret"));
    EXPECT_THAT(summary(load(sources).findings), ElementsAre("E110 JWT_SECRET_FILE"));
    std::erase_if(sources.environment, [](const auto& variable) { return variable.first == "JWT_SECRET"; });
    const auto loaded = load(sources);
    EXPECT_THAT(summary(loaded.findings), IsEmpty());
    EXPECT_EQ(loaded.settings.jwt_secret.reveal(), good_secret);
    sources.environment.back().second = folder.file("nothing");
    EXPECT_THAT(summary(load(sources).findings), ElementsAre("E103 JWT_SECRET_FILE"));
}

TEST(Settings, JudgeNothingByTheDefaultOfWhatWasRefused) {
    auto sources = with("VOICE_WS_PORT", "80");
    sources.environment.emplace_back("VOICE_HTTP_PORT", "8080");
    EXPECT_THAT(summary(load(sources).findings), ElementsAre("E107 VOICE_WS_PORT"));
    config::Sources wrong;
    wrong.dot_env = false;
    wrong.environment = {
        {"NODE_ENV", "dev"}, {"VOICE_UPSTREAM_URL", "sim:"}, {"JWT_SECRET_PREVIOUS", "a\x01"}};
    EXPECT_THAT(summary(load(wrong).findings),
                testing::UnorderedElementsAre("E108 NODE_ENV", "E113 JWT_SECRET_PREVIOUS", "E120 JWT_SECRET",
                                              "W234 VOICE_UPSTREAM_URL"));
}

TEST(Settings, NeverTakeASecretFromTheCommandLine) {
    auto sources = complete();
    sources.sets = {"auth.jwt_secret=" + good_secret};
    EXPECT_THAT(summary(load(sources).findings), ElementsAre("E114 auth.jwt_secret"));
}

TEST(Settings, HaveTheDefaultThatTheirRowNames) {
    const Settings defaults;
    for (const auto& row : config::table()) {
        if (row.default_text.empty() || row.secret()) continue;
        auto sources = complete();
        sources.sets = {std::string(row.env) + "=" + std::string(row.default_text)};
        const auto loaded = load(sources);
        EXPECT_TRUE(loaded.usable()) << row.env << " refuses its own default";
        EXPECT_EQ(config::toml_value(loaded.settings, row), config::toml_value(defaults, row)) << row.env;
    }
}

TEST(Settings, HaveOneNameEach) {
    std::vector<std::string_view> names;
    for (const auto& row : config::table()) {
        EXPECT_EQ(config::find_env(row.env), &row);
        EXPECT_EQ(config::find_key(row.key), &row);
        EXPECT_FALSE(row.sentence.empty()) << row.env;
        EXPECT_FALSE(row.sentence.ends_with('.')) << row.env;
    }
}

TEST(Settings, KnowTheNamesThatUsersHaveAlready) {
    for (const auto* name : {"OPENAI_API_KEY",
                             "OPENAI_ORG_ID",
                             "VOICE_WS_PORT",
                             "VOICE_MAX_CONNECTIONS",
                             "VOICE_SESSION_TIMEOUT",
                             "VOICE_TARGET_FIRST_TOKEN_MS",
                             "VOICE_TARGET_PARTIAL_LATENCY_MS",
                             "VOICE_TARGET_BARGE_IN_MS",
                             "VOICE_SAMPLE_RATE",
                             "VOICE_FRAME_MS",
                             "VOICE_BITRATE",
                             "VOICE_DEBUG",
                             "VOICE_PERFORMANCE_WARNINGS",
                             "AUDIO_WORKLET_DEBUG",
                             "JWT_SECRET",
                             "VOICE_CORS_ORIGIN",
                             "REDIS_URL",
                             "DATABASE_URL",
                             "VOICE_METRICS_ENABLED",
                             "VOICE_HEALTH_CHECK_INTERVAL",
                             "NODE_ENV"})
        EXPECT_NE(config::find_env(name), nullptr) << name;
}

}  // namespace
}  // namespace voicectl::test
