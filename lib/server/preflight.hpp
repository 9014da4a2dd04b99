// SPDX-License-Identifier: Apache-2.0
// What can be known of a configuration before it runs, beyond its own text: the files that it names, and the
// services that `serve` would need. Changes nothing anywhere. Any thread.
#pragma once

#include "config/load.hpp"

#include <chrono>

namespace voicectl::server {

/// Opens every file that a setting names, as `serve` would, and adds what is wrong with it.
void check_files(config::Loaded& loaded);

struct OnlineLimits {
    std::chrono::milliseconds connect{3'000};  ///< TCP and TLS of each service
    std::chrono::milliseconds total{10'000};   ///< everything, of each service
};

/// Asks each service that the settings name, side by side, and adds a finding for each with the time it took:
/// what is wrong, or a note that all is well. Blocks until the last has answered or is over its limit.
void check_online(config::Loaded& loaded, OnlineLimits limits);

}  // namespace voicectl::server
