// SPDX-License-Identifier: Apache-2.0
#include "storage/redis_url.hpp"

#include "base/number.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <string_view>

namespace voicectl::storage {
namespace {

using base::Errc;

base::Error wrong(std::string sentence) {
    return base::Error(Errc::malformed, std::move(sentence));
}

bool has_control(std::string_view text) noexcept {
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < ' ' || byte == 0x7f;
    });
}

base::Result<void> take_credentials(RedisUrl& url, std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return wrong(
            "the Redis URL has no ':' before its '@'; write user:password@, or :password@ for the default "
            "user");
    auto user = net::percent_decode(text.substr(0, colon));
    auto password = net::percent_decode(text.substr(colon + 1));
    if (!user || !password)
        return wrong(
            "in the Redis URL's user or password a '%' is not followed by two hexadecimal digits; write %25 "
            "for a '%'");
    url.user = std::move(*user);
    url.password = base::Secret(std::move(*password));
    if (url.password.empty())
        return wrong(
            "the Redis URL has a '@' and no password before it; take the '@' out, or write :password@");
    return {};
}

base::Result<void> take_host(RedisUrl& url, std::string_view authority) {
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return wrong("the Redis URL has a '[' without a ']'");
        url.host = authority.substr(1, close - 1);
        port = authority.substr(close + 1);
        if (!port.empty() && !port.starts_with(':'))
            return wrong("the Redis URL has something other than a port after its ']'");
    } else {
        const auto colon = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, colon);
        port = authority.substr(colon);
    }
    const auto strange = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '%' || c == 0x7f; };
    if (url.host.empty() || std::ranges::any_of(url.host, strange))
        return wrong("the Redis URL names no host; write redis://host:port");
    if (port.empty()) return {};
    const auto number = base::parse_number<std::uint16_t>(port.substr(1));
    if (!number || *number == 0)
        return wrong(
            "the Redis URL's port is not a number from 1 to 65535; if a password has ':', '/', '?', '#' or "
            "'@' in it, "
            "write them as %3A, %2F, %3F, %23 and %40");
    url.port = *number;
    return {};
}

base::Result<void> take_database(RedisUrl& url, std::string_view text) {
    const auto number = base::parse_number<std::uint16_t>(text);
    if (!number)
        return wrong("the Redis URL's database is not a number from 0 to 65535; write redis://host:port/0");
    url.database = *number;
    return {};
}

base::Result<void> take_query(RedisUrl& url, std::string_view query) {
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        constexpr std::string_view known = "db=";
        if (!pair.starts_with(known))
            return wrong(
                "the Redis URL's query has something other than db=N in it, which has no effect here");
        if (auto taken = take_database(url, pair.substr(known.size())); !taken) return taken;
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return {};
}

base::Result<void> take_path(RedisUrl& url, bool unix_socket, std::string_view path) {
    if (!unix_socket) return path.size() <= 1 ? base::Result<void>() : take_database(url, path.substr(1));
    auto decoded = net::percent_decode(path);
    // What the system's sockaddr_un holds beside the zero at its end.
    constexpr std::size_t path_bytes_max = 107;
    if (!decoded || decoded->size() <= 1 || decoded->size() > path_bytes_max || has_control(*decoded))
        return wrong(
            "the Redis URL's path is not one of a socket, of at most 107 bytes; write "
            "unix:///run/redis/redis.sock");
    url.unix_path = std::move(*decoded);
    return {};
}

}  // namespace

std::string RedisUrl::name() const {
    return unix_path.empty() ? net::host_and_port(host, port) : unix_path;
}

base::Result<RedisUrl> parse_redis_url(const base::Secret& text) {
    const std::string_view whole = text.reveal();
    const auto scheme_end = std::min(whole.find("://"), whole.size());
    const auto scheme = whole.substr(0, scheme_end);
    RedisUrl url;
    url.tls = scheme == "rediss";
    const bool unix_socket = scheme == "unix";
    if (scheme_end == whole.size() || (scheme != "redis" && !url.tls && !unix_socket))
        return wrong("the Redis URL does not start with redis://, rediss:// or unix://");
    if (whole.find('#') != std::string_view::npos)
        return wrong("the Redis URL has a '#' in it; write %23 where it belongs to the password");
    auto rest = whole.substr(scheme_end + 3);
    const auto query_start = std::min(rest.find('?'), rest.size());
    const auto query = rest.substr(std::min(query_start + 1, rest.size()));
    rest = rest.substr(0, query_start);
    const auto path_start = std::min(rest.find('/'), rest.size());
    const auto path = rest.substr(path_start);
    auto authority = rest.substr(0, path_start);
    // The last one: a password may hold another that somebody forgot to escape.
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        if (auto taken = take_credentials(url, authority.substr(0, at)); !taken) return taken.error();
        authority = authority.substr(at + 1);
    }
    if (unix_socket) {
        if (!authority.empty())
            return wrong(
                "the Redis URL names a host before the path of a socket; write unix:///path with three "
                "slashes");
    } else if (auto taken = take_host(url, authority); !taken) {
        return taken.error();
    }
    if (auto taken = take_path(url, unix_socket, path); !taken) return taken.error();
    if (auto taken = take_query(url, query); !taken) return taken.error();
    return url;
}

}  // namespace voicectl::storage
