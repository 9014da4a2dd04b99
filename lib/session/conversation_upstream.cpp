// SPDX-License-Identifier: Apache-2.0
// The upstream's half of Conversation: what the model heard and says.
#include "base/base64.hpp"
#include "session/conversation.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace voicectl::session {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t transcripts_max = 8;
constexpr std::size_t item_ids_max = 1000;
constexpr std::size_t replies_max = 4;
constexpr std::size_t open_calls_max = 64;
constexpr std::size_t cancelling_max = 16;

/// Errors that only say that an event crossed another on the wire.
bool is_benign(std::string_view code) noexcept {
    constexpr std::array codes{
        std::string_view("response_cancel_not_active"),
        std::string_view("item_truncate_invalid_item_id"),
        std::string_view("item_delete_invalid_item_id"),
        std::string_view("input_audio_buffer_commit_empty"),
        std::string_view("unsupported_content_type"),
        // It closes next, and another takes its place.
        std::string_view("session_expired"),
    };
    return std::ranges::find(codes, code) != codes.end();
}

}  // namespace

void Conversation::on_upstream(const realtime::ServerEvent& event, base::Time now) {
    if (ended_) return;
    // What says nothing of a turn is no sign that the turn goes on.
    if (!std::holds_alternative<realtime::UnknownEvent>(event) &&
        !std::holds_alternative<realtime::RateLimits>(event))
        stall_after_.reset();
    std::visit([&](const auto& alternative) { handle(alternative, now); }, event);
    watch_for_stall(now);
}

void Conversation::handle(const realtime::SpeechStarted& started, base::Time now) {
    const auto from = position_of(started.audio_start_ms);
    if (user_speaking_ || from < known_to_client_to_) input_item_ = started.item_id;
    if (from < known_to_client_to_) return;
    // What was said before the microphone closed may be noticed after it: nothing will tell when it stopped.
    if (user_speaking_ || microphone_ == Microphone::closed) return;
    user_speaking_ = true;
    input_item_ = started.item_id;
    speech_seen_ = now;
    turn_.speech_began(now);
    utterance_began(from);
    outbox_.to_client(SpeechStarted{audio::duration_of(from) / 1ms});
    if (options_.barge_in.mode != BargeInMode::off) interrupt(now, true);
}

void Conversation::handle(const realtime::SpeechStopped& stopped, base::Time now) {
    const auto to = position_of(stopped.audio_end_ms);
    if (user_speaking_ && to >= known_to_client_to_) speech_stopped(audio::duration_of(to) / 1ms, now);
}

void Conversation::handle(const realtime::AudioCleared&, base::Time) {
    // Speech that was noticed before is gone with the buffer: nothing will tell when it stopped.
    stop_speech();
}

void Conversation::speech_stopped(std::int64_t at_ms, base::Time now) {
    user_speaking_ = false;
    utterance_committed(false);
    outbox_.to_client(SpeechStopped{at_ms});
    const auto said = voiced_at_;
    turn_ended(said.value_or(now), said ? voiced_passed_on_ : now, now);
}

void Conversation::turn_ended(base::Time said, base::Time passed_on, base::Time now) {
    voiced_at_.reset();  // of this turn, not of the next
    if (turn_.over()) turn_ = {};
    turn_.ended(said, passed_on, now);
    stall_after_ = now + options_.stall_timeout;
}

bool Conversation::awaiting() const noexcept {
    return turn_.over() || reply_owed_ || reply_under_way();
}

bool Conversation::reply_under_way() const noexcept {
    return reply_requested_ || std::ranges::any_of(replies_, [](const Reply& reply) { return !reply.whole; });
}

bool Conversation::upstream_busy() const noexcept {
    return !renewal_.attached() || !cancelling_.empty() || reply_under_way();
}

// The upstream makes one response at a time and refuses a second: the next one waits for the end of the
// first.
void Conversation::ask_for_reply() {
    reply_owed_ = true;
    ask_if_owed();
}

void Conversation::ask_if_owed() {
    if (!reply_owed_ || upstream_busy()) return;
    reply_owed_ = false;
    reply_requested_ = true;
    tell(realtime::CreateResponse{});
}

void Conversation::cancel(std::string_view response_id, base::Time now) {
    if (cancelling_.size() == cancelling_max) cancelling_.erase(cancelling_.begin());
    cancelling_.push_back(Cancelled{std::string(response_id), now + options_.cancel_timeout});
    tell(realtime::CancelResponse{std::string(response_id)});
}

void Conversation::handle(const realtime::AudioCommitted& committed, base::Time) {
    if (committed.item_id != forgotten_item_) history_.utterance(committed.item_id);
}

void Conversation::handle(const realtime::ItemAdded& added, base::Time) {
    if (added.item_id == forgotten_item_) {
        tell(realtime::DeleteItem{std::string(added.item_id)});
        return;
    }
    if (item_ids_.size() == item_ids_max) item_ids_.erase(item_ids_.begin());
    item_ids_.emplace_back(added.item_id);
}

std::string& Conversation::transcript_of(std::string_view item_id) {
    const auto found = std::ranges::find(transcripts_, item_id, &Transcript::item_id);
    if (found != transcripts_.end()) return found->text;
    if (transcripts_.size() == transcripts_max) transcripts_.erase(transcripts_.begin());
    return transcripts_.emplace_back(Transcript{std::string(item_id), {}}).text;
}

