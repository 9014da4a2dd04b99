// SPDX-License-Identifier: Apache-2.0
// Reading a small text file that somebody named. Any thread.
#pragma once

#include "base/error.hpp"

#include <string>

namespace voicectl::config {

/// The whole file, at most 1 MiB; "-" is stdin. A pipe is read to its end, waiting at most ten seconds for
/// it. Errc::not_found, ::io, ::too_large or ::timed_out with a sentence that does not repeat the path.
base::Result<std::string> read_text_file(const std::string& path);

/// Whether it is a regular file that users other than its owner and group may read or anybody else write.
bool is_open_to_others(const std::string& path) noexcept;

}  // namespace voicectl::config
