// SPDX-License-Identifier: Apache-2.0
// What a key may use: sessions at once, and requests and tokens a minute, which come back at an even pace as
// the service's do. Keys of one group share one allowance, as the keys of one project do. Time comes as
// arguments; one thread.
#pragma once

#include "base/time.hpp"
#include "simulator/protocol_error.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::simulator {

struct Quota {
    unsigned sessions = 0;            ///< at once; 0 for any number
    unsigned requests = 0;            ///< responses in a window; 0 for any number
    unsigned tokens = 1'000'000'000;  ///< in a window; so many that nobody runs out
};

struct LimitGroup {
    std::vector<std::string> keys;  ///< or their labels
    Quota quota;
};

struct Limits {
    Quota each;  ///< of every key that is in no group
    std::chrono::milliseconds window{60'000};
    bool at_connect = false;  ///< refuse connections too while requests or tokens have run out
    std::vector<LimitGroup> groups;
};

/// An amount that fills up again within the window.
class Bucket {
 public:
    Bucket(unsigned limit, base::Duration window) : limit_(limit), left_(limit), window_(window) {}

    double left(base::Time now) const noexcept;
    void take(double amount, base::Time now) noexcept;
    /// Until that much is there; none if it is there.
    base::Duration wait_for(double amount, base::Time now) const noexcept;
    unsigned limit() const noexcept { return limit_; }
    json::object wire(std::string_view name, base::Time now) const;

 private:
    unsigned limit_;
    double left_;  ///< at `at_`; below zero where more was used than there was
    base::Duration window_;
    base::Time at_;
};

class Allowance {
 public:
    Allowance(const Quota& quota, const Limits& limits);

    /// Nothing, or why no session may begin, and how long that lasts.
    std::optional<base::Duration> refuse_session(base::Time now) const;
    void take_session() noexcept { ++sessions_; }
    void give_session_back() noexcept { --sessions_; }

    /// Takes a request and the tokens of its input, or says why it may not be answered.
    Refusal begin_response(std::int64_t input_tokens, base::Time now);
    void end_response(std::int64_t output_tokens, base::Time now);
    /// The limits of rate_limits.updated.
    json::array wire(base::Time now) const;

 private:
    unsigned sessions_max_;
    unsigned sessions_ = 0;
    bool at_connect_;
    Bucket requests_;
    Bucket tokens_;
};

/// A session's place in its key's allowance, for as long as this lives.
class Lease {
 public:
    explicit Lease(std::shared_ptr<Allowance> allowance) : allowance_(std::move(allowance)) {
        allowance_->take_session();
    }
    ~Lease() { allowance_->give_session_back(); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

 private:
    std::shared_ptr<Allowance> allowance_;
};

class Allowances {
 public:
    explicit Allowances(const Limits& limits);
    std::shared_ptr<Allowance> of(std::string_view key);

 private:
    const Limits& limits_;
    std::vector<std::shared_ptr<Allowance>> groups_;
    std::map<std::string, std::shared_ptr<Allowance>, std::less<>> keys_;
};

}  // namespace voicectl::simulator
