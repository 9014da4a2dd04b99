// SPDX-License-Identifier: Apache-2.0
#include "session/upstream_link.hpp"

#include "base/id.hpp"
#include "base/time.hpp"
#include "net/backoff.hpp"
#include "observe/log.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace voicectl::session {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using base::fail;

constexpr net::BackoffLimits pauses{100ms, 800ms};
constexpr auto farewell_timeout = 2s;  // an upstream that does not answer the close is left
constexpr auto greeting_timeout = 10s;
constexpr int keys_tried_max = 8;

/// No patience mends these.
bool is_final(Errc code) noexcept {
    return code == Errc::unauthorized || code == Errc::bad_configuration;
}

upstream::Outcome outcome_of(Errc dial) noexcept {
    if (dial == Errc::unauthorized) return upstream::outcome_of_status(401, std::nullopt);
    if (dial == Errc::overloaded) return upstream::outcome_of_status(429, std::nullopt);
    if (dial == Errc::closed) return upstream::Indifferent{};
    return upstream::Failed{};
}

/// What became of a try with one key: at its limit, another may have room; refused, another may be known.
UpstreamRefusal refusal_of(base::Error error, const upstream::Outcome& outcome) {
    UpstreamRefusal refusal;
    refusal.error = std::move(error);
    refusal.limited = std::holds_alternative<upstream::Throttled>(outcome);
    refusal.another_key = refusal.limited || std::holds_alternative<upstream::Refused>(outcome);
    return refusal;
}

std::optional<upstream::RateLimit> limit_of(const std::optional<realtime::RateLimits::Limit>& limit) {
    if (!limit) return std::nullopt;
    return upstream::RateLimit{limit->limit, limit->remaining,
                               std::chrono::duration<double>(limit->reset_seconds)};
}

}  // namespace

struct UpstreamLink::Connection {
    std::unique_ptr<UpstreamLease> lease;
    std::unique_ptr<net::WebSocket> socket;
    realtime::ServerEventDecoder decoder;
};

UpstreamLink::UpstreamLink(net::Executor executor, UpstreamLinkOptions options, Listener& listener)
    : executor_(executor), options_(std::move(options)), listener_(listener), changed_(executor) {}

UpstreamLink::~UpstreamLink() = default;

net::Task<UpstreamLink::Greeted> UpstreamLink::open() {
    for (int tried = 1;; ++tried) {
        auto opened = co_await try_once(true);
        if (opened) {
            current_ = std::move(*opened);
            start(read(current_));
            co_return Greeted();
        }
        if (closing_ || !opened.error().another_key || tried == keys_tried_max) co_return opened.error();
    }
}

net::Task<UpstreamLink::Opened> UpstreamLink::try_once(bool first) {
    UpstreamWait wait;
    wait.tenant_id = options_.tenant_id;
    wait.cancel = give_up_;
    if (first)
        wait.waiting = [this](std::size_t position, std::chrono::milliseconds eta) {
            if (!closing_) listener_.upstream_awaited(position, eta);
        };
    auto lease = co_await options_.source->acquire(std::move(wait));
    if (!lease) co_return lease.error();
    auto connection = std::make_shared<Connection>();
    connection->lease = std::move(*lease);
    auto dial = connection->lease->dial();
    dial.cancel = give_up_;
    auto socket = co_await net::dial(std::move(dial));
    if (!socket) {
        const auto outcome = outcome_of(socket.error().code);
        connection->lease->report(outcome);
        co_return refusal_of(socket.error(), outcome);
    }
    connection->socket = std::move(*socket);
    std::erase_if(connections_, [](const auto& each) { return each.expired(); });
    connections_.push_back(connection);
    auto greeted = co_await greet(*connection);
    if (greeted) co_return connection;
    connection->socket->abort();
    co_return greeted.error();
}

net::Task<UpstreamLink::Greeted> UpstreamLink::greet(Connection& connection) {
    const auto refused = [&](base::Error error, const upstream::Outcome& outcome) {
        connection.lease->report(outcome);
        return refusal_of(std::move(error), outcome);
    };
    net::Deadline deadline(executor_, greeting_timeout, [&] { connection.socket->abort(); });
    while (true) {
        auto message = co_await connection.socket->read();
        if (!message) {
            const auto& reason = connection.socket->close_reason();
            co_return refused(message.error(), upstream::outcome_of_close(reason.code, reason.reason));
        }
        const auto event = connection.decoder.decode(message->text());
        if (!event) co_return refusal_of(event.error(), upstream::Indifferent{});
        if (std::holds_alternative<realtime::SessionCreated>(*event)) {
            connection.lease->report(upstream::Connected{});
            co_return Greeted();
        }
        if (const auto* error = std::get_if<realtime::ErrorEvent>(&*event)) {
            auto why =
                fail(Errc::unavailable, "it refused the session: {} ({})", error->message, error->code);
            co_return refused(std::move(why), upstream::outcome_of_error(error->type, error->code));
        }
    }
}

