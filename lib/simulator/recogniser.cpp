// SPDX-License-Identifier: Apache-2.0
#include "simulator/recogniser.hpp"

#include "base/time.hpp"
#include "net/deadline.hpp"
#include "observe/log.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <utility>

namespace voicectl::simulator {
namespace {

namespace asio = net::asio;
using net::nothrow;

constexpr std::size_t waiting_max = 8;
/// A slow machine is heard late rather than not at all; the gateway waits three times as long.
constexpr std::chrono::milliseconds deadline{10'000};
/// The first utterance also waits for the model.
constexpr std::chrono::milliseconds first_deadline{12'000};
constexpr std::uint32_t text_bytes_max = 64 * 1024;

}  // namespace

struct Recogniser::Impl : std::enable_shared_from_this<Impl> {
    struct Utterance {
        std::uint64_t id = 0;
        std::vector<audio::Sample> samples;
        Heard heard;
        base::Time until;
    };

    Impl(asio::io_context& context, ListeningProcess child)
        : io(context), process(child), socket(context), wake(context.get_executor()), alarm(context) {}

    asio::io_context& io;
    ListeningProcess process;
    asio::local::stream_protocol::socket socket;
    net::Notifier wake;
    asio::steady_timer alarm;
    std::deque<Utterance>
        waiting;  // the front may be with the child, and answered already: then `heard` is empty
    std::uint64_t last_id = 0;
    bool alive = true;
    bool prepared = false;
    bool answered_once = false;
    bool said_no_model = false;

    void lost();
    void arm();
    void expire();
    void answered(std::uint64_t id, std::optional<std::string> text);
    net::Task<bool> ask_next();
    static net::Task<void> run(std::shared_ptr<Impl> impl);
};

void Recogniser::Impl::lost() {
    if (!alive) return;
    alive = false;
    observe::log_warning("simulator", "the listening process is gone; what is said is no longer recognised");
    for (auto& utterance : std::exchange(waiting, {}))
        if (utterance.heard) utterance.heard(std::nullopt);
}

void Recogniser::Impl::arm() {
    auto next = base::Time::max();
    for (const auto& utterance : waiting)
        if (utterance.heard) next = std::min(next, utterance.until);
    if (next == base::Time::max()) return;
    alarm.expires_at(next);
    alarm.async_wait([self = shared_from_this()](net::ErrorCode ec) {
        if (!ec && self->alive) self->expire();
    });
}

void Recogniser::Impl::expire() {
    const auto now = base::now();
    std::vector<Heard> late;
    for (auto& utterance : waiting)
        if (utterance.heard && utterance.until <= now)
            late.push_back(std::exchange(utterance.heard, nullptr));
    for (auto& heard : late)
        heard(std::nullopt);
    if (!late.empty())
        observe::log_warning("simulator", "recognising took over {} ms and was given up", deadline.count());
    arm();
}

void Recogniser::Impl::answered(std::uint64_t id, std::optional<std::string> text) {
    answered_once = true;
    if (!text && !std::exchange(said_no_model, true))
        observe::log_warning("simulator",
                             "the speech model cannot be loaded; what is said is not recognised");
    if (waiting.empty() || waiting.front().id != id) return;
    const auto heard = std::move(waiting.front().heard);
    waiting.pop_front();
    if (heard) heard(std::move(text));
    arm();
}

/// Sends the front utterance and reads its answer; false when the child is gone.
net::Task<bool> Recogniser::Impl::ask_next() {
    auto& front = waiting.front();
    ListeningHeader header;
    header.utterance = front.id;
    header.bytes = static_cast<std::uint32_t>(front.samples.size() * sizeof(audio::Sample));
    // The front may be answered by the deadline meanwhile, but is removed only here.
    const auto samples = std::move(front.samples);
    const std::array<asio::const_buffer, 2> question{asio::buffer(&header, sizeof header),
                                                     asio::buffer(samples)};
    auto [write_ec, written] = co_await asio::async_write(socket, question, nothrow);
    if (write_ec) co_return false;
    ListeningHeader reply;
    const auto reply_buffer = asio::buffer(&reply, sizeof reply);
    auto [read_ec, got] = co_await asio::async_read(socket, reply_buffer, nothrow);
    if (read_ec || reply.bytes > text_bytes_max) co_return false;
    std::string text(reply.bytes, '\0');
    const auto text_buffer = asio::buffer(text);
    auto [text_ec, length] = co_await asio::async_read(socket, text_buffer, nothrow);
    if (text_ec) co_return false;
    std::optional<std::string> understood;
    if (reply.understood != 0) understood = std::move(text);
    answered(reply.utterance, std::move(understood));
    co_return true;
}

net::Task<void> Recogniser::Impl::run(std::shared_ptr<Impl> impl) {
    while (impl->alive) {
        while (impl->alive && !impl->waiting.empty() && !impl->waiting.front().heard)
            impl->waiting.pop_front();
        if (impl->waiting.empty()) {
            co_await impl->wake.wait();
            continue;
        }
        const bool answer = co_await impl->ask_next();
        if (!answer) impl->lost();
    }
}

Recogniser::Recogniser(net::asio::io_context& io, ListeningProcess process)
    : impl_(std::make_shared<Impl>(io, process)) {
    net::ErrorCode ec;
    impl_->socket.assign(asio::local::stream_protocol(), std::exchange(impl_->process.socket, -1), ec);
    impl_->alive = !ec;
    asio::co_spawn(io, Impl::run(impl_), asio::detached);
}

Recogniser::~Recogniser() {
    stop();
}

void Recogniser::recognise(std::vector<audio::Sample> samples, Heard heard) {
    if (!impl_->alive || impl_->waiting.size() >= waiting_max) {
        asio::post(impl_->io, [heard = std::move(heard)] { heard(std::nullopt); });
        return;
    }
    Impl::Utterance utterance;
    utterance.id = ++impl_->last_id;
    utterance.samples = std::move(samples);
    utterance.heard = std::move(heard);
    utterance.until = base::now() + (impl_->answered_once ? deadline : first_deadline);
    impl_->waiting.push_back(std::move(utterance));
    impl_->arm();
    impl_->wake.notify();
}

void Recogniser::prepare() {
    if (std::exchange(impl_->prepared, true)) return;
    recognise({}, [](const std::optional<std::string>&) {});
}

void Recogniser::stop() noexcept {
    impl_->alive = false;
    impl_->waiting.clear();
    net::ErrorCode ignored;
    impl_->socket.close(ignored);
    impl_->alarm.cancel();
    impl_->wake.notify();
    end_listening(impl_->process);
}

}  // namespace voicectl::simulator
