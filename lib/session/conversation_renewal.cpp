// SPDX-License-Identifier: Apache-2.0
// The upstream's coming and going. Whatever the reason, the next one is told what was said, hears again what
// has come to nothing yet, and is asked for what is owed; the client notices nothing but the time it took.
#include "session/conversation.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::session {
namespace {

using namespace std::chrono_literals;

/// As much as the service itself puts before speech, so that no first consonant is lost.
constexpr auto before_speech = audio::samples_in(300ms);
constexpr auto append_max = audio::samples_in(1s);

}  // namespace

void Conversation::on_upstream_lost(base::Time now) {
    if (ended_ || !renewal_.attached()) return;
    renewal_.lost();
    lost_from_ = tail_.position();
    renew_if_due(now);
}

void Conversation::on_upstream_opened(base::Time now) {
    if (ended_) return;
    renewal_.another_opened();
    renew_if_due(now);
}

void Conversation::on_upstream_refused(base::Time now) {
    if (ended_) return;
    renewal_.another_refused(now);
    // What has come of a reply is still heard, and who says nothing misses nothing.
    if (renewal_.attached() || !(awaiting() || user_speaking_ || utterance_from_)) return;
    ended_ = true;
    outbox_.to_client(
        ErrorReport{ErrorCode::upstream_unavailable, "the speech model cannot be reached", true, true});
    outbox_.end(CloseCode::upstream_gone, "upstream unavailable");
}

void Conversation::renew_if_due(base::Time now) {
    if (renewal_.wants_another(now)) outbox_.open_upstream();
    const bool heard = activity_.onset() || activity_.active() || utterance_from_;
    if (renewal_.due(!busy() && !heard, awaiting(), now)) take_other_upstream(now);
}

void Conversation::take_other_upstream(base::Time now) {
    const bool was_lost = !renewal_.attached();
    renewal_.taken_over(now);
    outbox_.swap_upstream();
    stall_after_.reset();
    cancelling_.clear();
    over_.clear();
    item_ids_.clear();
    const bool owed = inherit_replies(now);
    tell(options_.setup);
    for (const auto& event : history_.events())
        tell(event);
    tell_input(owed, was_lost);
    // An utterance that ended by itself ends by itself again, and is answered unasked.
    if (owed && !(utterance_from_ && !committed_by_hand_)) ask_for_reply();
}

bool Conversation::inherit_replies(base::Time now) {
    const bool taken_back = std::exchange(discard_next_, false);
    bool owed = std::exchange(reply_requested_, false) && !taken_back;
    owed |= turn_.over() && !taken_back && !user_speaking_;
    owed |= std::exchange(reply_owed_, false);
    for (auto& call : open_calls_)
        call.orphan = true;
    for (auto reply = replies_.begin(); reply != replies_.end();) {
        const bool calls =
            std::ranges::find(open_calls_, reply->response_id, &OpenCall::response_id) != open_calls_.end();
        reply->orphan = true;
        if (reply->whole || reply->playout.started() || calls) {
            // What has come of it is heard.
            if (!reply->whole) reply->status = "incomplete";
            reply->whole = true;
            reply->playout.finish();
            ++reply;
            continue;
        }
        owed = true;
        turn_ = reply->turn;
        turn_.unanswered();
        if (reply->shown) finish_reply(*reply, "incomplete", std::nullopt, now);
        reply = replies_.erase(reply);
    }
    return owed;
}

void Conversation::tell_input(bool owed, bool was_lost) {
    if (utterance_to_ && !owed) {
        // It has its reply, or will have none: only its transcript is missing, and does not come any more.
        for (const auto& transcript : std::exchange(transcripts_, {}))
            outbox_.to_client(FinalAsr{transcript.text, options_.setup.language});
        utterance_from_ = user_speaking_ ? utterance_to_ : std::nullopt;
        utterance_to_.reset();
    }
    transcripts_.clear();
    auto from = tail_.position();
    if (utterance_from_) from = std::min(from, *utterance_from_);
    if (was_lost) from = std::min(from, lost_from_);
    from = std::max(tail_.begin(), from - std::min<std::uint64_t>(from, before_speech));
    upstream_from_ = from;
    known_to_client_to_ = utterance_to_.value_or(from);
    if (utterance_to_ && committed_by_hand_) {
        send_input(from, *utterance_to_);
        tell(realtime::CommitAudio{});
        from = *utterance_to_;
    }
    send_input(from, tail_.position());
}

void Conversation::send_input(std::uint64_t from, std::uint64_t to) {
    for (; from < to; from += append_max)
        outbox_.audio_to_upstream(tail_.between(from, std::min<std::uint64_t>(from + append_max, to)));
}

void Conversation::tell(const realtime::ClientEvent& event) {
    if (renewal_.attached()) outbox_.to_upstream(event);
}

void Conversation::pass_on(audio::Pcm samples) {
    tail_.push(samples);
    if (renewal_.attached()) outbox_.audio_to_upstream(samples);
    // Our own ear may hear somebody before the upstream says so, and be wrong.
    const bool heard = activity_.onset() || activity_.active();
    if (!utterance_from_ && heard) utterance_from_ = activity_.speech_start();
    if (!heard && !user_speaking_ && !utterance_to_ && renewal_.attached()) utterance_from_.reset();
    auto needed = tail_.position();
    if (utterance_from_) needed = std::min(needed, *utterance_from_);
    if (!renewal_.attached()) needed = std::min(needed, lost_from_);
    tail_.forget_before(needed - std::min<std::uint64_t>(needed, before_speech));
}

void Conversation::utterance_began(std::uint64_t position) noexcept {
    utterance_from_ = std::min(utterance_from_.value_or(position), position);
    committed_by_hand_ = false;
}

void Conversation::utterance_committed(bool by_hand) noexcept {
    utterance_to_ = tail_.position();
    committed_by_hand_ = by_hand;
}

void Conversation::utterance_settled() noexcept {
    utterance_from_.reset();
    utterance_to_.reset();
}

std::uint64_t Conversation::position_of(std::int64_t upstream_ms) const noexcept {
    // Whatever it says: no session is longer than a day.
    constexpr std::int64_t day_ms = 24 * 60 * 60 * 1000;
    const std::chrono::milliseconds at(std::clamp<std::int64_t>(upstream_ms, 0, day_ms));
    return upstream_from_ + audio::samples_in(at);
}

}  // namespace voicectl::session