void UpstreamLink::open_another() {
    if (!closing_) start(open_with_patience());
}

net::Task<void> UpstreamLink::open_with_patience() {
    const auto until = base::now() + options_.patience;
    // The sessions of an upstream that went do not come back at the same moment.
    net::Backoff backoff(pauses, base::random_number());
    boost::asio::steady_timer timer(executor_);
    while (true) {
        auto opened = co_await try_once(false);
        if (closing_) co_return;
        if (opened) {
            other_ = std::move(*opened);
            start(read(other_));
            listener_.upstream_opened();
            co_return;
        }
        const auto& refusal = opened.error();
        const auto pause = refusal.another_key ? 0ms : backoff.next();
        if ((is_final(refusal.error.code) && !refusal.another_key) || base::now() + pause >= until) {
            listener_.upstream_refused(refusal.error.detail);
            co_return;
        }
        timer.expires_after(pause);
        co_await timer.async_wait(net::nothrow);
        if (closing_) co_return;
    }
}

net::Task<void> UpstreamLink::read(std::shared_ptr<Connection> connection) {
    while (true) {
        auto message = co_await connection->socket->read();
        if (!message) break;
        if (closing_ || connection != current_) continue;
        const auto event = connection->decoder.decode(message->text());
        if (!event) {
            observe::log_warning("upstream", "an event of the speech model cannot be read: {}",
                                 event.error().detail);
            continue;
        }
        learn(*connection, *event);
        listener_.upstream_said(*event);
    }
    ended(*connection);
}

void UpstreamLink::learn(Connection& connection, const realtime::ServerEvent& event) {
    if (const auto* limits = std::get_if<realtime::RateLimits>(&event))
        connection.lease->report(
            upstream::LimitsUpdated{limit_of(limits->requests), limit_of(limits->tokens)});
    if (const auto* done = std::get_if<realtime::ResponseDone>(&event)) {
        if (done->usage) connection.lease->report(upstream::Spent{done->usage->total_tokens});
        if (!done->error_code.empty())
            connection.lease->report(upstream::outcome_of_error({}, done->error_code));
    }
    if (const auto* error = std::get_if<realtime::ErrorEvent>(&event))
        connection.lease->report(upstream::outcome_of_error(error->type, error->code));
}

void UpstreamLink::ended(Connection& connection) {
    const auto reason = connection.socket->close_reason();
    // One that was closed from this side says nothing of its key.
    if (&connection == current_.get() && !closing_)
        connection.lease->report(upstream::outcome_of_close(reason.code, reason.reason));
    connection.lease.reset();
    if (closing_) return;
    const auto why = fmt::format("{} {}", reason.code, reason.reason);
    if (&connection == current_.get()) {
        listener_.upstream_lost(why);
    } else if (&connection == other_.get()) {
        other_.reset();
        listener_.upstream_refused(why);
    }
}

void UpstreamLink::swap() {
    if (current_) current_->socket->close(net::CloseReason{1000, "renewed"});
    current_ = std::exchange(other_, nullptr);
}

void UpstreamLink::send(std::string_view text, net::Delivery delivery) {
    if (current_) current_->socket->send_text(text, delivery);
}

void UpstreamLink::start(net::Task<void> task) {
    ++running_;
    boost::asio::co_spawn(executor_, std::move(task), [this](const std::exception_ptr& thrown) {
        // Nobody awaits it: what is thrown in it must end here.
        if (thrown) {
            try {
                std::rethrow_exception(thrown);
            } catch (const std::exception& error) {
                if (!closing_) listener_.upstream_failed(error.what());
            }
        }
        --running_;
        changed_.notify();
    });
}

void UpstreamLink::close() {
    closing_ = true;
    (*give_up_)();
    for (const auto& each : connections_)
        if (const auto connection = each.lock()) connection->socket->close(net::CloseReason{1000, "done"});
}

net::Task<void> UpstreamLink::closed() {
    net::Deadline deadline(executor_, farewell_timeout, [this] {
        for (const auto& each : connections_)
            if (const auto connection = each.lock()) connection->socket->abort();
    });
    while (running_ > 0)
        co_await changed_.wait();
}

}  // namespace voicectl::session
