// SPDX-License-Identifier: Apache-2.0
// Who may open a session: path, key, dialect and model of an upgrade request, judged as the live service
// judges them (most refusals are in band: the upgrade succeeds, an error event follows, then a close). Also
// mints the short-lived keys that browsers use. Lives on the simulator's thread.
#pragma once

#include "net/http.hpp"
#include "simulator/protocol_error.hpp"
#include "simulator/realtime_session.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::simulator {

struct Admission {
    unsigned http_status = 0;      ///< refuse the upgrade with this status, if it is not 0
    Refusal refusal;               ///< or accept it, send this, and close
    std::uint16_t close_code = 0;  ///< with this code
    std::string subprotocol;       ///< what the upgrade answers; empty for none
    SessionOptions session;
};

class Admissions {
 public:
    Admissions(const Scenario& scenario, std::vector<std::string> keys);

    Admission judge(const net::HttpRequest& request) const;
    /// Answers a plain HTTP request: the minting of a key, or 404.
    net::HttpResponse answer(const net::HttpRequest& request);

 private:
    bool accepts_key(std::string_view key) const;
    net::HttpResponse mint(const net::HttpRequest& request);
    Refusal refuse_model(std::string_view model) const;

    using SystemTime = std::chrono::system_clock::time_point;
    const Scenario& scenario_;
    std::vector<std::string> keys_;
    std::map<std::string, SystemTime, std::less<>> minted_;  ///< with their ends
};

}  // namespace voicectl::simulator
