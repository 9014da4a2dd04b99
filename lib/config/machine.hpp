// SPDX-License-Identifier: Apache-2.0
// What this machine lets one process have. A value; reading it changes nothing.
#pragma once

#include <cstdint>
#include <string>

namespace voicectl::config {

struct Machine {
    std::uint64_t descriptors =
        0;  ///< RLIMIT_NOFILE's hard limit, which serve raises its own to; 0: no limit
    std::uint64_t memory_bytes = 0;  ///< 0: not known
    std::string memory_of;           ///< "the cgroup", "the machine"
};

Machine read_machine();

}  // namespace voicectl::config
