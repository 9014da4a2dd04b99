// SPDX-License-Identifier: Apache-2.0
// What must be true whatever the input is. A claim that is not ends the process, which is what a fuzzer looks
// for.
#pragma once

#include "config/finding.hpp"
#include "config/given.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace voicectl::fuzz {

std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept;

void claim(bool holds, const char* what);

bool is_printable(std::string_view text) noexcept;

/// As config::load() does it.
void assign_all(const std::vector<config::Given>& given, config::Findings& findings);

/// Each finding stands in the text, and says something that can be printed.
void check(const config::Findings& findings, std::string_view text);

}  // namespace voicectl::fuzz
