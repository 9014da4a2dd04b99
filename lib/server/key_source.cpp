// SPDX-License-Identifier: Apache-2.0
#include "server/key_source.hpp"

#include "observe/log.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace voicectl::server {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using session::UpstreamRefusal;

struct Log {
    static std::int64_t ms(base::Duration span) { return base::whole_milliseconds(span); }

    void operator()(const upstream::KeyTakenOut& event) const {
        observe::log_error("upstream", "{} is out until the next reload: {}", event.key,
                           name_of(event.fault));
    }
    void operator()(const upstream::BreakerOpened& event) const {
        observe::log_warning("upstream", "{} is left alone for {} ms: it failed again and again", event.key,
                             ms(event.span));
    }
    void operator()(const upstream::BreakerClosed& event) const {
        observe::log_info("upstream", "{} works again", event.key);
    }
    void operator()(const upstream::GroupLimited& event) const {
        observe::log_warning("upstream", "{} is at its limit for {} ms", event.group, ms(event.span));
    }
    void operator()(const upstream::KeyAdded& event) const {
        observe::log_debug("upstream", "{} is there", event.key);
    }
    void operator()(const upstream::KeyRestored& event) const {
        observe::log_info("upstream", "{} is tried again", event.key);
    }
    void operator()(const upstream::KeyRemoved& event) const {
        observe::log_info("upstream", "{} is not used any more; {} sessions go on", event.key, event.leases);
    }
};

void log(const std::vector<upstream::PoolEvent>& events) {
    for (const auto& event : events)
        std::visit(Log{}, event);
}

UpstreamRefusal no_key() {
    return {base::Error(Errc::unauthorized, "the upstream refuses every key there is"), false, 0ms, false};
}

UpstreamRefusal full(std::chrono::milliseconds retry_after) {
    return {base::Error(Errc::overloaded, "no key of the upstream has room"), true, retry_after, false};
}

}  // namespace

/// A lease as a session holds it.
class KeySource::Held final : public session::UpstreamLease {
 public:
    Held(std::shared_ptr<KeySource> source, const upstream::Lease& lease, net::DialOptions dial)
        : source_(std::move(source)), lease_(lease), dial_(std::move(dial)) {}
    ~Held() override { source_->release(lease_); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    net::DialOptions dial() const override { return dial_; }
    void report(const upstream::Outcome& outcome) override { source_->report(lease_, outcome); }

 private:
    std::shared_ptr<KeySource> source_;
    upstream::Lease lease_;
    net::DialOptions dial_;
};

/// A coroutine in line. Its fields are the lock's, its timer its own thread's.
struct KeySource::Waiter {
    explicit Waiter(net::Executor on) : executor(on), timer(on) {}

    /// From any thread.
    static void wake(std::shared_ptr<Waiter> waiter) {
        const auto executor = waiter->executor;
        boost::asio::post(executor, [waiter = std::move(waiter)] { waiter->timer.cancel(); });
    }

