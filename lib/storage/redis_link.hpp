// SPDX-License-Identifier: Apache-2.0
// What is done with one connection to a Redis, whoever keeps it: read a reply, say who asks, name what was
// refused. On its worker's thread.
#pragma once

#include "net/byte_stream.hpp"
#include "net/connect.hpp"
#include "storage/redis_codec.hpp"
#include "storage/redis_url.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace voicectl::storage {

struct RedisLink {
    RedisLink(std::unique_ptr<net::ByteStream> bytes, std::string peer, std::size_t reply_bytes_max)
        : stream(std::move(bytes)), name(std::move(peer)), reader(reply_bytes_max) {}

    net::AnyStream stream;
    std::string name;  ///< of the Redis, for sentences
    ReplyReader reader;
    std::array<char, 16 * 1024> room{};
};

/// Where the URL points; `tls` is needed where it demands TLS.
net::Endpoint endpoint_of(const RedisUrl& url, std::shared_ptr<const net::TlsContext> tls);

/// The next reply. Errc::closed when the connection ended, and what ReplyReader::next says.
net::Task<base::Result<Reply>> next_reply(RedisLink& link);

/// Says who asks, selects the database, names this client (where the user may not, it stays without a name;
/// an empty name is none), and pings. Errc::protocol if it is no Redis, ::closed if it hangs up, or as
/// refusal() says. There is no HELLO: a connection begins with RESP2, which is what the codec reads, and
/// Redis 5 has none. The time limit is the caller's, who closes the stream.
net::Task<base::Result<void>> introduce(RedisLink& link, RedisUrl url, std::string client_name);

/// What an error reply says, by its first word: ::unauthorized for a wrong or a missing password, ::forbidden
/// for what the user may not do, ::overloaded where it cannot answer now, ::unavailable for a replica that
/// takes no writes, ::bad_configuration for a cluster, ::protocol for the rest. The reply's text is not
/// repeated: some peers quote the command.
base::Error refusal(std::string_view name, const Reply& reply, std::string_view command);

}  // namespace voicectl::storage
