// SPDX-License-Identifier: Apache-2.0
#include "session/upstream_link.hpp"

#include "base/id.hpp"
#include "base/time.hpp"
#include "net/backoff.hpp"
#include "observe/log.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <bit>
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

/// Whether another key may have more luck.
bool is_of_the_key(const upstream::Outcome& outcome) noexcept {
    return std::holds_alternative<upstream::Refused>(outcome) ||
           std::holds_alternative<upstream::Throttled>(outcome);
}

std::optional<upstream::RateLimit> limit_of(const std::optional<realtime::RateLimits::Limit>& limit) {
    if (!limit) return std::nullopt;
    return upstream::RateLimit{limit->limit, limit->remaining,
                               std::chrono::duration<double>(limit->reset_seconds)};
}

std::uint64_t random_seed() noexcept {
    std::array<std::byte, sizeof(std::uint64_t)> bytes;
    base::fill_random(bytes);
    return std::bit_cast<std::uint64_t>(bytes);
}

}  // namespace

struct UpstreamLink::Connection {
    std::unique_ptr<UpstreamLease> lease;
    std::unique_ptr<net::WebSocket> socket;
    realtime::ServerEventDecoder decoder;
    bool tried_key = false;  ///< it ended for a reason that is the key's
};

UpstreamLink::UpstreamLink(net::Executor executor, UpstreamLinkOptions options, Listener& listener)
    : executor_(executor), options_(std::move(options)), listener_(listener), changed_(executor) {}

UpstreamLink::~UpstreamLink() = default;

net::Task<boost::system::result<void, UpstreamRefusal>> UpstreamLink::open() {
    for (int tried = 1;; ++tried) {
        auto opened = co_await try_once(true);
        if (opened) {
            current_ = std::move(*opened);
            start(read(current_));
            co_return boost::system::result<void, UpstreamRefusal>();
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
        co_return UpstreamRefusal{socket.error(), is_of_the_key(outcome), std::chrono::milliseconds(0),
                                  is_of_the_key(outcome)};
    }
    connection->socket = std::move(*socket);
    std::erase_if(connections_, [](const auto& each) { return each.expired(); });
    connections_.push_back(connection);
    auto greeted = co_await greet(*connection);
    if (greeted) co_return connection;
    connection->socket->abort();
    co_return UpstreamRefusal{greeted.error(), false, std::chrono::milliseconds(0), connection->tried_key};
}

net::Task<base::Result<void>> UpstreamLink::greet(Connection& connection) {
    const auto report = [&](const upstream::Outcome& outcome) {
        connection.lease->report(outcome);
        connection.tried_key = is_of_the_key(outcome);
    };
    net::Deadline deadline(executor_, greeting_timeout, [&] { connection.socket->abort(); });
    while (true) {
        auto message = co_await connection.socket->read();
        if (!message) {
            const auto& reason = connection.socket->close_reason();
            report(upstream::outcome_of_close(reason.code, reason.reason));
            co_return message.error();
        }
        const auto event = connection.decoder.decode(message->text());
        if (!event) co_return event.error();
        if (std::holds_alternative<realtime::SessionCreated>(*event)) {
            report(upstream::Connected{});
            co_return base::Result<void>();
        }
        if (const auto* error = std::get_if<realtime::ErrorEvent>(&*event)) {
            report(upstream::outcome_of_error(error->type, error->code));
            co_return fail(Errc::unavailable, "it refused the session: {} ({})", error->message, error->code);
        }
    }
}

void UpstreamLink::open_another() {
    if (!closing_) start(open_with_patience());
}

net::Task<void> UpstreamLink::open_with_patience() {
    const auto until = base::now() + options_.patience;
    // The sessions of an upstream that went do not come back at the same moment.
    net::Backoff backoff(pauses, random_seed());
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
                observe::log_error("upstream", "bug: {}", error.what());
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
