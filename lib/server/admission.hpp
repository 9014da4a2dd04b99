// SPDX-License-Identifier: Apache-2.0
// Whether an upgrade at /voice-ws becomes a session, and with which audio: everything that is decided before
// the 101.
#pragma once

#include "net/http.hpp"
#include "server/state.hpp"
#include "session/message.hpp"

#include <string>

namespace voicectl::server {

struct Admitted {
    Identity identity;
    session::AudioFormat format;
    std::string subprotocol;  ///< to be echoed; empty if the client asked for none
};

/// A refusal as HTTP says it: {"error":{"code","message"}}.
struct Refusal {
    unsigned status = 400;
    std::string code;
    std::string message;
};

net::HttpResponse to_response(const Refusal& refusal);

/// The one or the other.
boost::system::result<Admitted, Refusal> admit(const Shared& shared, const net::HttpRequest& request);

}  // namespace voicectl::server
