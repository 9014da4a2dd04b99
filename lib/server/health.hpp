// SPDX-License-Identifier: Apache-2.0
// The document at /api/voice/health.
#pragma once

#include "net/http.hpp"
#include "server/state.hpp"

namespace voicectl::server {

/// 200 while the gateway takes sessions, 503 from the moment it is told to end. An upstream that cannot be
/// reached is named and degrades the status; it never turns the answer into 503, which would restart every
/// node at once.
net::HttpResponse health_document(const Shared& shared);

}  // namespace voicectl::server
