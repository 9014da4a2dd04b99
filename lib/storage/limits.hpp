// SPDX-License-Identifier: Apache-2.0
// How long a check of a store may take.
#pragma once

#include <chrono>

namespace voicectl::storage {

struct CheckLimits {
    std::chrono::milliseconds connect{3'000};  ///< until TCP, and TLS where there is any, stand
    std::chrono::milliseconds total{10'000};   ///< everything, the connecting too
};

}  // namespace voicectl::storage
