// SPDX-License-Identifier: Apache-2.0
#include "storage/redis_script.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <span>
#include <utility>

namespace voicectl::storage {
namespace {

std::string sha1_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const int done = EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    VOICECTL_CHECK(done == 1);
    std::string hex;
    for (const auto byte : std::span(digest).first(size))
        hex += fmt::format("{:02x}", byte);
    return hex;
}

Command call(std::string_view how, std::string_view script, const std::vector<std::string>& keys,
             const std::vector<std::string>& arguments) {
    const auto count = std::to_string(keys.size());
    std::vector<std::string_view> words{how, script, count};
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), arguments.begin(), arguments.end());
    return Command(std::span<const std::string_view>(words));
}

}  // namespace

Script::Script(std::string_view source) : source_(source), digest_(sha1_hex(source)) {}

net::Task<base::Result<Reply>> evaluate(RedisConnection& redis, const Script& script,
                                        std::vector<std::string> keys, std::vector<std::string> arguments,
                                        std::chrono::milliseconds timeout) {
    Command by_digest = call("EVALSHA", script.digest(), keys, arguments);
    auto reply = co_await redis.command(std::move(by_digest), timeout);
    if (reply && reply->is_error("NOSCRIPT")) {
        Command by_source = call("EVAL", script.source(), keys, arguments);
        reply = co_await redis.command(std::move(by_source), timeout);
    }
    if (reply && reply->is_error()) co_return redis.error_of(*reply, "EVALSHA");
    co_return reply;
}

}  // namespace voicectl::storage
