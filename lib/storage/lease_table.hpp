// SPDX-License-Identifier: Apache-2.0
// The rules of leases without I/O and without a clock: every call says when it is. One thread.
#pragma once

#include "storage/key_leases.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace voicectl::storage {

/// Times are since any fixed moment and do not go back. A lease has ended at the end of its time, not after.
class LeaseTable {
 public:
    using Time = std::chrono::milliseconds;

    /// As KeyLeases::acquire and ::renew.
    base::Result<Lease> acquire(LeaseTerms terms, Time now);
    base::Result<Lease> renew(Lease lease, Time now);
    void release(const Lease& lease);
    std::size_t live(const std::string& group, Time now);

 private:
    struct Group {
        std::unordered_map<std::string, Time> ends;  ///< of each lease, by its id
        std::uint64_t fence = 0;                     ///< of the last lease

        void forget_ended(Time now) {
            std::erase_if(ends, [now](const auto& lease) { return lease.second <= now; });
        }
    };

    std::unordered_map<std::string, Group> groups_;  ///< as many as are configured
};

}  // namespace voicectl::storage
