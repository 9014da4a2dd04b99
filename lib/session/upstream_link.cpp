// SPDX-License-Identifier: Apache-2.0
#include "session/upstream_link.hpp"

#include "base/id.hpp"
#include "base/time.hpp"
#include "observe/log.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <utility>

namespace voicectl::session {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using base::fail;

constexpr auto retry_first = 50ms;
constexpr auto retry_max = 800ms;
constexpr auto farewell_timeout = 2s;  // an upstream that does not answer the close is left

/// No patience mends these.
bool is_final(Errc code) noexcept {
    return code == Errc::unauthorized || code == Errc::bad_configuration;
}

/// Half of it to all of it: the sessions of an upstream that went do not come back at the same moment.
std::chrono::milliseconds jittered(std::chrono::milliseconds pause) noexcept {
    std::array<std::byte, 1> random;
    base::fill_random(random);
    return pause / 2 + pause * std::to_integer<int>(random[0]) / 512;
}

}  // namespace

struct UpstreamLink::Connection {
    std::unique_ptr<net::WebSocket> socket;
    realtime::ServerEventDecoder decoder;
};

UpstreamLink::UpstreamLink(net::Executor executor, UpstreamLinkOptions options, Listener& listener)
    : executor_(executor), options_(std::move(options)), listener_(listener), changed_(executor) {
    options_.dial.cancel = give_up_dial_;
}

UpstreamLink::~UpstreamLink() = default;

net::Task<base::Result<void>> UpstreamLink::open() {
    auto opened = co_await try_once();
    if (!opened) co_return opened.error();
    current_ = std::move(*opened);
    start(read(current_));
    co_return base::Result<void>();
}

net::Task<base::Result<std::shared_ptr<UpstreamLink::Connection>>> UpstreamLink::try_once() {
    auto socket = co_await net::dial(options_.dial);
    if (!socket) co_return socket.error();
    auto connection = std::make_shared<Connection>();
    connection->socket = std::move(*socket);
    std::erase_if(connections_, [](const auto& each) { return each.expired(); });
    connections_.push_back(connection);
    // What ends the session while this one greets ends the wait.
    net::Deadline deadline(executor_, options_.dial.timeout, [&] { connection->socket->abort(); });
    while (true) {
        auto message = co_await connection->socket->read();
        if (!message) co_return message.error();
        const auto event = connection->decoder.decode(message->text());
        if (!event) co_return event.error();
        if (std::holds_alternative<realtime::SessionCreated>(*event)) co_return connection;
        if (const auto* error = std::get_if<realtime::ErrorEvent>(&*event))
            co_return fail(Errc::unavailable, "it refused the session: {} ({})", error->message, error->code);
    }
}

void UpstreamLink::open_another() {
    if (!closing_) start(open_with_patience());
}

net::Task<void> UpstreamLink::open_with_patience() {
    const auto until = base::now() + options_.patience;
    boost::asio::steady_timer timer(executor_);
    for (auto pause = retry_first;; pause = std::min(pause * 2, std::chrono::milliseconds(retry_max))) {
        auto opened = co_await try_once();
        if (closing_) co_return;
        if (opened) {
            other_ = std::move(*opened);
            start(read(other_));
            listener_.upstream_opened();
            co_return;
        }
        const auto& error = opened.error();
        if (is_final(error.code) || base::now() + pause >= until) {
            listener_.upstream_refused(error.detail);
            co_return;
        }
        timer.expires_after(jittered(pause));
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
        if (event)
            listener_.upstream_said(*event);
        else
            observe::log_warning("upstream", "an event of the speech model cannot be read: {}",
                                 event.error().detail);
    }
    ended(*connection);
}

void UpstreamLink::ended(const Connection& connection) {
    if (closing_) return;
    const auto& reason = connection.socket->close_reason();
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
    (*give_up_dial_)();
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
