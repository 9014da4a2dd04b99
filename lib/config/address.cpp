// SPDX-License-Identifier: Apache-2.0
#include "config/address.hpp"

#include "base/number.hpp"
#include "base/words.hpp"
#include "config/settings.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace voicectl::config {
namespace {

bool is_alpha(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_scheme(std::string_view text) noexcept {
    return !text.empty() && is_alpha(text[0]) && std::ranges::all_of(text, [](char c) {
        return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
}

bool is_host(std::string_view host) noexcept {
    return std::ranges::all_of(host, [](char c) {
        return is_alpha(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':' ||
               c == '%' || c == ',';
    });
}

bool is_port(std::string_view text) noexcept {
    return base::parse_number<std::uint16_t>(text).value_or(0) != 0;
}

/// 4 or 6, or 0 for what is no address.
int family_of(std::string_view text) noexcept {
    std::array<unsigned char, 16> ignored{};
    const std::string address(text);
    if (::inet_pton(AF_INET, address.c_str(), ignored.data()) == 1) return 4;
    if (::inet_pton(AF_INET6, address.c_str(), ignored.data()) == 1) return 6;
    return 0;
}

/// Takes what stands before the path apart.
bool split_authority(std::string_view authority, UrlParts& url) noexcept {
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        const auto info = authority.substr(0, at);
        url.has_user = true;
        url.user = info.substr(0, info.find(':'));
        url.password = info.substr(std::min(url.user.size() + 1, info.size()));
        authority.remove_prefix(at + 1);
    }
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return false;
        url.host = authority.substr(1, close - 1);
        authority.remove_prefix(close + 1);
        if (!authority.empty() && authority[0] != ':') return false;
        url.port = authority.substr(std::min<std::size_t>(1, authority.size()));
        return true;
    }
    const auto colon = std::min(authority.rfind(':'), authority.size());
    url.host = authority.substr(0, colon);
    url.port = authority.substr(std::min(colon + 1, authority.size()));
    // An empty port behind its colon is one that is missing.
    return colon + 1 != authority.size();
}

bool looks_secret(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return std::ranges::any_of(std::to_array<std::string_view>({"pass", "key", "token", "secret", "sig"}),
                               [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

std::string redacted_query(std::string_view query) {
    std::string out;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && looks_secret(pair.substr(0, equals)))
            out += fmt::format("{}=***", pair.substr(0, equals));
        else
            out += pair;
        if (end < query.size()) out += '&';
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return out;
}

}  // namespace

std::optional<UrlParts> split_url(std::string_view text) noexcept {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) return std::nullopt;
    UrlParts url;
    url.scheme = text.substr(0, colon);
    auto rest = text.substr(colon + 1);
    if (!rest.starts_with("//")) {
        url.rest = rest;
        return url;
    }
    rest.remove_prefix(2);
    url.has_authority = true;
    const auto end = std::min(rest.find_first_of("/?#"), rest.size());
    url.rest = rest.substr(end);
    if (!split_authority(rest.substr(0, end), url)) return std::nullopt;
    return url;
}

std::string_view query_part(const UrlParts& url, std::string_view name) noexcept {
    const auto start = url.rest.find('?');
    auto query = start == std::string_view::npos ? std::string_view() : url.rest.substr(start + 1);
    query = query.substr(0, query.find('#'));
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
            return pair.substr(name.size() + 1);
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
    }
    return {};
}

std::string what_is_wrong_with_url(std::string_view text, std::string_view schemes, bool secret) {
    // What has an @ in it may have a password in it, wherever its parts turn out to be.
    const auto name = secret || text.find('@') != std::string_view::npos ? std::string("the value")
                                                                         : fmt::format("'{}'", shown(text));
    const auto url = split_url(text);
    if (!url) return fmt::format("{} is not a URL", name);
    if (!base::has_word(schemes, url->scheme))
        return fmt::format("{} has the scheme {}, which is not one of {}", name, shown(url->scheme),
                           alternatives(schemes));
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' '; }))
        return fmt::format("{} has a blank in it", name);
    if (base::has_word("sim memory sqlite", url->scheme)) {
        if (url->scheme == "sqlite" && url->rest.empty()) return fmt::format("{} names no file", name);
        return url->scheme == "memory" && !url->rest.empty()
                   ? fmt::format("{} has something behind memory:", name)
                   : "";
    }
    if (!url->has_authority) return fmt::format("{} has no // behind its scheme", name);
    if (url->scheme == "unix") return url->rest.size() > 1 ? "" : fmt::format("{} names no socket", name);
    const bool may_be_local = url->scheme == "postgresql" || url->scheme == "postgres";
    if (url->host.empty() && !may_be_local) return fmt::format("{} names no host", name);
    if (!is_host(url->host)) return fmt::format("{} has a host that is none", name);
    const bool several = url->host.find(',') != std::string_view::npos;
    if (several && !may_be_local) return fmt::format("{} has a host that is none", name);
    if (!url->port.empty() && !several && !is_port(url->port))
        return fmt::format("{} has a port that is not a number from 1 to 65535", name);
    if (url->has_user && !secret)
        return "it carries a user or a password, which belong in a setting of their own";
    return {};
}

