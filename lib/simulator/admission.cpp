// SPDX-License-Identifier: Apache-2.0
#include "simulator/admission.hpp"

#include "base/id.hpp"
#include "net/url.hpp"
#include "simulator/service_error.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace voicectl::simulator {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view realtime_path = "/v1/realtime";
constexpr std::size_t minted_max = 1000;
constexpr std::string_view key_protocol = "openai-insecure-api-key.";

/// Azure's resources serve the same protocol below /openai.
std::string_view without_azure(std::string_view path) noexcept {
    constexpr std::string_view prefix = "/openai";
    return path.starts_with("/openai/v1/") ? path.substr(prefix.size()) : path;
}

std::string key_of(const net::HttpRequest& request) {
    constexpr std::string_view bearer = "Bearer ";
    const auto authorization = net::find_header(request.headers, "Authorization");
    if (authorization.starts_with(bearer)) return std::string(authorization.substr(bearer.size()));
    if (const auto key = net::find_header(request.headers, "api-key"); !key.empty()) return std::string(key);
    for (const auto protocol : net::list_header(request.headers, "Sec-WebSocket-Protocol"))
        if (protocol.starts_with(key_protocol)) return std::string(protocol.substr(key_protocol.size()));
    return {};
}

bool offers(const net::HttpRequest& request, std::string_view protocol) {
    const auto offered = net::list_header(request.headers, "Sec-WebSocket-Protocol");
    return std::find(offered.begin(), offered.end(), protocol) != offered.end();
}

bool speaks_beta(const net::HttpRequest& request) {
    return net::find_header(request.headers, "OpenAI-Beta").find("realtime=v1") != std::string_view::npos ||
           offers(request, "openai-beta.realtime-v1");
}

/// The start of a key may be shown, the rest never.
std::string masked(std::string_view key) {
    return key.size() < 8 ? "***" : fmt::format("{}***", key.substr(0, 3));
}

net::HttpResponse http_error(unsigned status, std::string_view code, std::string_view message) {
    const auto error = service_error(code, message);
    json::object body{
        {"message", error.message}, {"type", error.type}, {"param", nullptr}, {"code", nullptr}};
    if (!error.code.empty()) body["code"] = error.code;
    json::object whole;
    whole["error"] = body;
    net::HttpResponse response;
    response.status = status;
    response.body = json::serialize(whole);
    return response;
}

/// In whole seconds, rounded up: RFC 9110 section 10.2.3.
void add_retry_after(net::HttpResponse& response, base::Duration wait) {
    if (wait.count() > 0)
        response.headers.emplace_back("Retry-After",
                                      std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()));
}

net::HttpResponse http_fault(const Fault& fault) {
    std::string_view code = "invalid_request";
    if (fault.code == 401) code = "invalid_api_key";
    if (fault.code == 403) code = "unsupported_country_region_territory";
    if (fault.code == 429) code = "rate_limit_exceeded";
    if (fault.code >= 500) code = "server_error";
    auto response =
        http_error(fault.code, code, fmt::format("A fault refuses this connection with {}.", fault.code));
    add_retry_after(response, fault.retry_after);
    return response;
}

}  // namespace

Admissions::Admissions(const Scenario& scenario, std::vector<std::string> keys, FaultBook& faults)
    : scenario_(scenario), keys_(std::move(keys)), faults_(faults), allowances_(scenario.limits) {}

bool Admissions::accepts_key(std::string_view key) const {
    if (key.empty()) return false;
    if (const auto minted = minted_.find(key); minted != minted_.end())
        return std::chrono::system_clock::now() < minted->second.end;
    return keys_.empty() || std::find(keys_.begin(), keys_.end(), key) != keys_.end();
}

Refusal Admissions::refuse_model(std::string_view model) const {
    if (model.empty())
        return ProtocolError{"missing_model",
                             "You must name a model: wss://HOST/v1/realtime?model=gpt-realtime, for example.",
                             "model"};
    const auto& models = scenario_.connect.models;
    if (models.empty() || std::find(models.begin(), models.end(), model) != models.end()) return std::nullopt;
    return ProtocolError{"model_not_found",
                         fmt::format("The model '{}' does not exist or you may not use it.", model), "model"};
}

