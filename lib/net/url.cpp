// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include "base/number.hpp"

#include <charconv>

namespace voicectl::net {
namespace {

using base::Errc;
using base::fail;

constexpr std::uint16_t default_port(bool tls) noexcept {
    return tls ? 443 : 80;
}

std::string bracketed(std::string_view host) {
    return host.find(':') == std::string_view::npos ? std::string(host) : fmt::format("[{}]", host);
}

bool unreserved(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~").find(c) != std::string_view::npos;
}

}  // namespace

std::string host_and_port(std::string_view host, std::uint16_t port) {
    return fmt::format("{}:{}", bracketed(host), port);
}

std::string Url::authority() const {
    return port == default_port(tls) ? bracketed(host) : host_and_port(host, port);
}

void Url::add_query(std::string_view name, std::string_view value) {
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += name;
    target += '=';
    for (const char c : value) {
        if (unreserved(c))
            target += c;
        else
            target += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
}

base::Result<Url> parse_url(std::string_view text) {
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos)
        return fail(Errc::malformed, "'{}' is not a URL: it has no scheme (ws:// or wss://)", text);
    const auto scheme = text.substr(0, scheme_end);
    Url url;
    if (scheme == "wss" || scheme == "https") {
        url.tls = true;
    } else if (scheme != "ws" && scheme != "http") {
        return fail(Errc::malformed, "'{}': scheme {} is not known; use ws, wss, http or https", text,
                    scheme);
    }
    const auto rest = text.substr(scheme_end + 3);
    const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
    auto authority = rest.substr(0, authority_end);
    const auto target = rest.substr(authority_end, rest.find('#') - authority_end);
    if (authority.find('@') != std::string_view::npos)
        return fail(Errc::malformed,
                    "the URL for host '{}' carries a user or a password; they belong in a token",
                    authority.substr(authority.rfind('@') + 1));
    url.port = default_port(url.tls);
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return fail(Errc::malformed, "'{}': '[' without ']'", text);
        url.host = authority.substr(1, close - 1);
        port = authority.substr(close + 1);
        if (!port.empty() && !port.starts_with(':'))
            return fail(Errc::malformed, "'{}': no ':' after ']'", text);
    } else {
        const auto colon = std::min(authority.rfind(':'), authority.size());
        url.host = authority.substr(0, colon);
        port = authority.substr(colon);
    }
    if (url.host.empty()) return fail(Errc::malformed, "'{}' names no host", text);
    if (!port.empty()) {
        const auto number = base::parse_number<std::uint16_t>(port.substr(1));
        if (number.value_or(0) == 0)
            return fail(Errc::malformed, "'{}': port '{}' is not a number from 1 to 65535", text,
                        port.substr(1));
        url.port = *number;
    }
    for (const char c : rest)
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
            return fail(Errc::malformed, "the URL has a space or a control character in it");
    url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
    return url;
}

base::Result<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        const auto digits = text.substr(i + 1, 2);
        const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || ec != std::errc{} || end != digits.data() + 2)
            return fail(Errc::malformed, "a '%' in the query is not followed by two hexadecimal digits");
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

base::Result<std::string> query_value(std::string_view target, std::string_view name) {
    const auto start = target.find('?');
    auto query = start == std::string_view::npos ? std::string_view() : target.substr(start + 1);
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        if (pair.substr(0, equals) == name)
            return percent_decode(pair.substr(std::min(equals + 1, pair.size())));
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return std::string();
}

std::string_view path_of(std::string_view target) noexcept {
    return target.substr(0, target.find('?'));
}

}  // namespace voicectl::net
