// SPDX-License-Identifier: Apache-2.0
#include "client/replay.hpp"

#include "audio/frame_decoder.hpp"
#include "audio/frame_encoder.hpp"
#include "base/time.hpp"
#include "net/deadline.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace voicectl::client {
namespace {

using base::Errc;
using base::fail;
using namespace std::chrono_literals;

/// A gateway that has heard nothing by then will not: it is told that the recording is over.
constexpr auto patience = 3s;
/// A gateway that does not answer the close is left.
constexpr auto farewell = 5s;
/// After the last answer: another may follow, if the recording held more than one utterance.
constexpr auto settle_time = 200ms;

std::string text_of(const Event& event, std::string_view name) {
    const auto found = event.find(name);
    return found != event.end() && found->value().is_string() ? std::string(found->value().get_string())
                                                              : std::string();
}

/// Where the conversation stands, as its events tell.
struct Progress {
    bool ready = false;
    bool speaking = false;
    std::uint64_t utterances = 0;  ///< speech_stopped
    std::uint64_t heard = 0;       ///< final_asr
    std::uint64_t replies = 0;     ///< agent_final
    bool answered = true;          ///< an agent_final has come since the last speech_stopped
    bool mic_closed = false;
    std::optional<base::Error> refused;

    bool settled() const noexcept { return !speaking && answered && heard >= utterances; }
    void take(const Event& event);
};

void Progress::take(const Event& event) {
    const auto type = text_of(event, "type");
    if (type == "ready") ready = true;
    if (type == "speech_started") speaking = true;
    if (type == "speech_stopped") {
        speaking = false;
        answered = false;
        ++utterances;
    }
    if (type == "final_asr") ++heard;
    if (type == "agent_final") {
        ++replies;
        answered = true;
    }
    if (type == "mic_closed") mic_closed = true;
    if (type != "error") return;
    const auto* fatal = event.if_contains("fatal");
    if (fatal == nullptr || !fatal->is_bool() || !fatal->get_bool()) return;
    const auto code = text_of(event, "code");
    refused = fail(code.starts_with("UPSTREAM") ? Errc::unavailable : Errc::protocol,
                   "the gateway ended the session: {}: {}", code, text_of(event, "message"));
}

class Replay {
 public:
    Replay(const audio::Recording& recording, ReplayOptions options, ReplayObserver& observer,
           const boost::asio::any_io_executor& executor)
        : options_(std::move(options)),
          observer_(observer),
          samples_(audio::resample(recording.samples, recording.rate, audio::pipeline_rate)),
          encoder_(options_.connect.format, audio::OpusEncoderOptions{24'000, 5}),
          decoder_(options_.connect.format),
          changed_(executor),
          pace_(executor) {}

    net::Task<base::Result<ReplayResult>> run();

 private:
    net::Task<void> listen();
    net::Task<void> speak();
    void send_next_frame();
    bool finished(base::Time now);
    base::Result<ReplayResult> result();

    ReplayOptions options_;
    ReplayObserver& observer_;
    std::vector<audio::Sample> samples_;
    audio::FrameEncoder encoder_;
    audio::FrameDecoder decoder_;
    net::Notifier changed_;
    boost::asio::steady_timer pace_;
    std::unique_ptr<VoiceClient> client_;
    Progress progress_;
    ReplayResult result_;
    std::vector<audio::Sample> frame_;
    std::vector<double> lateness_ms_;
    std::size_t position_ = 0;
    base::Time opened_;
    std::optional<base::Time> played_out_;  ///< when the recording's last sample left
    std::optional<base::Time> settled_since_;
    std::optional<base::Error> failure_;
    bool stop_sent_ = false;
    bool ended_ = false;
};

net::Task<base::Result<ReplayResult>> Replay::run() {
    const ConnectOptions connect = options_.connect;
    auto client = co_await VoiceClient::connect(connect);
    if (!client) co_return client.error();
    client_ = std::move(*client);
    opened_ = base::now();
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::co_spawn(executor, listen(), boost::asio::detached);
    {
        const net::Deadline deadline(executor, options_.connect.timeout, [this] {
            failure_ = base::Error(Errc::timed_out, "the gateway has not said that it is ready");
            client_->abort();
        });
        while (!progress_.ready && !ended_)
            co_await changed_.wait();
    }
    if (!ended_) co_await speak();
    client_->close();
    const net::Deadline deadline(executor, farewell, [this] { client_->abort(); });
    while (!ended_)
        co_await changed_.wait();
    co_return result();
}

net::Task<void> Replay::listen() {
    while (true) {
        auto read = co_await client_->read();
        if (!read) {
            if (read.error().code != Errc::closed) failure_ = read.error();
            break;
        }
        if (const auto* event = std::get_if<Event>(&*read)) {
            observer_.on_event(std::chrono::duration_cast<std::chrono::microseconds>(base::now() - opened_),
                               *event);
            progress_.take(*event);
            changed_.notify();
            continue;
        }
        ++result_.frames_received;
        if (const auto pcm = decoder_.decode(std::get<Frame>(*read)))
            result_.reply.insert(result_.reply.end(), pcm->begin(), pcm->end());
    }
    ended_ = true;
    client_->abort();
    pace_.cancel();
    changed_.notify();
}

net::Task<void> Replay::speak() {
    client_->send_control("start_recording");
    const auto interval = std::chrono::milliseconds(options_.connect.format.frame_ms);
    auto due = base::now();
    while (!ended_) {
        pace_.expires_at(due);
        co_await pace_.async_wait(net::nothrow);
        const auto now = base::now();
        if (ended_ || finished(now)) co_return;
        if (!played_out_) lateness_ms_.push_back(base::milliseconds(now - due));
        if (!stop_sent_) send_next_frame();
        due += interval;
    }
}

void Replay::send_next_frame() {
    const auto size = audio::samples_in(std::chrono::milliseconds(options_.connect.format.frame_ms));
    const auto take = std::min(size, samples_.size() - position_);
    frame_.assign(samples_.begin() + static_cast<std::ptrdiff_t>(position_),
                  samples_.begin() + static_cast<std::ptrdiff_t>(position_ + take));
    frame_.resize(size, 0);
    position_ += take;
    if (const auto packet = encoder_.encode(frame_)) client_->send_frame(*packet);
    ++result_.frames_sent;
    if (position_ == samples_.size() && !played_out_) played_out_ = base::now();
}

bool Replay::finished(base::Time now) {
    if (!played_out_) return false;
    if (now - *played_out_ > options_.timeout) {
        failure_ =
            fail(Errc::timed_out, "no answer within {} ms of the recording's end", options_.timeout.count());
        return true;
    }
    const bool heard_something = progress_.utterances > 0 || progress_.speaking;
    if (!heard_something && !stop_sent_ && now - *played_out_ > patience) {
        client_->send_control("stop_recording");
        stop_sent_ = true;
    }
    if (stop_sent_ && progress_.mic_closed && progress_.utterances == 0) return true;
    if (progress_.utterances == 0 || !progress_.settled()) {
        settled_since_.reset();
        return false;
    }
    if (!settled_since_) settled_since_ = now;
    return now - *settled_since_ > settle_time;
}

base::Result<ReplayResult> Replay::result() {
    if (progress_.refused) return *progress_.refused;
    if (failure_) return *failure_;
    if (const auto& reason = client_->close_reason(); reason.code != 1000)
        return fail(reason.code == 1001 || reason.code == 1006 ? Errc::unavailable : Errc::protocol,
                    "the gateway closed the connection: {} {}", reason.code, reason.reason);
    result_.speech_heard = progress_.utterances > 0;
    result_.turns = progress_.replies;
    std::ranges::sort(lateness_ms_);
    const auto percentile = [&](std::size_t percent) {
        return lateness_ms_.empty() ? 0.0 : lateness_ms_[(lateness_ms_.size() - 1) * percent / 100];
    };
    result_.pacing_p50_ms = percentile(50);
    result_.pacing_p99_ms = percentile(99);
    return std::move(result_);
}

}  // namespace

net::Task<base::Result<ReplayResult>> replay(const audio::Recording& recording, ReplayOptions options,
                                             ReplayObserver& observer) {
    const auto executor = co_await boost::asio::this_coro::executor;
    auto replay = std::make_unique<Replay>(recording, std::move(options), observer, executor);
    co_return co_await replay->run();
}

}  // namespace voicectl::client
