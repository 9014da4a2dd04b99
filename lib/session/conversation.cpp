// SPDX-License-Identifier: Apache-2.0
// The client's half: microphone, typed input, time. conversation_upstream.cpp holds the other.
#include "session/conversation.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::session {
namespace {

using namespace std::chrono_literals;

constexpr auto complaint_interval = 1s;
constexpr auto tail_max = 60s;
constexpr auto last_words_max = 30s;  // of a turn, when the session is as long as it may be
constexpr auto input_stall_max = 2s;  // what comes later is not the rest of what was said before

}  // namespace

Conversation::Conversation(ConversationOptions options, Outbox& outbox, base::Time now)
    : options_(std::move(options)),
      outbox_(outbox),
      activity_(options_.voice_activity),
      barge_in_(options_.barge_in),
      renewal_(options_.renewal, now),
      tail_(tail_max),
      began_(now),
      last_activity_(now) {}

void Conversation::start() {
    tell(options_.setup);
}

void Conversation::on_client(const ClientMessage& message, base::Time now) {
    if (ended_) return;
    last_activity_ = now;
    std::visit([&](const auto& alternative) { handle(alternative, now); }, message);
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
    if (changed) tell(options_.setup);
    if (microphone_ != Microphone::open) open_microphone();
}

void Conversation::handle(const StopRecording&, base::Time now) {
    if (microphone_ != Microphone::open) return;
    // The upstream ends an utterance at a pause it will now never hear. What our own ear heard may be on its
    // way there.
    const bool held = barge_in_.holding();
    if (held) interrupt(now, true);
    if (held || user_speaking_ || activity_.active()) {
        tell(realtime::CommitAudio{});
        stop_speech();
        utterance_committed(true);
        turn_ended(now, now, now);
        ask_for_reply();
    } else {
        tell(realtime::ClearAudio{});
        utterance_settled();
    }
    close_microphone("stopped");
}

void Conversation::handle(const ClearSession&, base::Time now) {
    interrupt(now, false);
    forgotten_item_.reset();
    // The upstream answers a spoken turn unasked: that answer is on its way, and so may the utterance be.
    if (user_speaking_ || turn_.over()) forgotten_item_ = input_item_;
    if (turn_.over()) discard_next_ = true;
    stop_speech();
    for (auto& item_id : item_ids_)
        tell(realtime::DeleteItem{std::move(item_id)});
    item_ids_.clear();
    transcripts_.clear();
    open_calls_.clear();
    history_.clear();
    utterance_settled();
    tell(realtime::ClearAudio{});
    turn_ = {};
    outbox_.to_client(Cleared{});
}

void Conversation::handle(const InterruptReply&, base::Time now) {
    interrupt(now, false);
}

void Conversation::handle(const TextInput& input, base::Time now) {
    interrupt(now, true);
    outbox_.to_client(
        FinalAsr{input.text, input.language.empty() ? options_.setup.language : input.language});
    history_.typed(input.text);
    tell(realtime::CreateUserText{input.text});
    turn_ended(now, now, now);
    ask_for_reply();
}

void Conversation::handle(const ToolResult& result, base::Time now) {
    const auto call = std::ranges::find(open_calls_, result.call_id, &OpenCall::call_id);
    if (call == open_calls_.end()) {
        on_bad_message("'callId' names no open tool call", now);
        return;
    }
    const auto response_id = std::move(call->response_id);
    if (const auto* made = history_.open_call(result.call_id); made != nullptr && call->orphan) tell(*made);
    open_calls_.erase(call);
    history_.answered(result.call_id, result.output);
    tell(realtime::CreateToolOutput{result.call_id, result.output});
    // Several calls of one reply are answered together.
    if (std::ranges::find(open_calls_, response_id, &OpenCall::response_id) != open_calls_.end()) return;
    turn_ended(now, now, now);
    ask_for_reply();
}

void Conversation::handle(const PlaybackReport& report, base::Time now) {
    // A client knows a reply by its first item, and counts all of it.
    for (auto& reply : replies_)
        if (reply.item_id == report.item_id)
            reply.playout.report(std::chrono::milliseconds(report.played_ms), now);
}

void Conversation::stop_speech() {
    if (std::exchange(user_speaking_, false))
        outbox_.to_client(SpeechStopped{audio::duration_of(activity_.position()) / 1ms});
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

void Conversation::watch_for_stall(base::Time now) {
    // The wait for an upstream has a deadline of its own.
    if (!awaiting() || !renewal_.attached())
        stall_after_.reset();
    else if (!stall_after_)
        stall_after_ = now + options_.stall_timeout;
}

void Conversation::give_up_turn(base::Time now) {
    stall_after_.reset();
    if (!std::exchange(stalled_, true)) return on_upstream_lost(now);
    stalled_ = false;
    turn_ = {};
    reply_requested_ = false;
    reply_owed_ = false;
    discard_next_ = false;
    // What has come of a reply is still heard.
    for (auto& reply : replies_)
        if (!reply.whole) cut_short(reply, now);
    outbox_.to_client(
        ErrorReport{ErrorCode::upstream_error, "the speech model gave no answer in time", false, true});
}

void Conversation::end_if_over(base::Time now) {
    const auto age = now - began_;
    if (age >= options_.duration_max && (!busy() || age >= options_.duration_max + last_words_max)) {
        ended_ = true;
        outbox_.to_client(
            ErrorReport{ErrorCode::session_limit, "the session is as long as it may be", true, false});
        outbox_.end(CloseCode::done, "session limit");
    } else if (now - last_activity_ >= options_.idle_timeout) {
        ended_ = true;
        outbox_.end(CloseCode::idle, "idle");
    }
}

void Conversation::on_tick(base::Time now) {
    if (ended_) return;
    const auto step = barge_in_.on_tick(now);
    if (step == BargeIn::Step::resume) resume(now);
    if (step == BargeIn::Step::commit) interrupt(now, true);
    if (!barge_in_.holding() && now - voiced_at_.value_or(base::Time()) > input_stall_max) forget_input();
    play(now);
    if (std::erase_if(cancelling_, [&](const Cancelled& one) { return now >= one.until; }) > 0) ask_if_owed();
    watch_for_stall(now);
    if (stall_after_ && now >= *stall_after_) give_up_turn(now);
    renew_if_due(now);
    // The upstream says that somebody speaks, and neither ear has heard anybody for long.
    if (user_speaking_ &&
        now - std::max(speech_seen_, voiced_at_.value_or(speech_seen_)) >= options_.stall_timeout)
        speech_stopped(audio::duration_of(activity_.position()) / 1ms, now);
    if (!replies_.empty()) last_activity_ = now;
    end_if_over(now);
}

}  // namespace voicectl::session
