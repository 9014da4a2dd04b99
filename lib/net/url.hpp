// SPDX-License-Identifier: Apache-2.0
// The parts of a ws, wss, http or https URL that a dialler needs.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace voicectl::net {

/// host:port, an IPv6 address in brackets.
std::string host_and_port(std::string_view host, std::uint16_t port);

struct Url {
    bool tls = false;
    std::string host;  ///< without brackets
    std::uint16_t port = 0;
    std::string target;  ///< path and query, at least "/"

    /// host:port as the Host header wants it: IPv6 in brackets, no port where it is the scheme's own.
    std::string authority() const;
    /// Appends `name=value` to the query; the value is percent-encoded.
    void add_query(std::string_view name, std::string_view value);
};

/// Parses `scheme://host[:port][/path][?query]`. User and password are refused: secrets do not travel in
/// URLs.
base::Result<Url> parse_url(std::string_view text);

/// Percent-decodes one query component (RFC 3986; '+' stays '+'). Nothing for a broken escape.
base::Result<std::string> percent_decode(std::string_view text);

/// The decoded value of `name` in a target's query, or empty; an error if an escape is broken.
base::Result<std::string> query_value(std::string_view target, std::string_view name);

/// A request target up to its query.
std::string_view path_of(std::string_view target) noexcept;

}  // namespace voicectl::net
