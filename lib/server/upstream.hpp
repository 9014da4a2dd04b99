// SPDX-License-Identifier: Apache-2.0
// The speech model that sessions dial, from the settings: a service somewhere, or the simulator in this
// process, which is dialled over a socket like any other. Made on the main thread, before the workers.
#pragma once

#include "base/error.hpp"
#include "config/settings.hpp"
#include "net/dial.hpp"
#include "simulator/simulator.hpp"
#include "upstream/key_pool.hpp"

#include <memory>
#include <string>
#include <vector>

namespace voicectl::server {

struct Upstream {
    std::string name;                        ///< as `ready` says it: "openai", "simulator", or the host
    net::DialOptions dial;                   ///< without a key
    std::vector<upstream::KeyOptions> keys;  ///< at least one; an empty one where the upstream wants none
    std::unique_ptr<simulator::Simulator> simulator;  ///< where the upstream is sim:
};

/// Who asks the service: the key, where there is one, its organization and its project, which is the
/// settings' own where `project` is empty.
net::Headers headers_for(const config::Settings& settings, const base::Secret& key,
                         const std::string& project = {});

/// The path of a service without its /realtime: what its other endpoints stand beside. A bare host stands for
/// its /v1.
std::string service_path(const net::Url& url);

/// Errc::bad_configuration for a URL that cannot be used, and whatever a scenario file has wrong.
base::Result<Upstream> open_upstream(const config::Settings& settings);

}  // namespace voicectl::server
