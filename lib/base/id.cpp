// SPDX-License-Identifier: Apache-2.0
#include "base/id.hpp"

#include "base/error.hpp"

#include <array>
#include <cerrno>
#include <sys/random.h>

namespace voicectl::base {

void fill_random(std::span<std::byte> out) noexcept {
    while (!out.empty()) {
        const auto got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0) {
            VOICECTL_CHECK(errno == EINTR);
            continue;
        }
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

std::uint64_t random_number() noexcept {
    std::uint64_t number = 0;
    fill_random(std::as_writable_bytes(std::span(&number, 1)));
    return number;
}

std::string make_id(std::string_view prefix) {
    constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr std::size_t length = 21;
    std::string id(prefix);
    id.reserve(prefix.size() + length);
    std::array<std::byte, 32> pool{};
    while (id.size() < prefix.size() + length) {
        fill_random(pool);
        for (const auto byte : pool) {
            // 248 is the largest multiple of 62 in a byte: what lies above would favour the first letters.
            const auto value = std::to_integer<unsigned>(byte);
            if (value < 248 && id.size() < prefix.size() + length) id.push_back(alphabet[value % 62]);
        }
    }
    return id;
}

}  // namespace voicectl::base
