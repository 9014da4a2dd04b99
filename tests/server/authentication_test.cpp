// SPDX-License-Identifier: Apache-2.0
#include "server/authentication.hpp"

#include "base/base64.hpp"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <string>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using server::Authenticator;

const std::string secret = "0123456789abcdef0123456789abcdef";
const auto now = std::chrono::system_clock::from_time_t(1'800'000'000);

std::string base64url(std::string_view text) {
    std::string out;
    base::base64_append(std::as_bytes(std::span(text)), out);
    while (out.ends_with('='))
        out.pop_back();
    for (auto& c : out)
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    return out;
}

std::string signed_token(std::string_view header, std::string_view claims, const std::string& key = secret) {
    const auto body = base64url(header) + "." + base64url(claims);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(body.data()), body.size(), mac, &size);
    return body + "." + base64url({reinterpret_cast<const char*>(mac), size});
}

constexpr std::string_view hs256 = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view good_claims =
    R"({"tenantId":"acme","userId":"u","locale":"de-CH","exp":1800000100})";

bool accepted(std::string_view token) {
    return Authenticator(base::Secret(secret)).verify(token, now).has_value();
}

TEST(Authenticator, AcceptsWhatItSignedAndReadsItsClaims) {
    const Authenticator authenticator{base::Secret(secret)};
    const auto token = authenticator.mint({"acme", "", "u", "de-CH"}, 60s, now).value();
    const auto identity = authenticator.verify(token, now).value();
    EXPECT_EQ(identity.tenant_id, "acme");
    EXPECT_EQ(identity.user_id, "u");
    EXPECT_EQ(identity.locale, "de-CH");
    EXPECT_FALSE(authenticator.verify(token, now + 61s).has_value());
}

TEST(Authenticator, AcceptsATokenSignedElsewhere) {
    EXPECT_TRUE(accepted(signed_token(hs256, good_claims)));
}

TEST(Authenticator, RefusesEverySpellingOfNoAlgorithm) {
    for (const auto* alg : {"none", "None", "NONE", "nOnE", "", "HS", "hs256 "}) {
        const auto header = std::string(R"({"alg":")") + alg + R"(","typ":"JWT"})";
        EXPECT_FALSE(accepted(signed_token(header, good_claims))) << alg;
        EXPECT_FALSE(accepted(base64url(header) + "." + base64url(good_claims) + ".")) << alg;
        EXPECT_FALSE(accepted(base64url(header) + "." + base64url(good_claims))) << alg;
    }
    EXPECT_FALSE(accepted(signed_token(R"({"typ":"JWT"})", good_claims)));
}

TEST(Authenticator, RefusesAnotherAlgorithmUnderTheSameKey) {
    for (const auto* alg : {"HS384", "HS512", "RS256", "ES256", "PS256"})
        EXPECT_FALSE(accepted(signed_token(std::string(R"({"alg":")") + alg + "\"}", good_claims))) << alg;
}

TEST(Authenticator, RefusesABitChangedAnywhere) {
    const auto token = signed_token(hs256, good_claims);
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(accepted(changed)) << "at " << i;
    }
}

TEST(Authenticator, RefusesTokensThatDoNotHoldNow) {
    for (const auto* claims :
         {R"({"tenantId":"a"})", R"({"tenantId":"a","exp":"1800000100"})",
          R"({"tenantId":"a","exp":1800000000})", R"({"tenantId":"a","exp":1799999999})",
          R"({"tenantId":"a","exp":1800000100,"nbf":1800000061})",
          R"({"tenantId":"a","exp":1800000100,"nbf":"soon"})", R"({"tenantId":"a","exp":null})"})
        EXPECT_FALSE(accepted(signed_token(hs256, claims))) << claims;
    EXPECT_TRUE(accepted(signed_token(hs256, R"({"tenantId":"a","exp":1800000100,"nbf":1800000059})")));
}

TEST(Authenticator, RefusesATokenWithoutATenant) {
    for (const auto* claims : {R"({"exp":1800000100})", R"({"exp":1800000100,"tenantId":""})",
                               R"({"exp":1800000100,"tenantId":7})", R"([])", "nonsense"})
        EXPECT_FALSE(accepted(signed_token(hs256, claims))) << claims;
}

TEST(Authenticator, RefusesExtensionsItDoesNotUnderstand) {
    EXPECT_FALSE(accepted(signed_token(R"({"alg":"HS256","crit":["exp"]})", good_claims)));
}

TEST(Authenticator, RefusesWhatHasNotTheShapeOfAToken) {
    const auto token = signed_token(hs256, good_claims);
    for (const auto& text :
         {std::string(), std::string("."), std::string(".."), std::string("a.b"), token + ".x", token + "=",
          " " + token, token + "\n", std::string(9000, 'a'), "a." + std::string(9000, 'b') + ".c"})
        EXPECT_FALSE(accepted(text)) << text.substr(0, 40);
}

TEST(Authenticator, NeverRepeatsTheTokenInItsRefusal) {
    const auto why = Authenticator(base::Secret(secret)).verify("MARK.MARK.MARK", now).error().detail;
    EXPECT_EQ(why.find("MARK"), std::string::npos) << why;
}

}  // namespace
}  // namespace voicectl::test
