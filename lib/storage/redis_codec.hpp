// SPDX-License-Identifier: Apache-2.0
// Redis' protocol (RESP2) without I/O: commands as bytes, and bytes as replies that own what they hold.
// Values; one thread each. hiredis does the parsing and is known to this module's .cpp alone.
// https://redis.io/docs/reference/protocol-spec
#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::storage {

/// A command as it goes over the wire, each word counted, so that no word can become another command. Wiped
/// when it ends: it may hold a password. `const Command get("GET", key);`, on a line above its co_await.
class Command {
 public:
    template <std::convertible_to<std::string_view>... Words>
    explicit Command(const Words&... words)
        : Command(std::span<const std::string_view>(
              std::array<std::string_view, sizeof...(Words)>{std::string_view(words)...})) {}
    /// At least one word.
    explicit Command(std::span<const std::string_view> words);

    const std::string& wire() const noexcept { return wire_.reveal(); }

 private:
    base::Secret wire_;
};

/// What Redis answers.
struct Reply {
    enum class Kind { nil, string, integer, array, error };

    Kind kind = Kind::nil;
    std::string text;          ///< of a string (a status is one), and of an error: "ERR …", not to be shown
    std::int64_t integer = 0;  ///< of an integer
    std::vector<Reply> elements;  ///< of an array

    bool is_error(std::string_view first_word = "") const noexcept {
        return kind == Kind::error && text.starts_with(first_word);
    }
};

/// Takes in bytes as they come and gives replies in their order.
class ReplyReader {
 public:
    /// `bytes_max` bounds the memory that one reply takes, whatever the peer announces.
    explicit ReplyReader(std::size_t bytes_max);
    ~ReplyReader();

    void feed(std::string_view bytes);
    /// The next whole reply, or none yet. Errc::too_large, or ::protocol for what is no reply and for arrays
    /// more than 7 deep; the connection is of no use then.
    base::Result<std::optional<Reply>> next();
    /// Whether a reply has begun and not ended.
    bool begun() const noexcept;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace voicectl::storage