    net::Executor executor;
    boost::asio::steady_timer timer;
    upstream::Place place;
    bool told = false;
    std::optional<upstream::Lease> granted;
    std::optional<UpstreamRefusal> refused;
};

KeySource::KeySource(upstream::KeyPoolOptions pool, upstream::WaitingLineOptions line, Dial dial)
    : dial_(std::move(dial)), pool_(std::move(pool)), line_(std::move(line)) {}

void KeySource::replace_keys(const std::vector<upstream::KeyOptions>& keys) {
    const std::lock_guard lock(mutex_);
    log(pool_.replace_keys(keys));
    serve(base::now());
}

std::vector<upstream::KeyStatus> KeySource::status() const {
    const std::lock_guard lock(mutex_);
    return pool_.status(base::now());
}

net::Task<session::UpstreamSource::Acquired> KeySource::acquire(session::UpstreamWait wait) {
    const auto executor = co_await boost::asio::this_coro::executor;
    std::shared_ptr<Waiter> waiter;
    {
        const std::lock_guard lock(mutex_);
        const auto now = base::now();
        // Whoever waits already is before.
        if (line_.empty()) {
            const auto free = pool_.acquire(now);
            if (const auto* lease = std::get_if<upstream::Lease>(&free)) co_return hold(*lease);
            if (std::get<upstream::Busy>(free).hopeless) co_return no_key();
        }
        const auto joined = line_.join(wait.tenant_id, now);
        if (const auto* line_full = std::get_if<upstream::LineFull>(&joined))
            co_return full(line_full->retry_after);
        waiter = std::make_shared<Waiter>(*executor.target<net::Executor>());
        waiter->place = std::get<upstream::Place>(joined);
        waiters_.emplace(waiter->place.waiter, waiter);
    }
    auto acquired = co_await await_turn(std::move(waiter), std::move(wait));
    co_return acquired;
}

net::Task<session::UpstreamSource::Acquired> KeySource::await_turn(std::shared_ptr<Waiter> waiter,
                                                                   session::UpstreamWait wait) {
    bool cancelled = false;
    if (wait.cancel)
        wait.cancel->set([&] {
            cancelled = true;
            waiter->timer.cancel();
        });
    std::optional<Acquired> end;
    while (!end) {
        std::optional<upstream::Place> place;
        {
            const std::lock_guard lock(mutex_);
            const auto again = serve(base::now());
            if (waiter->granted) {
                end.emplace(hold(*waiter->granted));
            } else if (waiter->refused) {
                end.emplace(*waiter->refused);
            } else if (cancelled) {
                line_.leave(waiter->place.waiter);
                waiters_.erase(waiter->place.waiter);
                end.emplace(
                    UpstreamRefusal{base::Error(Errc::closed, "the wait was given up"), false, 0ms, false});
            } else {
                if (!std::exchange(waiter->told, true)) place = waiter->place;
                waiter->timer.expires_at(again);
            }
        }
        if (place && wait.waiting) wait.waiting(place->position, place->eta);
        // Whoever wakes it does so on this thread, and so not before it waits.
        if (!end) co_await waiter->timer.async_wait(net::nothrow);
    }
    if (wait.cancel) wait.cancel->set(nullptr);
    co_return std::move(*end);
}

base::Time KeySource::serve(base::Time now) {
    for (const auto& timed_out : line_.expire(now))
        end_of(timed_out.waiter).refused = full(timed_out.retry_after);
    std::optional<base::Time> again;
    while (!line_.empty()) {
        const auto free = pool_.acquire(now);
        if (const auto* lease = std::get_if<upstream::Lease>(&free)) {
            end_of(*line_.grant(now)).granted = *lease;
            continue;
        }
        const auto& busy = std::get<upstream::Busy>(free);
        again = busy.again;
        if (!busy.hopeless) break;
        while (const auto next = line_.grant(now))
            end_of(*next).refused = no_key();
    }
    for (const auto& place : line_.notices(now)) {
        const auto& waiter = waiters_.at(place.waiter);
        waiter->place = place;
        waiter->told = false;
        Waiter::wake(waiter);
    }
    const auto next = line_.next_event().value_or(now + 1s);
    return std::min(next, again.value_or(next));
}

KeySource::Waiter& KeySource::end_of(upstream::WaiterId id) {
    auto waiter = waiters_.extract(id).mapped();
    auto& ended = *waiter;
    Waiter::wake(std::move(waiter));
    return ended;
}

std::unique_ptr<session::UpstreamLease> KeySource::hold(const upstream::Lease& lease) {
    return std::make_unique<Held>(shared_from_this(), lease, dial_(pool_.key(lease)));
}

void KeySource::report(const upstream::Lease& lease, const upstream::Outcome& outcome) {
    const std::lock_guard lock(mutex_);
    log(pool_.report(lease, outcome, base::now()));
}

void KeySource::release(const upstream::Lease& lease) {
    const std::lock_guard lock(mutex_);
    pool_.release(lease);
    serve(base::now());
}

}  // namespace voicectl::server
