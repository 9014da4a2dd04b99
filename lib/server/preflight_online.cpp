// SPDX-License-Identifier: Apache-2.0
#include "server/preflight.hpp"

namespace voicectl::server {

void check_online(config::Loaded&, OnlineLimits) {}

}  // namespace voicectl::server
