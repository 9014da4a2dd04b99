// SPDX-License-Identifier: Apache-2.0
#include "session/session.hpp"

#include "observe/log.hpp"
#include "session/dialect.hpp"

#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace voicectl::session {

using base::Errc;
using base::fail;

/// An upstream that does not answer the close is left.
constexpr std::chrono::seconds farewell_timeout{2};

Session::Session(SessionOptions options, std::unique_ptr<net::WebSocket> client, Pulse& pulse)
    : options_(std::move(options)),
      client_(std::move(client)),
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
    auto opened = co_await open_upstream();
    if (options_.on_upstream && !ending_) options_.on_upstream(opened.has_value());
    if (opened && !ending_) {
        co_await converse();
    } else if (ending_) {
        co_await read_client();
    } else {
        observe::log_warning("session", "{}: no upstream: {}", options_.session_id, opened.error().detail);
        to_client(
            ErrorReport{ErrorCode::upstream_unavailable, "the speech model cannot be reached", true, true});
        end(CloseCode::upstream_gone, "upstream unavailable");
        co_await read_client();
    }
    const auto& reason = client_->close_reason();
    observe::log_info("session", "{} ended after {} ms: {} {}", options_.session_id,
                      base::whole_milliseconds(base::now() - started_), reason.code, reason.reason);
}

net::Task<base::Result<void>> Session::open_upstream() {
    net::DialOptions options = options_.upstream;
    options.cancel = give_up_dial_ = std::make_shared<net::DialCancel>();
    auto upstream = co_await net::dial(options);
    if (!upstream) co_return upstream.error();
    upstream_ = std::move(*upstream);
    co_return co_await await_session_created();
}

net::Task<base::Result<void>> Session::await_session_created() {
    net::Deadline deadline(co_await boost::asio::this_coro::executor, options_.upstream.timeout,
                           [this] { upstream_->abort(); });
    while (true) {
        auto message = co_await upstream_->read();
        if (!message) co_return message.error();
        const auto event = decoder_.decode(message->text());
        if (!event) co_return event.error();
        if (std::holds_alternative<realtime::SessionCreated>(*event)) co_return base::Result<void>();
        if (const auto* error = std::get_if<realtime::ErrorEvent>(&*event))
            co_return fail(Errc::unavailable, "it refused the session: {} ({})", error->message, error->code);
    }
}

net::Task<void> Session::converse() {
    const auto executor = co_await boost::asio::this_coro::executor;
    upstream_done_ = std::make_unique<net::Notifier>(executor);
    upstream_open_ = true;
    conversation_.start();
    to_client(Ready{options_.session_id, options_.conversation.format, options_.upstream_name});
    pulse_.add(this);
    boost::asio::co_spawn(executor, read_upstream(), boost::asio::detached);
    // The upstream's coroutine refers to this session: nothing may leave here before it has ended.
    try {
        co_await read_client();
    } catch (const std::exception& error) {
        observe::log_error("session", "bug: {}: {}", options_.session_id, error.what());
        client_->abort();
    }
    pulse_.remove(this);
    ending_ = true;
    upstream_->close(net::CloseReason{1000, "done"});
    net::Deadline deadline(executor, farewell_timeout, [this] { upstream_->abort(); });
    while (upstream_open_)
        co_await upstream_done_->wait();
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
    const auto code =
        pcm.error().code == Errc::too_large ? ErrorCode::frame_too_large : ErrorCode::audio_decode_failed;
    conversation_.on_bad_frame(code, pcm.error().detail, uplink_.conceal(), now);
}

net::Task<void> Session::read_upstream() {
    // Nobody awaits this coroutine: what is thrown in it must end here.
    try {
        while (true) {
            auto message = co_await upstream_->read();
            if (!message) break;
            on_upstream_text(message->text());
        }
    } catch (const std::exception& error) {
        observe::log_error("session", "bug: {}: {}", options_.session_id, error.what());
    }
    upstream_ended();
    upstream_open_ = false;
    upstream_done_->notify();
}

void Session::on_upstream_text(std::string_view text) {
    const auto now = base::now();
    const auto event = decoder_.decode(text);
    if (event)
        conversation_.on_upstream(*event, now);
    else
        observe::log_warning("session", "{}: {}", options_.session_id, event.error().detail);
}

void Session::upstream_ended() {
    if (ending_) return;
    const auto& reason = upstream_->close_reason();
    observe::log_warning("session", "{}: the upstream has closed: {} {}", options_.session_id, reason.code,
                         reason.reason);
    to_client(ErrorReport{ErrorCode::upstream_error, "the speech model ended the session", true, true});
    end(CloseCode::upstream_gone, "upstream closed");
}

void Session::end(CloseCode code, std::string_view reason) {
    if (std::exchange(ending_, true)) return;
    if (give_up_dial_) (*give_up_dial_)();
    client_->close(net::CloseReason{static_cast<std::uint16_t>(code), std::string(reason)});
}

void Session::drain() {
    draining_ = true;
    // Before the conversation has begun there is nothing to wait for.
    if (!upstream_open_) end(CloseCode::going_away, "the gateway is shutting down");
}

void Session::abort() noexcept {
    ending_ = true;
    if (give_up_dial_) (*give_up_dial_)();
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
    upstream_->send_text(upstream_text_);
}

void Session::audio_to_upstream(audio::Pcm samples) {
    realtime::encode_append(samples, upstream_text_);
    upstream_->send_text(upstream_text_, net::Delivery::may_drop);
}

void Session::turn_is_over(const TurnReport& report) {
    observe::log_info("turn", "{}: {}", options_.session_id, describe(report));
    if (!options_.performance_warnings) return;
    for (const auto& missed : missed_targets(report, options_.targets))
        observe::log_warning("turn", "{}: {}: {}", options_.session_id, report.item_id, missed);
}

}  // namespace voicectl::session
