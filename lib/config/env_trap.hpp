// SPDX-License-Identifier: Apache-2.0
// What containers and clusters put into an environment that nobody wrote there. Pure; any thread.
#pragma once

#include "config/given.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace voicectl::config {

/// A value that still carries quotes or a comment, or is a Kubernetes service link.
std::optional<Judgement> find_trap(const Row& row, std::string_view value);

/// Whether a variable has one of voicectl's prefixes and is not a service link: somebody meant a setting.
bool is_meant_for_us(std::string_view name, std::string_view value) noexcept;

/// What to do about a variable that no setting has the name of.
std::string meant_by(std::string_view name);

}  // namespace voicectl::config
