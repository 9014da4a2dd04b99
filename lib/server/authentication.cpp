// SPDX-License-Identifier: Apache-2.0
#include "server/authentication.hpp"

#include "base/handle.hpp"
#include "base/number.hpp"

#include <jwt.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

namespace voicectl::server {
namespace {

using base::Errc;
using base::fail;
using Token = base::Handle<jwt_free, jwt_t>;

constexpr std::chrono::seconds clock_skew{60};

base::Error refuse(std::string_view why) {
    return base::Error(Errc::unauthorized, std::string(why));
}

/// Three non-empty base64url parts: libjwt's own decoder forgives more than RFC 7515 allows.
bool has_shape(std::string_view token) noexcept {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    };
    return std::ranges::all_of(token, letter) && std::ranges::count(token, '.') == 2 &&
           !token.starts_with('.') && !token.ends_with('.') && token.find("..") == std::string_view::npos;
}

bool has_header(jwt_t* token, const char* name) {
    const base::Handle<std::free, char> value(jwt_get_headers_json(token, name));
    return value != nullptr;
}

std::string text_claim(jwt_t* token, const char* name) {
    const char* value = jwt_get_grant(token, name);
    return value == nullptr ? std::string() : std::string(value);
}

struct Seconds {
    bool present = false;
    std::optional<std::int64_t> value;  ///< nothing if the claim is anything but a whole number
};

/// libjwt reads a claim of another type as 0: its JSON text tells the difference.
Seconds seconds_claim(jwt_t* token, const char* name) {
    const base::Handle<std::free, char> text(jwt_get_grants_json(token, name));
    if (!text) return {};
    return {true, base::parse_number<std::int64_t>(text.get())};
}

base::Result<void> check_times(jwt_t* token, std::int64_t now) {
    const auto expiry = seconds_claim(token, "exp");
    if (!expiry.value) return refuse("the token has no expiry: exp must be a whole number of seconds");
    if (*expiry.value <= now) return refuse("the token has expired");
    const auto not_before = seconds_claim(token, "nbf");
    if (not_before.present && !not_before.value)
        return refuse("the token's nbf is not a whole number of seconds");
    if (not_before.value && *not_before.value > now + clock_skew.count())
        return refuse("the token does not hold yet");
    return {};
}

std::int64_t unix_seconds(std::chrono::system_clock::time_point when) {
    return std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
}

}  // namespace

base::Result<Identity> Authenticator::verify(std::string_view text,
                                             std::chrono::system_clock::time_point now) const {
    if (text.empty()) return refuse("no token was sent");
    if (text.size() > token_bytes_max) return refuse("the token is too long");
    if (!has_shape(text)) return refuse("the token is not a JWT");
    const auto& key = secret_.reveal();
    jwt_t* decoded = nullptr;
    const int failed =
        jwt_decode(&decoded, std::string(text).c_str(), reinterpret_cast<const unsigned char*>(key.data()),
                   static_cast<int>(key.size()));
    const Token token(decoded);
    if (failed != 0 || !token) return refuse("the token's signature does not hold");
    // The key is an HMAC key of this one algorithm; what the header asks for never decides.
    if (jwt_get_alg(token.get()) != JWT_ALG_HS256) return refuse("the token is not signed with HS256");
    if (has_header(token.get(), "crit"))
        return refuse("the token asks for extensions that are not understood");
    if (auto timely = check_times(token.get(), unix_seconds(now)); !timely) return timely.error();
    Identity identity{text_claim(token.get(), "tenantId"), text_claim(token.get(), "siteId"),
                      text_claim(token.get(), "userId"), text_claim(token.get(), "locale")};
    if (identity.tenant_id.empty()) return refuse("the token names no tenantId");
    return identity;
}

base::Result<std::string> Authenticator::mint(const Identity& identity, std::chrono::seconds lifetime,
                                              std::chrono::system_clock::time_point now) const {
    jwt_t* made = nullptr;
    if (jwt_new(&made) != 0) return fail(Errc::internal, "cannot make a token");
    const Token token(made);
    const auto& key = secret_.reveal();
    int failed = jwt_set_alg(token.get(), JWT_ALG_HS256, reinterpret_cast<const unsigned char*>(key.data()),
                             static_cast<int>(key.size()));
    for (const auto& [name, value] : {std::pair{"tenantId", &identity.tenant_id},
                                      {"siteId", &identity.site_id},
                                      {"userId", &identity.user_id},
                                      {"locale", &identity.locale}})
        if (!value->empty()) failed |= jwt_add_grant(token.get(), name, value->c_str());
    failed |= jwt_add_grant_int(token.get(), "iat", unix_seconds(now));
    failed |= jwt_add_grant_int(token.get(), "exp", unix_seconds(now + lifetime));
    char* text = failed == 0 ? jwt_encode_str(token.get()) : nullptr;
    if (text == nullptr) return fail(Errc::internal, "cannot make a token");
    const base::Handle<std::free, char> owner(text);
    return std::string(text);
}

}  // namespace voicectl::server
