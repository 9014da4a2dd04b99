// SPDX-License-Identifier: Apache-2.0
// Who is calling: HS256 tokens (RFC 7519) signed with the gateway's secret. Any thread.
#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace voicectl::server {

struct Identity {
    std::string tenant_id;
    std::string site_id;
    std::string user_id;
    std::string locale;  ///< BCP-47
};

/// A token longer than this is refused unread.
constexpr std::size_t token_bytes_max = 8192;

class Authenticator {
 public:
    explicit Authenticator(base::Secret secret) : secret_(std::move(secret)) {}

    /// Errc::unauthorized for a token that does not hold; the sentence never repeats any part of it.
    base::Result<Identity> verify(std::string_view token, std::chrono::system_clock::time_point now) const;

    /// A token for this identity that holds for `lifetime`.
    base::Result<std::string> mint(const Identity& identity, std::chrono::seconds lifetime,
                                   std::chrono::system_clock::time_point now) const;

 private:
    base::Secret secret_;
};

}  // namespace voicectl::server
