// SPDX-License-Identifier: Apache-2.0
// The person's audio on its way to the upstream, and what a voice over a reply does. While a reply is held
// the input is held too: the upstream never hears a cough, and hears all of what was none.
#include "audio/level.hpp"
#include "session/conversation.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::session {
namespace {

using namespace std::chrono_literals;

constexpr auto vad_interval = 100ms;  // of audio: at most ten events a second at real-time pace
constexpr auto append_max = audio::samples_in(100ms);
constexpr auto held_input_max = audio::samples_in(1500ms);  // from before the input stopped

}  // namespace

void Conversation::on_audio(audio::Pcm frame, base::Time now) {
    if (ended_) return;
    if (microphone_ == Microphone::closed) {
        ++frames_dropped_;
        return;
    }
    if (microphone_ == Microphone::untouched) open_microphone();
    last_activity_ = now;
    const auto voice_before = activity_.speech_end();
    activity_.process(frame);
    note_arrival(frame.size(), now);
    if (activity_.speech_end() != voice_before) voiced_at_ = voiced_passed_on_ = now;
    samples_since_vad_ += frame.size();
    if (samples_since_vad_ >= audio::samples_in(vad_interval)) {
        samples_since_vad_ = 0;
        outbox_.to_client(Vad{activity_.active(), audio::meter_level(frame)});
    }
    const bool was_holding = barge_in_.holding();
    const auto step = barge_in_.on_audio(activity_, !replies_.empty(), now);
    const bool held = was_holding || step == BargeIn::Step::hold;
    // Input had stopped in a hold: what comes now may be the rest of what was said.
    const bool rest = held && (was_holding || held_input_.size() <= held_input_max);
    if (!rest) forget_input();
    if (held) held_input_.insert(held_input_.end(), frame.begin(), frame.end());
    if (step == BargeIn::Step::hold) hold(now);
    if (step == BargeIn::Step::resume) {
        forget_input();
        resume(now);
    }
    if (step == BargeIn::Step::commit) {
        if (!was_holding) measure_silencing(now);
        interrupt(now, true);
    }
    if (!held) pass_on(frame);
}

void Conversation::on_bad_frame(ErrorCode code, std::string_view why, audio::Pcm concealed, base::Time now) {
    if (ended_) return;
    ++frames_dropped_;
    complain(code, std::string(why), now);
    if (!concealed.empty() && microphone_ != Microphone::closed) on_audio(concealed, now);
}

void Conversation::note_arrival(std::size_t samples, base::Time now) noexcept {
    if (samples == 0) return;
    arrivals_[next_arrival_] = Arrival{activity_.position(), now};
    next_arrival_ = (next_arrival_ + 1) % arrivals_.size();
}

base::Time Conversation::arrival_of(std::uint64_t position) const noexcept {
    // The ring begins with its oldest; a position older than all of it is taken for that.
    for (std::size_t i = 0; i < arrivals_.size(); ++i) {
        const auto& arrival = arrivals_[(next_arrival_ + i) % arrivals_.size()];
        if (arrival.end > position) return arrival.at;
    }
    return arrivals_[(next_arrival_ + arrivals_.size() - 1) % arrivals_.size()].at;
}

void Conversation::measure_silencing(base::Time now) noexcept {
    const auto& playout = replies_.front().playout;
    if (!playout.started() || !last_frame_at_) return;
    const auto after = *last_frame_at_ - arrival_of(activity_.speech_start());
    silencing_ = Silencing{std::max<std::int64_t>(0, base::whole_milliseconds(after)),
                           (playout.sent() - playout.heard(now)).count()};
}

void Conversation::hold(base::Time now) {
    auto& reply = replies_.front();
    measure_silencing(now);
    reply.playout.pause(now);
    reply.turn.kept_waiting();
    if (reply.playout.started()) outbox_.to_client(TtsPause{reply.item_id, reply.playout.heard(now).count()});
}

void Conversation::resume(base::Time now) {
    // What was nothing is not the beginning of what comes next.
    activity_.end_utterance();
    silencing_.reset();
    if (replies_.empty()) return;
    auto& reply = replies_.front();
    reply.playout.resume(now);
    if (reply.playout.started())
        outbox_.to_client(TtsResume{reply.item_id, reply.playout.heard(now).count()});
    play(now);
}

void Conversation::release_input(base::Time now) {
    if (held_input_.empty()) return;
    voiced_passed_on_ = now;
    const auto held = std::exchange(held_input_, {});
    for (std::size_t at = 0; at < held.size(); at += append_max)
        pass_on(audio::Pcm(held).subspan(at, std::min(append_max, held.size() - at)));
}

void Conversation::forget_input() {
    if (held_input_.empty()) return;
    std::ranges::fill(held_input_, audio::Sample{0});
    release_input({});
    voiced_at_.reset();
}

}  // namespace voicectl::session
