// SPDX-License-Identifier: Apache-2.0
// Who may open a session: path, key, dialect and model of an upgrade request, judged as the live service
// judges them (most refusals are in band: the upgrade succeeds, an error event follows, then a close). Also
// mints the short-lived keys that browsers use. Lives on the simulator's thread.
#pragma once

#include "net/http.hpp"
#include "simulator/protocol_error.hpp"
#include "simulator/realtime_session.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::simulator {

struct Admission {
    std::optional<net::HttpResponse> http;  ///< refuse the upgrade with this
    Refusal refusal;                        ///< or accept it, send this, and close as the service does
    std::string subprotocol;                ///< what the upgrade answers; empty for none
    SessionOptions session;
    std::unique_ptr<Lease> lease;  ///< the session's place in its key's allowance
};

class Admissions {
 public:
    /// The scenario and the faults outlive it.
    Admissions(const Scenario& scenario, std::vector<std::string> keys, FaultBook& faults);

    Admission judge(const net::HttpRequest& request, base::Time now);
    /// Answers a plain HTTP request: the minting of a key, or 404.
    net::HttpResponse answer(const net::HttpRequest& request);

 private:
    struct Minted {
        std::chrono::system_clock::time_point end;
        std::string key;  ///< that it was minted with, and counts for
    };

    bool accepts_key(std::string_view key) const;
    Refusal refuse(const net::HttpRequest& request, const std::string& key,
                   const SessionOptions& session) const;
    net::HttpResponse mint(const net::HttpRequest& request);
    Refusal refuse_model(std::string_view model) const;

    const Scenario& scenario_;
    std::vector<std::string> keys_;
    FaultBook& faults_;
    Allowances allowances_;
    std::map<std::string, Minted, std::less<>> minted_;
};

}  // namespace voicectl::simulator
