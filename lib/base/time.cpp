// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace voicectl::base {

std::string rfc3339(std::chrono::system_clock::time_point when) {
    const auto since_epoch =
        std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
    const auto seconds = static_cast<std::time_t>(since_epoch / 1000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), since_epoch % 1000);
}

}  // namespace voicectl::base
