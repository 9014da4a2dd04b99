// SPDX-License-Identifier: Apache-2.0
// Random identifiers and bytes from the kernel's generator; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace voicectl::base {

/// Fills `out` from getrandom(2).
void fill_random(std::span<std::byte> out) noexcept;
/// For the seed of a generator, say.
std::uint64_t random_number() noexcept;

/// `prefix` and 21 characters of base 62 (125 bits): "sess_4fT9…".
std::string make_id(std::string_view prefix);

}  // namespace voicectl::base
