// SPDX-License-Identifier: Apache-2.0
#include "storage/redis_link.hpp"

#include <boost/asio/write.hpp>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace voicectl::storage {
namespace {

using base::Errc;
using base::fail;

base::Error no_redis(const RedisLink& link) {
    return fail(Errc::protocol, "what answers at {} is no Redis, or wants TLS (rediss://)", link.name);
}

base::Error hung_up(RedisLink& link) {
    const bool encrypted = link.stream.bytes().encrypted();
    return fail(Errc::closed, "{} closed the connection without an answer{}", link.name,
                encrypted ? "" : "; if it wants TLS, write rediss://");
}

net::Task<base::Result<Reply>> ask(RedisLink& link, const Command& command) {
    // A peer that refuses the connection may have said why before it closed: it is read all the same.
    co_await net::asio::async_write(link.stream, net::asio::buffer(command.wire()), net::nothrow);
    auto reply = co_await next_reply(link);
    if (reply) co_return reply;
    // Who ends in the middle of its first answers announced one that no Redis gives here.
    co_return reply.error().code == Errc::closed && !link.reader.begun() ? hung_up(link) : no_redis(link);
}

net::Task<base::Result<void>> expect(RedisLink& link, std::vector<std::string_view> words,
                                     std::string_view answer) {
    const Command command{std::span<const std::string_view>(words)};
    auto reply = co_await ask(link, command);
    if (!reply) co_return reply.error();
    if (reply->is_error()) co_return refusal(link.name, *reply, words.front());
    if (reply->text != answer) co_return no_redis(link);
    co_return base::Result<void>();
}

struct Refusal {
    std::string_view begins;
    Errc code;
    std::string_view sentence;  ///< after "Redis at NAME "
};

constexpr Refusal refusals[] = {
    {"NOAUTH", Errc::unauthorized, "wants a password, and the URL has none"},
    {"WRONGPASS", Errc::unauthorized, "does not accept the user or the password of the URL"},
    {"ERR invalid password", Errc::unauthorized, "does not accept the user or the password of the URL"},
    {"ERR AUTH <password> called without", Errc::unauthorized, "has no password, and the URL has one"},
    {"ERR Client sent AUTH, but no password", Errc::unauthorized, "has no password, and the URL has one"},
    {"ERR wrong number of arguments for 'auth'", Errc::unauthorized,
     "is older than 6 and knows no users; write :password@"},
    {"DENIED", Errc::forbidden, "is in protected mode and answers its own machine only"},
    {"LOADING", Errc::overloaded, "cannot answer now: it is loading, busy or full; try again"},
    {"BUSY", Errc::overloaded, "cannot answer now: it is loading, busy or full; try again"},
    {"MASTERDOWN", Errc::overloaded, "cannot answer now: it is loading, busy or full; try again"},
    {"ERR max number of clients", Errc::overloaded,
     "cannot answer now: it is loading, busy or full; try again"},
    {"OOM", Errc::overloaded, "has no memory left (maxmemory)"},
    {"MISCONF", Errc::overloaded, "cannot save to its disk and takes no writes"},
    {"READONLY", Errc::unavailable, "is a replica and takes no writes"},
    {"MOVED", Errc::bad_configuration, "is part of a cluster, which is not supported"},
    {"ASK", Errc::bad_configuration, "is part of a cluster, which is not supported"},
};

}  // namespace

net::Endpoint endpoint_of(const RedisUrl& url, std::shared_ptr<const net::TlsContext> tls) {
    VOICECTL_CHECK(!url.tls || tls != nullptr);
    net::Endpoint to(url.host, url.port, url.tls ? std::move(tls) : nullptr);
    to.unix_path = url.unix_path;
    return to;
}

net::Task<base::Result<Reply>> next_reply(RedisLink& link) {
    while (true) {
        auto reply = link.reader.next();
        if (!reply) co_return fail(reply.error().code, "Redis at {}: {}", link.name, reply.error().detail);
        if (*reply) co_return std::move(**reply);
        auto [ec, bytes] = co_await link.stream.async_read_some(net::asio::buffer(link.room), net::nothrow);
        if (ec) co_return fail(Errc::closed, "Redis at {} closed the connection", link.name);
        link.reader.feed({link.room.data(), bytes});
    }
}

net::Task<base::Result<void>> introduce(RedisLink& link, RedisUrl url, std::string client_name) {
    std::vector<std::string_view> words;
    if (!url.password.empty()) {
        words = {"AUTH"};
        if (!url.user.empty()) words.push_back(url.user);
        words.push_back(url.password.reveal());
        auto known = co_await expect(link, words, "OK");
        if (!known) co_return known;
    }
    if (url.database != 0) {
        const auto number = std::to_string(url.database);
        words = {"SELECT", number};
        auto selected = co_await expect(link, words, "OK");
        if (!selected) co_return selected;
    }
    if (!client_name.empty()) {
        const Command set_name("CLIENT", "SETNAME", client_name);
        auto named = co_await ask(link, set_name);
        if (!named) co_return named.error();
    }
    words = {"PING"};
    co_return co_await expect(link, words, "PONG");
}

base::Error refusal(std::string_view name, const Reply& reply, std::string_view command) {
    const std::string_view text = reply.text;
    if (text.starts_with("NOPERM"))
        return fail(Errc::forbidden, "Redis at {} does not let the user of the URL run {}", name, command);
    for (const auto& [begins, code, sentence] : refusals)
        if (text.starts_with(begins)) return fail(code, "Redis at {} {}", name, sentence);
    if (command == "SELECT")
        return fail(Errc::forbidden, "Redis at {} does not have the database that the URL names", name);
    return fail(Errc::protocol, "Redis at {} answers {} with an error", name, command);
}

}  // namespace voicectl::storage