void Conversation::handle(const realtime::TranscriptionDelta& delta, base::Time now) {
    if (delta.item_id == forgotten_item_) return;
    // A quick upstream has begun the reply before it writes down what it answers.
    auto& turn = turn_.over() || user_speaking_ || replies_.empty() ? turn_ : replies_.back().turn;
    turn.partial(now);
    auto& text = transcript_of(delta.item_id);
    text += delta.delta;
    outbox_.to_client(PartialAsr{text});
}

void Conversation::handle(const realtime::TranscriptionCompleted& completed, base::Time) {
    if (completed.item_id != forgotten_item_) note_words(completed.item_id, completed.transcript);
}

void Conversation::handle(const realtime::TranscriptionFailed& failed, base::Time) {
    if (failed.item_id == forgotten_item_) return;
    // The model hears the audio itself: the reply comes all the same, and the client still learns that the
    // turn is over.
    const std::string so_far = transcript_of(failed.item_id);
    note_words(failed.item_id, so_far);
}

void Conversation::note_words(std::string_view item_id, std::string_view words) {
    std::erase_if(transcripts_, [&](const Transcript& transcript) { return transcript.item_id == item_id; });
    history_.heard(item_id, words);
    if (item_id == input_item_ && !user_speaking_) utterance_settled();
    outbox_.to_client(FinalAsr{words, options_.setup.language});
}

Conversation::Reply* Conversation::find_reply(std::string_view response_id) noexcept {
    const auto found = std::ranges::find_if(
        replies_, [&](const Reply& reply) { return !reply.orphan && reply.response_id == response_id; });
    return found == replies_.end() ? nullptr : &*found;
}

void Conversation::handle(const realtime::ResponseCreated& created, base::Time now) {
    if (find_reply(created.response_id) != nullptr) return;
    if (std::ranges::find(over_, created.response_id, &Over::response_id) != over_.end()) return;
    const bool requested = std::exchange(reply_requested_, false);
    // A turn that was taken back gets no reply, and one that was not asked for finds no ear while somebody
    // speaks.
    const bool unwanted = std::exchange(discard_next_, false) || (user_speaking_ && !requested);
    if (unwanted || replies_.size() == replies_max) {
        note_over({std::string(created.response_id), {}, true});
        return cancel(created.response_id, now);
    }
    // What was said before a reply is not said over it.
    if (replies_.empty()) activity_.end_utterance();
    auto& reply = replies_.emplace_back(std::string(created.response_id), options_.playout);
    reply.turn = std::exchange(turn_, {});
}

void Conversation::handle(const realtime::ReplyDelta& delta, base::Time) {
    auto* reply = find_reply(delta.response_id);
    if (reply == nullptr) return cut_late(delta.response_id, delta.item_id, false);
    if (reply->item_id.empty()) reply->item_id = delta.item_id;
    reply->text += delta.delta;
    reply->shown = true;
    outbox_.to_client(AgentDelta{reply->item_id, delta.delta});
}

void Conversation::handle(const realtime::AudioDelta& delta, base::Time now) {
    auto* reply = find_reply(delta.response_id);
    if (reply == nullptr) return cut_late(delta.response_id, delta.item_id, true);
    if (reply->whole) return;
    if (reply->item_id.empty()) reply->item_id = delta.item_id;
    decoded_.resize(base::base64_decoded_max(delta.audio.size()) / sizeof(audio::Sample) + 1);
    const auto bytes = base::base64_decode(delta.audio, std::as_writable_bytes(std::span(decoded_)));
    if (!bytes || *bytes % sizeof(audio::Sample) != 0) {
        complain(ErrorCode::upstream_error, "the speech model sent audio that cannot be decoded", now);
        return;
    }
    add_audio(*reply, delta.item_id, audio::Pcm(decoded_.data(), *bytes / sizeof(audio::Sample)), now);
    play(now);
}

void Conversation::handle(const realtime::ToolCall& call, base::Time) {
    if (find_reply(call.response_id) == nullptr) return;
    if (open_calls_.size() == open_calls_max) open_calls_.erase(open_calls_.begin());
    open_calls_.push_back(OpenCall{std::string(call.response_id), std::string(call.call_id)});
    history_.called(call.call_id, call.name, call.arguments);
    outbox_.to_client(AgentTool{call.call_id, call.name, call.arguments});
}

void Conversation::handle(const realtime::ResponseDone& done, base::Time now) {
    std::erase_if(cancelling_, [&](const Cancelled& one) { return one.response_id == done.response_id; });
    auto* reply = find_reply(done.response_id);
    if (reply != nullptr && !reply->whole) {
        stalled_ = false;
        reply_is_whole(*reply, done);
        // No transcript comes.
        if (options_.setup.transcription_model.empty() && !user_speaking_) utterance_settled();
    }
    ask_if_owed();
    play(now);
}

void Conversation::handle(const realtime::ErrorEvent& error, base::Time now) {
    if (is_benign(error.code)) return;
    const bool refused_reply = error.client_event_id == realtime::CreateResponse::event_id;
    if (error.code == "conversation_already_has_active_response") {
        // It had begun one by itself before ours came: ours is asked for again when that one has ended.
        reply_owed_ = true;
    } else {
        complain(ErrorCode::upstream_error, "the speech model refused a request", now);
        if (!refused_reply) return;
        turn_ = {};
    }
    reply_requested_ = false;
    discard_next_ = false;
    ask_if_owed();
}

}  // namespace voicectl::session
