// SPDX-License-Identifier: Apache-2.0
// The word that was probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace voicectl::base {

/// The nearest of `known` within two or three edits; empty if none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// "; did you mean 'serve'?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace voicectl::base
