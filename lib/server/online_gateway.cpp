// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "net/connect.hpp"
#include "net/http_client.hpp"
#include "server/online.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace voicectl::server {
namespace {

namespace json = boost::json;
using base::Errc;
using config::Code;

constexpr std::string_view http_env = "VOICE_HTTP_PORT";
constexpr std::string_view ws_env = "VOICE_WS_PORT";
constexpr std::string_view origin_env = "VOICE_CORS_ORIGIN";
/// A name that nobody can have (RFC 2606).
constexpr auto foreign_origin = "https://voicectl-check.invalid";
constexpr auto port_fix = "look whether something else has the port, and start voicectl serve";

/// One gateway while it is asked.
struct Asking {
    std::string host;
    bool with_tls = false;
    OnlineTls tls;
    std::chrono::milliseconds each;  ///< what one step may take: a silent one takes nothing from the others
    Verdicts verdicts;

    std::string place(int port) const { return net::Endpoint(host, static_cast<std::uint16_t>(port)).name(); }
    void say(Code code, std::string_view env, base::Time since, std::string sentence, std::string fix = {}) {
        verdicts.push_back({code, env, std::move(sentence), std::move(fix),
                            std::chrono::milliseconds(base::whole_milliseconds(base::now() - since))});
    }
};

std::string loopback_of(const std::string& bind_address) {
    if (bind_address.empty() || bind_address == "0.0.0.0") return "127.0.0.1";
    return bind_address == "::" ? "::1" : bind_address;
}

net::Task<base::Result<net::HttpAnswer>> get(Asking& asking, int port, std::string target,
                                             net::Headers headers) {
    net::HttpGet request;
    request.url.tls = asking.with_tls;
    request.url.host = asking.host;
    request.url.port = static_cast<std::uint16_t>(port);
    request.url.target = std::move(target);
    request.headers = std::move(headers);
    request.tls = asking.tls.unverified;
    request.connect_timeout = asking.each;
    request.total_timeout = asking.each;
    return net::http_get(std::move(request));
}

/// Whether anything at all takes connections there.
net::Task<bool> is_listening(Asking& asking, int port) {
    net::Endpoint to(asking.host, static_cast<std::uint16_t>(port));
    const auto opened = co_await net::connect(std::move(to), asking.each);
    co_return opened || opened.error().code != Errc::unavailable;
}

/// The status that a health document gives itself; empty if it is none.
std::string health_status(const std::string& body) {
    json::error_code ec;
    const auto document = json::parse(body, ec);
    const auto* status = !ec && document.is_object() ? document.as_object().if_contains("status") : nullptr;
    if (status == nullptr || !status->is_string()) return {};
    std::string word(status->as_string());
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    return std::ranges::all_of(word, plain) ? word : std::string();
}

/// Whether a gateway answers, well or not.
net::Task<bool> ask_health(Asking& asking, int port) {
    const auto start = base::now();
    const auto place = asking.place(port);
    const auto answer = co_await get(asking, port, "/api/voice/health", {});
    if (!answer) {
        asking.say(Code::gateway_broken, http_env, start, answer.error().detail, port_fix);
        co_return false;
    }
    const auto status = health_status(answer->body);
    const bool is_gateway = !status.empty() && (answer->status == 200 || answer->status == 503);
    if (!is_gateway)
        asking.say(
            Code::gateway_broken, http_env, start,
            fmt::format("what listens on {} has no health of a gateway: HTTP {}", place, answer->status),
            port_fix);
    else if (answer->status == 503)
        asking.say(Code::gateway_incomplete, http_env, start,
                   fmt::format("the gateway on {} says it is {}", place, status),
                   "see its health, and its log");
    else
        asking.say(Code::online_ok, http_env, start,
                   fmt::format("the gateway on {} says it is {}", place, status));
    co_return is_gateway;
}

net::Task<void> ask_worklet(Asking& asking, int port) {
    const auto start = base::now();
    const std::string path = "/audio-worklet-processor.js";
    const auto answer = co_await get(asking, port, path, {});
    std::string wrong;
    if (!answer)
        wrong = answer.error().detail;
    else if (answer->status != 200)
        wrong = fmt::format("the gateway on {} does not serve {}: HTTP {}", asking.place(port), path,
                            answer->status);
    else if (net::find_header(answer->headers, "Content-Type").find("javascript") == std::string_view::npos)
        wrong = fmt::format("the gateway on {} does not serve {} as JavaScript, so no browser will run it",
                            asking.place(port), path);
    if (!wrong.empty())
        asking.say(Code::gateway_incomplete, http_env, start, std::move(wrong),
                   "look at what a proxy in front of it changes");
}

/// Asks for a websocket without a token. Were it let in all the same, the codec that does not exist would
/// keep it from becoming a session.
net::Task<base::Result<net::HttpAnswer>> knock(Asking& asking, int port, std::string origin) {
    net::Headers headers{{"Connection", "Upgrade"},
                         {"Upgrade", "websocket"},
                         {"Sec-WebSocket-Version", "13"},
                         {"Sec-WebSocket-Key", "dm9pY2VjdGwgY2hlY2sgIQ=="}};
    if (!origin.empty()) headers.emplace_back("Origin", std::move(origin));
    return get(asking, port, "/voice-ws?codec=none", std::move(headers));
}

/// One knock, and the one answer that is right; whether it came.
net::Task<bool> ask_upgrade(Asking& asking, int port, std::string_view env, std::string origin,
                            unsigned expected) {
    const auto start = base::now();
    const auto place = asking.place(port);
    const auto who = origin.empty() ? std::string("without a token") : "of a page of another origin";
    const auto answer = co_await knock(asking, port, std::move(origin));
    if (!answer)
        asking.say(Code::gateway_broken, env, start, answer.error().detail, port_fix);
    else if (answer->status == expected)
        asking.say(Code::online_ok, env, start,
                   fmt::format("/voice-ws on {} refuses an upgrade {}, as it should", place, who));
    else if (answer->status == 503 || answer->status == 429)
        asking.say(
            Code::gateway_incomplete, env, start,
            fmt::format(
                "/voice-ws on {} takes nobody now (HTTP {}): it is full, ending, or has been asked too often",
                place, answer->status),
            "try again when it has room");
    else
        asking.say(Code::gateway_broken, env, start,
                   fmt::format("/voice-ws on {} answers an upgrade {} with HTTP {} instead of {}", place, who,
                               answer->status, expected),
                   "look whether something else has the port, or what a proxy in front of it changes");
    co_return answer && answer->status == expected;
}

net::Task<void> ask_ports(Asking& asking, const config::Settings& settings, bool http, bool ws) {
    const auto start = base::now();
    const auto nobody = [&](std::string_view env, int port) {
        asking.say(
            Code::gateway_broken, env, start,
            fmt::format("nobody listens on {}, and the gateway's other port is taken", asking.place(port)),
            port_fix);
    };
    if (http) {
        const bool is_gateway = co_await ask_health(asking, settings.http_port);
        if (is_gateway) co_await ask_worklet(asking, settings.http_port);
    } else {
        nobody(http_env, settings.http_port);
    }
    if (!ws) {
        nobody(ws_env, settings.ws_port);
        co_return;
    }
    const bool refused = co_await ask_upgrade(asking, settings.ws_port, ws_env, {}, 401);
    const auto& origins = settings.cors_origins;
    if (refused && !origins.empty() && std::ranges::find(origins, "*") == origins.end())
        co_await ask_upgrade(asking, settings.ws_port, origin_env, foreign_origin, 403);
}

}  // namespace

net::Task<Verdicts> ask_gateway(config::Settings settings, OnlineLimits limits, OnlineTls tls) {
    const auto start = base::now();
    // Two ports to connect to, and at most four requests.
    constexpr int steps = 6;
    Asking asking{loopback_of(settings.bind_address),
                  !settings.tls_certificate.empty(),
                  std::move(tls),
                  limits.total / steps,
                  {}};
    const bool http = co_await is_listening(asking, settings.http_port);
    const bool ws = co_await is_listening(asking, settings.ws_port);
    if (http || ws)
        co_await ask_ports(asking, settings, http, ws);
    else
        asking.say(Code::online_skipped, http_env, start,
                   fmt::format("no gateway listens on {} and {}: there is none to ask",
                               asking.place(settings.http_port), asking.place(settings.ws_port)));
    co_return std::move(asking.verdicts);
}

}  // namespace voicectl::server
