// SPDX-License-Identifier: Apache-2.0
// URLs (RFC 3986), origins (RFC 6454) and addresses as settings hold them: their parts, and what is wrong
// with one. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace voicectl::config {

/// Views into the text; nothing is decoded.
struct UrlParts {
    std::string_view scheme;
    std::string_view user;
    std::string_view password;
    std::string_view host;  ///< without brackets; empty for a local socket or a file
    std::string_view port;
    std::string_view rest;  ///< path, query and fragment; for `memory:` and `sqlite:` all behind the colon
    bool has_authority = false;
    bool has_user = false;
};

/// Nothing if there is no scheme, or a bracket is not closed.
std::optional<UrlParts> split_url(std::string_view text) noexcept;

/// The value of `name` in the query, not decoded; empty where there is none.
std::string_view query_part(const UrlParts& url, std::string_view name) noexcept;

/// Each says what is wrong in a sentence, or is empty. A secret URL's text is never repeated.
std::string what_is_wrong_with_url(std::string_view text, std::string_view schemes, bool secret);
std::string what_is_wrong_with_origin(std::string_view text);
std::string what_is_wrong_with_address(std::string_view text);
std::string what_is_wrong_with_network(std::string_view text);

/// Whether a host is this machine: localhost, 127.0.0.0/8, ::1, or none at all.
bool is_local(std::string_view host) noexcept;

/// The URL with *** for its password, and for the values of its query that look like one.
std::string redacted_url(std::string_view text);

}  // namespace voicectl::config
