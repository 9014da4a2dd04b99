// SPDX-License-Identifier: Apache-2.0
// The last gate before anything of a configuration is shown: a line or a value may hold a secret where none
// belongs, and bytes that a terminal or a JSON reader takes amiss. Pure; any thread.
#pragma once

#include "config/finding.hpp"
#include "config/table.hpp"

#include <string>
#include <string_view>

namespace voicectl::config {

/// The text as far as it gives a secret setting a value, as `8080JWT_SECRET=…` does where a line end was
/// lost;
/// *** in place of passwords in URLs.
std::string masked(std::string_view text);

/// Control characters as pictures of one code point each, what is not UTF-8 as U+FFFD; a tab stays.
std::string printable(std::string_view text);

/// Whether it can be nothing but a path: what is put in JWT_SECRET_FILE by mistake may be the secret itself.
bool is_surely_path(std::string_view text) noexcept;

/// Whether a value of that setting is better not shown: it is a secret, or an address that has somebody's
/// name in it.
bool may_hold_password(const Row& row, std::string_view value) noexcept;

/// Both, for all that a finding says.
void make_presentable(Finding& finding);

}  // namespace voicectl::config
