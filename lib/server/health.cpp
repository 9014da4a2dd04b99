// SPDX-License-Identifier: Apache-2.0
#include "server/health.hpp"

#include "base/time.hpp"

#include <boost/json.hpp>

#include <chrono>

namespace voicectl::server {
namespace {

namespace json = boost::json;

json::object check(std::string_view status, std::string_view detail) {
    json::object result{{"status", status}};
    if (!detail.empty()) result["detail"] = detail;
    return result;
}

json::object upstream_check(const Shared& shared) {
    switch (shared.upstream_state.load(std::memory_order_relaxed)) {
        case UpstreamState::unknown:
            return check("unknown", "no session has needed it yet");
        case UpstreamState::reached:
            return check("healthy", "");
        case UpstreamState::unreachable:
            return check("unhealthy", "the last session could not reach it");
    }
    return check("unknown", "");
}

}  // namespace

net::HttpResponse health_document(const Shared& shared) {
    const bool ready = shared.ready.load(std::memory_order_relaxed);
    const auto upstream_down =
        shared.upstream_state.load(std::memory_order_relaxed) == UpstreamState::unreachable;
    const auto uptime =
        std::chrono::duration_cast<std::chrono::seconds>(base::now() - shared.started).count();
    const json::object document{
        {"status", !ready          ? "unhealthy"
                   : upstream_down ? "degraded"
                                   : "healthy"},
        {"timestamp", base::rfc3339(std::chrono::system_clock::now())},
        {"uptimeSeconds", uptime},
        {"sessions",
         {{"active", shared.sessions.load(std::memory_order_relaxed)}, {"max", shared.sessions_max}}},
        {"checks",
         {{"database", check("not_configured", "")},
          {"redis", check("not_configured", "")},
          {"openai", upstream_check(shared)},
          {"voice_services",
           ready ? check("healthy", "") : check("unhealthy", "the gateway is shutting down")}}},
    };
    net::HttpResponse response;
    response.status = ready ? 200 : 503;
    response.body = json::serialize(document) + "\n";
    return response;
}

}  // namespace voicectl::server