Refusal Admissions::refuse(const net::HttpRequest& request, const std::string& key,
                           const SessionOptions& session) const {
    if (!accepts_key(key))
        return service_error("invalid_api_key",
                             key.empty() ? "No API key was given: send it as 'Authorization: Bearer KEY'."
                                         : fmt::format("Incorrect API key provided: {}.", masked(key)));
    if (speaks_beta(request))
        return service_error("beta_api_shape_disabled",
                             "The beta protocol is no longer spoken: leave the OpenAI-Beta header out.");
    return session.transcription_only ? std::nullopt : refuse_model(session.model);
}

Admission Admissions::judge(const net::HttpRequest& request, base::Time now) {
    Admission admission;
    const auto path = without_azure(net::path_of(request.target));
    const auto query = [&request](std::string_view name) {
        auto value = net::query_value(request.target, name);
        return value ? *value : std::string();
    };
    const auto given = key_of(request);
    const auto minted = minted_.find(given);
    const auto& key = minted == minted_.end() ? given : minted->second.key;
    const auto fault = faults_.strike_connection(key, now);
    if (fault && fault->kind == FaultKind::http_status) {
        admission.http = http_fault(*fault);
        return admission;
    }
    // There are no calls to join here, so every call_id is unknown.
    if (path != realtime_path || !query("call_id").empty()) {
        admission.http.emplace().status = 404;
        return admission;
    }
    if (offers(request, "realtime")) admission.subprotocol = "realtime";
    auto& session = admission.session;
    session.transcription_only = query("intent") == "transcription";
    session.model = query("model");
    if (session.model.empty()) session.model = scenario_.connect.default_model;
    session.key = key;
    session.faults = &faults_;
    if (fault)
        admission.refusal = service_error(fault->error, fault->reason);
    else
        admission.refusal = refuse(request, given, session);
    if (admission.refusal) return admission;
    session.allowance = allowances_.of(key);
    if (const auto wait = session.allowance->refuse_session(now)) {
        admission.http = http_error(429, "rate_limit_exceeded", "This key has reached its limit.");
        add_retry_after(*admission.http, *wait);
        return admission;
    }
    admission.lease = std::make_unique<Lease>(session.allowance);
    return admission;
}

net::HttpResponse Admissions::answer(const net::HttpRequest& request) {
    const auto path = without_azure(net::path_of(request.target));
    if (path == "/v1/realtime/client_secrets" && request.method == "POST") return mint(request);
    if (path == realtime_path)
        return http_error(426, "upgrade_required",
                          "This address speaks websocket: connect with an upgrade request.");
    return http_error(404, "not_found", "There is nothing at this address.");
}

net::HttpResponse Admissions::mint(const net::HttpRequest& request) {
    const auto key = key_of(request);
    if (!accepts_key(key)) return http_error(401, "invalid_api_key", "Incorrect API key provided.");
    boost::system::error_code ec;
    const auto body = request.body.empty() ? json::value(json::object()) : json::parse(request.body, ec);
    if (ec || !body.is_object()) return http_error(400, "invalid_json", "The body is not a JSON object.");
    std::int64_t seconds = 600;
    if (const auto& expiry = member(body.get_object(), "expires_after"); expiry.is_object()) {
        const auto& asked = member(expiry.get_object(), "seconds");
        if (check_integer(asked, "expires_after.seconds", 10, 7200))
            return http_error(400, "invalid_value", "expires_after.seconds must be from 10 to 7200.");
        seconds = asked.to_number<std::int64_t>();
    }
    const auto& wanted = member(body.get_object(), "session");
    const bool transcription = wanted.is_object() && text_of(wanted.get_object(), "type") == "transcription";
    const auto model = wanted.is_object() ? text_of(wanted.get_object(), "model") : std::string_view();
    SessionObject session(base::make_id("sess_"), std::string(model.empty() ? "gpt-realtime" : model),
                          transcription, 0);
    if (wanted.is_object())
        if (const auto refused = session.update(wanted, false))
            return http_error(400, refused->code, refused->message);
    const auto now = std::chrono::system_clock::now();
    std::erase_if(minted_, [now](const auto& one) { return one.second.end <= now; });
    if (minted_.size() >= minted_max)
        return http_error(429, "rate_limit_exceeded", "Too many client secrets are alive.");
    const auto value = base::make_id("ek_");
    const auto end = now + std::chrono::seconds(seconds);
    const auto parent = minted_.find(key);
    minted_[value] = {end, parent == minted_.end() ? key : parent->second.key};
    json::object reply;
    reply["value"] = value;
    reply["expires_at"] = std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count();
    reply["session"] = session.value();
    net::HttpResponse response;
    response.body = json::serialize(reply);
    return response;
}

}  // namespace voicectl::simulator
