// SPDX-License-Identifier: Apache-2.0
// The client's half: microphone, typed input, time. conversation_upstream.cpp holds the other.
#include "session/conversation.hpp"

#include "audio/level.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::session {
namespace {

using namespace std::chrono_literals;

constexpr auto complaint_interval = 1s;
constexpr auto vad_interval = 100ms;  // of audio: at most ten events a second at real-time pace

}  // namespace

Conversation::Conversation(ConversationOptions options, Outbox& outbox, base::Time now)
    : options_(std::move(options)),
      outbox_(outbox),
      activity_(audio::VoiceActivityOptions{.hang_time = std::chrono::milliseconds(300)}),
      last_activity_(now) {}

void Conversation::start() {
    outbox_.to_upstream(options_.setup);
}

void Conversation::on_client(const ClientMessage& message, base::Time now) {
    if (ended_) return;
    last_activity_ = now;
    std::visit([&](const auto& alternative) { handle(alternative, now); }, message);
}

void Conversation::on_audio(audio::Pcm frame, base::Time now) {
    if (ended_) return;
    if (microphone_ == Microphone::closed) {
        ++frames_dropped_;
        return;
    }
    if (microphone_ == Microphone::untouched) open_microphone();
    last_activity_ = now;
    activity_.process(frame);
    samples_since_vad_ += frame.size();
    if (samples_since_vad_ >= audio::samples_in(vad_interval)) {
        samples_since_vad_ = 0;
        outbox_.to_client(Vad{activity_.active(), audio::meter_level(frame)});
    }
    outbox_.audio_to_upstream(frame);
}

void Conversation::on_bad_frame(ErrorCode code, std::string_view why, audio::Pcm concealed, base::Time now) {
    if (ended_) return;
    ++frames_dropped_;
    complain(code, std::string(why), now);
    if (!concealed.empty() && microphone_ != Microphone::closed) on_audio(concealed, now);
}

void Conversation::on_bad_message(std::string_view why, base::Time now) {
    if (ended_) return;
    last_activity_ = now;
    outbox_.to_client(ErrorReport{ErrorCode::bad_message, std::string(why), false, false});
}

void Conversation::handle(const StartRecording& start, base::Time) {
    const bool changed = !start.voice.empty() || !start.instructions.empty() || !start.language.empty();
    if (!start.voice.empty()) options_.setup.voice = start.voice;
    if (!start.instructions.empty()) options_.setup.instructions = start.instructions;
    if (!start.language.empty()) options_.setup.language = start.language;
    if (changed) outbox_.to_upstream(options_.setup);
    if (microphone_ != Microphone::open) open_microphone();
}

void Conversation::handle(const StopRecording&, base::Time now) {
    if (microphone_ != Microphone::open) return;
    // The upstream ends an utterance at a pause it will now never hear. What our own ear heard may be on its
    // way there.
    if (user_speaking_ || activity_.active()) {
        outbox_.to_upstream(realtime::CommitAudio{});
        const bool announced = std::exchange(user_speaking_, false);
        if (announced) outbox_.to_client(SpeechStopped{audio::duration_of(activity_.position()) / 1ms});
        turn_ended(now);
        ask_for_reply();
    } else {
        outbox_.to_upstream(realtime::ClearAudio{});
    }
    close_microphone("stopped");
}

void Conversation::handle(const ClearSession&, base::Time now) {
    interrupt(now, false);
    // The upstream answers a spoken turn unasked: that answer is on its way, and so may the utterance be.
    if (user_speaking_ || turn_ended_) forgotten_item_ = input_item_;
    if (turn_ended_) discard_next_ = true;
    if (std::exchange(user_speaking_, false))
        outbox_.to_client(SpeechStopped{audio::duration_of(activity_.position()) / 1ms});
    for (auto& item_id : item_ids_)
        outbox_.to_upstream(realtime::DeleteItem{std::move(item_id)});
    item_ids_.clear();
    transcripts_.clear();
    open_calls_.clear();
    outbox_.to_upstream(realtime::ClearAudio{});
    turn_ended_.reset();
    stall_after_.reset();
    outbox_.to_client(Cleared{});
}

void Conversation::handle(const InterruptReply&, base::Time now) {
    interrupt(now, false);
}

void Conversation::handle(const TextInput& input, base::Time now) {
    interrupt(now, true);
    outbox_.to_client(
        FinalAsr{input.text, input.language.empty() ? options_.setup.language : input.language});
    outbox_.to_upstream(realtime::CreateUserText{input.text});
    turn_ended(now);
    ask_for_reply();
}

void Conversation::handle(const ToolResult& result, base::Time now) {
    const auto call = std::ranges::find(open_calls_, result.call_id, &OpenCall::call_id);
    if (call == open_calls_.end()) {
        on_bad_message("'callId' names no open tool call", now);
        return;
    }
    const auto response_id = std::move(call->response_id);
    open_calls_.erase(call);
    outbox_.to_upstream(realtime::CreateToolOutput{result.call_id, result.output});
    // Several calls of one reply are answered together.
    if (std::ranges::find(open_calls_, response_id, &OpenCall::response_id) != open_calls_.end()) return;
    turn_ended(now);
    ask_for_reply();
}

void Conversation::handle(const PlaybackReport& report, base::Time now) {
    for (auto& reply : replies_) {
        if (reply.item_id != report.item_id || report.played_ms < reply.reported_ms.value_or(0)) continue;
        reply.reported_ms = report.played_ms;
        reply.reported_at = now;
    }
}

void Conversation::handle(const Ping& ping, base::Time) {
    outbox_.to_client(Pong{ping.id});
}

void Conversation::open_microphone() {
    microphone_ = Microphone::open;
    outbox_.to_client(MicOpened{});
}

void Conversation::close_microphone(std::string_view reason) {
    microphone_ = Microphone::closed;
    activity_.end_utterance();
    outbox_.to_client(MicClosed{reason});
}

void Conversation::complain(ErrorCode code, std::string message, base::Time now) {
    if (last_complaint_ && now - *last_complaint_ < complaint_interval) return;
    last_complaint_ = now;
    outbox_.to_client(ErrorReport{code, std::move(message), false, false});
}

void Conversation::give_up_turn(base::Time now) {
    interrupt(now, false);
    stall_after_.reset();
    turn_ended_.reset();
    reply_requested_ = false;
    discard_next_ = false;
    cancelling_.clear();
    outbox_.to_client(
        ErrorReport{ErrorCode::upstream_error, "the speech model gave no answer in time", false, true});
}

void Conversation::on_tick(base::Time now) {
    if (ended_) return;
    play(now);
    if (stall_after_ && now >= *stall_after_) give_up_turn(now);
    if (!replies_.empty()) last_activity_ = now;
    if (now - last_activity_ >= options_.idle_timeout) {
        ended_ = true;
        outbox_.end(CloseCode::idle, "idle");
    }
}

}  // namespace voicectl::session
