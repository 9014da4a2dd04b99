// SPDX-License-Identifier: Apache-2.0
#include "session/session.hpp"

#include "observe/log.hpp"
#include "session/dialect.hpp"

#include <exception>
#include <utility>

namespace voicectl::session {

Session::Session(SessionOptions options, std::unique_ptr<net::WebSocket> client, Pulse& pulse)
    : options_(std::move(options)),
      client_(std::move(client)),
      upstream_(pulse.executor(), options_.upstream, *this),
      pulse_(pulse),
      uplink_(options_.conversation.format),
      downlink_(options_.conversation.format, options_.opus),
      conversation_(options_.conversation, *this, base::now()),
      started_(base::now()) {}

Session::~Session() = default;

net::Task<void> Session::run() {
    observe::log_info("session", "{} began: tenant {}, {} at {} Hz, from {}", options_.session_id,
                      options_.tenant_id, name_of(options_.conversation.format.codec),
                      options_.conversation.format.rate, client_->peer_name());
    auto opened = co_await upstream_.open();
    if (options_.on_upstream && !ending_) options_.on_upstream(opened.has_value());
    if (opened && !ending_) {
        co_await converse();
    } else if (ending_) {
        co_await read_client();
    } else {
        say_no_upstream(opened.error());
        co_await read_client();
    }
    // The upstream's coroutines refer to this session: nothing may leave here before they have ended.
    upstream_.close();
    co_await upstream_.closed();
    const auto& reason = client_->close_reason();
    observe::log_info("session", "{} ended after {} ms: {} {}", options_.session_id,
                      base::whole_milliseconds(base::now() - started_), reason.code, reason.reason);
}

void Session::say_no_upstream(const UpstreamRefusal& refusal) {
    observe::log_warning("session", "{}: no upstream: {}", options_.session_id, refusal.error.detail);
    if (refusal.limited) {
        to_client(ErrorReport{ErrorCode::upstream_rate_limited, "the speech model is at its limit", true,
                              true, refusal.retry_after.count()});
        end(CloseCode::try_later, "upstream at its limit");
        return;
    }
    to_client(ErrorReport{ErrorCode::upstream_unavailable, "the speech model cannot be reached", true, true});
    end(CloseCode::upstream_gone, "upstream unavailable");
}

void Session::upstream_awaited(std::size_t position, std::chrono::milliseconds eta) {
    if (!ending_) to_client(Queued{static_cast<std::int64_t>(position), eta.count()});
}

net::Task<void> Session::converse() {
    conversing_ = true;
    conversation_.start();
    to_client(Ready{options_.session_id, options_.conversation.format, options_.upstream_name});
    pulse_.add(this);
    try {
        co_await read_client();
    } catch (const std::exception& error) {
        upstream_failed(error.what());
    }
    pulse_.remove(this);
    ending_ = true;
}

net::Task<void> Session::read_client() {
    while (true) {
        auto message = co_await client_->read();
        if (!message) co_return;
        if (ending_) continue;
        if (message->binary)
            on_frame(message->bytes);
        else
            on_client_text(message->text());
    }
}

void Session::on_client_text(std::string_view text) {
    const auto parsed = parse_client_message(text);
    if (parsed)
        conversation_.on_client(*parsed, base::now());
    else
        conversation_.on_bad_message(parsed.error().detail, base::now());
}

void Session::on_frame(std::span<const std::byte> frame) {
    // The clock of a turn begins before the codec.
    const auto now = base::now();
    const auto pcm = uplink_.decode(frame);
    if (pcm) return conversation_.on_audio(*pcm, now);
    const auto code = pcm.error().code == base::Errc::too_large ? ErrorCode::frame_too_large
                                                                : ErrorCode::audio_decode_failed;
    conversation_.on_bad_frame(code, pcm.error().detail, uplink_.conceal(), now);
}

void Session::upstream_said(const realtime::ServerEvent& event) {
    if (!ending_) conversation_.on_upstream(event, base::now());
}

void Session::upstream_lost(std::string_view why) {
    if (ending_) return;
    observe::log_warning("session", "{}: the upstream has closed: {}; another is opened", options_.session_id,
                         why);
    conversation_.on_upstream_lost(base::now());
}

void Session::upstream_opened() {
    if (!ending_) conversation_.on_upstream_opened(base::now());
}

void Session::upstream_refused(std::string_view why) {
    if (ending_) return;
    observe::log_warning("session", "{}: no other upstream: {}", options_.session_id, why);
    conversation_.on_upstream_refused(base::now());
}

void Session::upstream_failed(std::string_view what) {
    observe::log_error("session", "bug: {}: {}", options_.session_id, what);
    abort();
}

void Session::end(CloseCode code, std::string_view reason) {
    if (std::exchange(ending_, true)) return;
    if (!conversing_) upstream_.close();
    client_->close(net::CloseReason{static_cast<std::uint16_t>(code), std::string(reason)});
}

void Session::drain() {
    draining_ = true;
    // Before the conversation has begun there is nothing to wait for.
    if (!conversing_) end(CloseCode::going_away, "the gateway is shutting down");
}

void Session::abort() noexcept {
    ending_ = true;
    upstream_.close();
    client_->abort();
}

void Session::on_tick(base::Time now) {
    if (ending_) return;
    conversation_.on_tick(now);
    if (draining_ && !conversation_.busy()) end(CloseCode::going_away, "the gateway is shutting down");
}

void Session::to_client(const ServerMessage& message) {
    render(message, client_text_);
    // A level meter's reading is stale a tenth of a second later; everything else has to arrive.
    const bool stale_soon = std::holds_alternative<Vad>(message);
    client_->send_text(client_text_, stale_soon ? net::Delivery::may_drop : net::Delivery::must_arrive);
}

base::Time Session::reply_frame(audio::Pcm frame) {
    const auto packet = downlink_.encode(frame);
    if (!packet) {
        observe::log_error("session", "{}: {}", options_.session_id, packet.error().detail);
        return base::now();
    }
    client_->send_binary(*packet, net::Delivery::may_drop);
    return base::now();
}

void Session::drop_reply_frames() {
    client_->drop_queued();
    downlink_.restart();
}

void Session::to_upstream(const realtime::ClientEvent& event) {
    realtime::encode(event, upstream_text_);
    upstream_.send(upstream_text_, net::Delivery::must_arrive);
}

void Session::audio_to_upstream(audio::Pcm samples) {
    realtime::encode_append(samples, upstream_text_);
    upstream_.send(upstream_text_, net::Delivery::may_drop);
}

void Session::open_upstream() {
    upstream_.open_another();
}

void Session::swap_upstream() {
    observe::log_info("session", "{}: another upstream takes over", options_.session_id);
    upstream_.swap();
}

void Session::turn_is_over(const TurnReport& report) {
    observe::log_info("turn", "{}: {}", options_.session_id, describe(report));
    if (!options_.performance_warnings) return;
    for (const auto& missed : missed_targets(report, options_.targets))
        observe::log_warning("turn", "{}: {}: {}", options_.session_id, report.item_id, missed);
}

}  // namespace voicectl::session
