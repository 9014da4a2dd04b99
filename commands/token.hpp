// SPDX-License-Identifier: Apache-2.0
// Where a command that calls a gateway gets its caller's token from: never from a flag's value.
#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace voicectl::commands {

constexpr std::string_view token_variable = "VOICECTL_TOKEN";

/// From the file, or stdin for "-", or the environment where `file` is empty; an empty secret if none is
/// given.
base::Result<base::Secret> read_token(const std::string& file);

}  // namespace voicectl::commands
