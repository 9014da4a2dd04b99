// SPDX-License-Identifier: Apache-2.0
// Where a session's connections to the speech model come from: the right to one, with a key, and the wait for
// it. Called on the session's worker.
#pragma once

#include "net/dial.hpp"
#include "upstream/outcome.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace voicectl::session {

/// The right to one connection; given back when it goes.
class UpstreamLease {
 public:
    virtual ~UpstreamLease() = default;
    /// How it is dialled.
    virtual net::DialOptions dial() const = 0;
    /// What came of it, and what the upstream says while it lasts.
    virtual void report(const upstream::Outcome& outcome) = 0;
};

/// Why there is none.
struct UpstreamRefusal {
    base::Error error;
    bool limited = false;                      ///< all that there are have no room: worth another try
    std::chrono::milliseconds retry_after{0};  ///< where it is known
    bool another_key = false;                  ///< may have more luck
};

struct UpstreamWait {
    std::string tenant_id;
    std::function<void(std::size_t position, std::chrono::milliseconds eta)>
        waiting;  ///< told the place in line
    std::shared_ptr<net::DialCancel> cancel;
};

class UpstreamSource {
 public:
    using Acquired = boost::system::result<std::unique_ptr<UpstreamLease>, UpstreamRefusal>;

    virtual ~UpstreamSource() = default;
    /// Waits for its turn where nothing is free, as long as the source allows. Errc::closed if it was
    /// cancelled.
    virtual net::Task<Acquired> acquire(UpstreamWait wait) = 0;
};

}  // namespace voicectl::session