std::string what_is_wrong_with_origin(std::string_view text) {
    if (text == "*") return {};
    const auto url = split_url(text);
    if (!url || !url->has_authority || url->host.empty() || !is_host(url->host))
        return fmt::format("'{}' is not an origin", shown(text));
    if (url->scheme != "http" && url->scheme != "https")
        return fmt::format("'{}' has the scheme {}; pages have http or https", shown(text),
                           shown(url->scheme));
    if (url->has_user || !url->rest.empty())
        return fmt::format("'{}' is more than an origin: nothing follows the host and its port", shown(text));
    if (!url->port.empty() && !is_port(url->port))
        return fmt::format("'{}' has a port that is not a number from 1 to 65535", shown(text));
    if (std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; }))
        return fmt::format("'{}' has capital letters, which browsers do not send in an origin", shown(text));
    return {};
}

std::string what_is_wrong_with_address(std::string_view text) {
    return family_of(text) != 0 ? "" : fmt::format("'{}' is not an IPv4 or IPv6 address", shown(text));
}

std::string what_is_wrong_with_network(std::string_view text) {
    const auto slash = text.find('/');
    const int family = family_of(text.substr(0, slash));
    if (family == 0) return fmt::format("'{}' is not an address or a network", shown(text));
    if (slash == std::string_view::npos) return {};
    const auto bits = base::parse_number<unsigned>(text.substr(slash + 1));
    const unsigned bits_max = family == 4 ? 32 : 128;
    if (!bits || *bits > bits_max)
        return fmt::format("'{}' does not end in a number of bits from 0 to {}", shown(text), bits_max);
    return {};
}

bool is_local(std::string_view host) noexcept {
    constexpr std::string_view name = "localhost";
    const auto same = [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
    };
    return host.empty() || std::ranges::equal(host, name, same) || host == "::1" ||
           (host.starts_with("127.") && family_of(host) == 4);
}

std::string redacted_url(std::string_view text) {
    const auto slashes = text.find("://");
    const auto start = slashes == std::string_view::npos ? 0 : slashes + 3;
    auto rest = text.substr(start);
    std::string out(text.substr(0, start));
    // A password that was not encoded may itself have an @ or a / in it: all up to the last @ goes.
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const auto info = rest.substr(0, at);
        const auto colon = info.find(':');
        out += info.substr(0, colon);
        if (colon != std::string_view::npos) out += ":***";
        out += '@';
        rest.remove_prefix(at + 1);
    }
    const auto query = rest.find('?');
    out += rest.substr(0, query);
    if (query != std::string_view::npos) out += "?" + redacted_query(rest.substr(query + 1));
    return out;
}

bool ServiceUrl::has_scheme(std::string_view scheme) const noexcept {
    const auto url = split_url(text.reveal());
    return url && url->scheme == scheme;
}

std::string ServiceUrl::redacted() const {
    return redacted_url(text.reveal());
}

}  // namespace voicectl::config
