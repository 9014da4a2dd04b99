// SPDX-License-Identifier: Apache-2.0
// Manual pages in man(7)'s macros, from the same rows that help is made of. `voicectl man PAGE` prints one.
#pragma once

#include "base/error.hpp"

#include <string>
#include <vector>

namespace voicectl::cli {

/// The names of all pages, with their sections: voicectl.1, voicectl-serve.1, voicectl.toml.5.
std::vector<std::string> man_pages();

/// A page by that name. Errc::usage if there is none.
base::Result<std::string> man_page(const std::string& name);

}  // namespace voicectl::cli
