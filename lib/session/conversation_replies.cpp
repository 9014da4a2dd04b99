// SPDX-License-Identifier: Apache-2.0
// The replies of Conversation on their way to the listener, to their end or to where they are cut.
#include "session/conversation.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::session {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t parts_max = 32;
constexpr std::size_t over_max = 32;

}  // namespace

void Conversation::add_audio(Reply& reply, std::string_view item_id, audio::Pcm samples, base::Time now) {
    const bool another = reply.parts.empty() || reply.parts.back().item_id != item_id;
    // An item lies in one piece, or it could not be cut to what was heard of it.
    if (another && (reply.parts.size() == parts_max ||
                    std::ranges::find(reply.parts, item_id, &Part::item_id) != reply.parts.end()))
        return;
    const bool first_in_line = &reply == &replies_.front();
    if (!reply.playout.has_audio()) {
        reply.turn.answered(now);
        if (!first_in_line || barge_in_.holding()) reply.turn.kept_waiting();
    }
    if (!reply.playout.push(samples)) {
        // Longer than anyone waits for: what is held is played, the rest is not fetched.
        cut_short(reply, now);
        return;
    }
    if (another)
        reply.parts.push_back(
            Part{std::string(item_id),
                 reply.parts.empty() ? 0ms : reply.parts.back().start + reply.parts.back().length});
    auto& last = reply.parts.back();
    if (last.item_id == item_id) last.length = reply.playout.received() - last.start;
}

void Conversation::cut_short(Reply& reply, base::Time now) {
    cancel(reply.response_id, now);
    reply.status = "incomplete";
    reply.whole = true;
    reply.playout.finish();
}

void Conversation::reply_is_whole(Reply& reply, const realtime::ResponseDone& done) {
    reply.whole = true;
    reply.playout.finish();
    reply.usage = done.usage;
    // The upstream cuts a reply short for reasons of its own: what came of it is still heard.
    if (done.status == "incomplete" || done.status == "cancelled") reply.status = "incomplete";
    if (done.status == "failed") {
        reply.status = "failed";
        const bool limited = done.error_code == "rate_limit_exceeded";
        outbox_.to_client(ErrorReport{
            limited ? ErrorCode::upstream_rate_limited : ErrorCode::upstream_error,
            limited ? "the speech model is at its limit" : "the speech model failed to answer", false, true});
    }
}

void Conversation::play(base::Time now) {
    while (!replies_.empty() && !barge_in_.holding()) {
        auto& reply = replies_.front();
        send_frames(reply, now);
        if (!reply.playout.played(now)) return;
        if (reply.shown || reply.status == "failed") finish_reply(reply, reply.status, std::nullopt, now);
        if (!reply.orphan) note_over({std::move(reply.response_id), {}, false});
        replies_.pop_front();
    }
}

void Conversation::send_frames(Reply& reply, base::Time now) {
    while (true) {
        const bool first = !reply.playout.started();
        const auto frame = reply.playout.next_frame(now);
        if (frame.empty()) return;
        if (first) {
            reply.shown = true;
            outbox_.to_client(TtsPlay{reply.item_id, options_.format});
        }
        last_frame_at_ = outbox_.reply_frame(frame);
        if (first) reply.turn.sounded(*last_frame_at_);
    }
}

void Conversation::finish_reply(const Reply& reply, std::string_view status,
                                std::optional<std::int64_t> played_ms, base::Time now) {
    const auto said = words_heard(
        reply.text, std::chrono::milliseconds(played_ms.value_or(reply.playout.received().count())),
        reply.playout.received());
    history_.replied(said);
    if (reply.orphan && !said.empty()) tell(realtime::CreateAssistantText{std::string(said)});
    auto latency = reply.turn.latency();
    if (const auto silencing = std::exchange(silencing_, std::nullopt); silencing && played_ms) {
        latency.barge_in_ms = silencing->after_ms;
        latency.client_had_ms = silencing->client_had_ms;
    }
    outbox_.to_client(AgentFinal{reply.item_id, reply.text, status, played_ms, reply.usage, latency});
    outbox_.turn_is_over(TurnReport{reply.item_id, status,
                                    played_ms.value_or(reply.playout.heard(now).count()),
                                    reply.playout.received().count(), latency});
}

void Conversation::note_over(Over over) {
    if (over_.size() == over_max) over_.pop_front();
    over_.push_back(std::move(over));
}

void Conversation::interrupt(base::Time now, bool announce) {
    reply_owed_ = false;
    discard_next_ = reply_requested_;
    barge_in_.release();
    if (!replies_.empty()) {
        outbox_.drop_reply_frames();
        auto replies = std::exchange(replies_, {});
        for (auto& reply : replies) {
            const auto heard = reply.playout.heard(now);
            cut_upstream(reply, heard, now);
            if (!reply.orphan)
                note_over({std::move(reply.response_id), std::move(reply.parts), !reply.whole});
            if (!reply.shown) continue;
            if (announce && reply.playout.started())
                outbox_.to_client(BargedIn{reply.item_id, heard.count()});
            finish_reply(reply, "interrupted", heard.count(), now);
        }
    }
    silencing_.reset();
    release_input(now);
}

void Conversation::cut_upstream(Reply& reply, std::chrono::milliseconds heard, base::Time now) {
    if (reply.orphan) return;
    if (!reply.whole) cancel(reply.response_id, now);
    // What was not heard must not be remembered as said; an item cannot be cut to nothing, so that one goes
    // whole.
    if (reply.parts.empty() && !reply.whole && !reply.item_id.empty()) delete_item(reply.item_id);
    for (auto& part : reply.parts) {
        const auto of_it = heard - part.start;
        part.cut = of_it < part.length;
        if (of_it <= 0ms)
            delete_item(part.item_id);
        else if (part.cut)
            tell(realtime::TruncateItem{part.item_id, of_it.count()});
    }
}

void Conversation::cut_late(std::string_view response_id, std::string_view item_id, bool audio) {
    const auto over = std::ranges::find(over_, response_id, &Over::response_id);
    // An item that is not among these is deleted already.
    if (over == over_.end() || !over->cancelled || std::ranges::find(item_ids_, item_id) == item_ids_.end())
        return;
    const auto part = std::ranges::find(over->parts, item_id, &Part::item_id);
    if (part == over->parts.end()) return delete_item(item_id);
    if (!audio || part->cut) return;
    part->cut = true;
    tell(realtime::TruncateItem{part->item_id, part->length.count()});
}

void Conversation::delete_item(std::string_view item_id) {
    tell(realtime::DeleteItem{std::string(item_id)});
    // The upstream refuses to delete it a second time.
    std::erase(item_ids_, item_id);
}

}  // namespace voicectl::session
