// SPDX-License-Identifier: Apache-2.0
// The control call: faults on demand, and what arrived, over plain HTTP on the simulator's own port.
//
// POST /simulator/faults {"name": "close", "turn": 2, ...} arms a fault: 201 {"id": 1}, or 400 that says why.
//
// GET /simulator/faults: what is armed, and the tables of what can be.
//
// DELETE /simulator/faults forgets all, or those of ?name=: {"cleared": 3}.
//
// GET /simulator/sessions: what every session was sent and holds, those that ended too (ledger.hpp).
//
// GET /simulator/log: when which key's sessions began and ended.
//
// It is there only where a test or the scenario turned it on, and only for loopback: with it anybody could
// end sessions and read conversations. A request that a browser or a proxy passes on is refused too. One
// thread.
#pragma once

#include "net/http.hpp"
#include "simulator/fault_book.hpp"
#include "simulator/ledger.hpp"

#include <string_view>

namespace voicectl::simulator {

class Control {
 public:
    /// Both outlive it.
    Control(FaultBook& faults, Ledger& ledger) : faults_(faults), ledger_(ledger) {}

    static bool is_for(std::string_view target) noexcept;
    /// `local`: whether the peer is on loopback.
    net::HttpResponse answer(const net::HttpRequest& request, bool local, base::Time now);

 private:
    net::HttpResponse arm(std::string_view body, base::Time now);
    net::HttpResponse list() const;

    FaultBook& faults_;
    Ledger& ledger_;
};

}  // namespace voicectl::simulator
