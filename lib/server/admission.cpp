// SPDX-License-Identifier: Apache-2.0
#include "server/admission.hpp"

#include "net/url.hpp"
#include "session/dialect.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>

namespace voicectl::server {

[[noreturn]] void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where) {
    base::throw_exception_from_error(base::Error(base::Errc::internal, refusal.message), where);
}

namespace {

namespace json = boost::json;

constexpr std::string_view voice_v1 = "voice.v1";
constexpr std::string_view bearer_entry = "bearer.";

Refusal bad_query(std::string message) {
    return Refusal{400, "BAD_MESSAGE", std::move(message)};
}

bool offers(const net::HttpRequest& request, std::string_view subprotocol) {
    const auto offered = net::list_header(request.headers, "Sec-WebSocket-Protocol");
    return std::ranges::find(offered, subprotocol) != offered.end();
}

/// The first of the three places that holds one; empty if none does.
base::Result<std::string> token_of(const net::HttpRequest& request) {
    const auto authorization = net::find_header(request.headers, "Authorization");
    constexpr std::string_view scheme = "bearer ";
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    if (authorization.size() > scheme.size() &&
        std::ranges::equal(authorization.substr(0, scheme.size()), scheme, {}, lower))
        return std::string(authorization.substr(scheme.size()));
    for (const auto entry : net::list_header(request.headers, "Sec-WebSocket-Protocol"))
        if (entry.starts_with(bearer_entry)) return std::string(entry.substr(bearer_entry.size()));
    return net::query_value(request.target, "token");
}

boost::system::result<session::AudioFormat, Refusal> format_of(const Shared& shared,
                                                               const net::HttpRequest& request) {
    const auto codec = net::query_value(request.target, "codec");
    const auto rate = net::query_value(request.target, "rate");
    if (!codec || !rate) return bad_query("the query has a broken % escape");
    session::AudioFormat format;
    format.frame_ms = static_cast<int>(shared.conversation.playout.frame.count());
    if (*codec == "pcm16") {
        format.codec = session::Codec::pcm16;
        format.rate = 24'000;
    } else if (!codec->empty() && *codec != "opus") {
        return bad_query("codec must be opus or pcm16");
    }
    if (rate->empty()) return format;
    if (format.codec == session::Codec::opus)
        return bad_query("rate goes with codec=pcm16; Opus carries its own");
    for (const auto& [text, value] :
         {std::pair{"8000", 8000}, {"16000", 16000}, {"24000", 24000}, {"48000", 48000}}) {
        if (*rate != text) continue;
        format.rate = value;
        return format;
    }
    return bad_query("rate must be 8000, 16000, 24000 or 48000");
}

std::optional<Refusal> refuse_now(const Shared& shared) {
    if (!shared.accepting.load(std::memory_order_relaxed))
        return Refusal{503, "DRAINING", "the gateway is shutting down; connect again to reach another"};
    if (shared.sessions.load(std::memory_order_relaxed) >= shared.sessions_max)
        return Refusal{503, "SESSION_LIMIT", "the gateway holds as many sessions as it may; try again later"};
    return std::nullopt;
}

}  // namespace

net::HttpResponse to_response(const Refusal& refusal) {
    net::HttpResponse response;
    response.status = refusal.status;
    response.body =
        json::serialize(json::object{{"error", {{"code", refusal.code}, {"message", refusal.message}}}});
    response.body += '\n';
    if (refusal.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (refusal.status == 503) response.headers.emplace_back("Retry-After", "5");
    if (refusal.status == 426) response.headers.emplace_back("Upgrade", "websocket");
    return response;
}

boost::system::result<Admitted, Refusal> admit(const Shared& shared, const net::HttpRequest& request) {
    if (!request.wants_websocket)
        return Refusal{400, "BAD_MESSAGE", "/voice-ws speaks WebSocket (RFC 6455, version 13) only"};
    const auto origin = net::find_header(request.headers, "Origin");
    if (!origin.empty() && !shared.origins.empty() &&
        std::ranges::find(shared.origins, origin) == shared.origins.end())
        return Refusal{403, "POLICY_DENIED", "pages of this origin may not connect"};
    if (auto refusal = refuse_now(shared)) return *refusal;
    const auto token = token_of(request);
    if (!token) return bad_query("the query has a broken % escape");
    auto identity = shared.authenticator.verify(*token, std::chrono::system_clock::now());
    if (!identity) return Refusal{401, "AUTH_FAILED", identity.error().detail};
    auto format = format_of(shared, request);
    if (!format) return format.error();
    return Admitted{std::move(*identity), *format,
                    offers(request, voice_v1) ? std::string(voice_v1) : std::string()};
}

}  // namespace voicectl::server
