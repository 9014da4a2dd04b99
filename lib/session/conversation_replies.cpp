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
    const bool another = reply.parts.empty() || reply.parts.back().item_id != item_id;
    if (another && reply.parts.size() < parts_max)
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
        note_over(reply.response_id);
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

void Conversation::note_over(std::string_view response_id) {
    if (over_.size() == over_max) over_.pop_front();
    over_.emplace_back(response_id);
}

void Conversation::interrupt(base::Time now, bool announce) {
    reply_owed_ = false;
    discard_next_ = reply_requested_;
    barge_in_.release();
    if (!replies_.empty()) {
        outbox_.drop_reply_frames();
        const auto replies = std::exchange(replies_, {});
        for (const auto& reply : replies) {
            const auto heard = reply.playout.heard(now);
            cut_upstream(reply, heard, now);
            note_over(reply.response_id);
            if (!reply.shown) continue;
            if (announce && reply.playout.started())
                outbox_.to_client(BargedIn{reply.item_id, heard.count()});
            finish_reply(reply, "interrupted", heard.count(), now);
        }
    }
    silencing_.reset();
    release_input(now);
}

void Conversation::cut_upstream(const Reply& reply, std::chrono::milliseconds heard, base::Time now) {
    if (reply.orphan) return;
    if (!reply.whole) cancel(reply.response_id, now);
    // What was not heard must not be remembered as said; an item cannot be cut to nothing, so that one goes
    // whole.
    if (reply.parts.empty() && !reply.whole && !reply.item_id.empty())
        tell(realtime::DeleteItem{reply.item_id});
    for (const auto& part : reply.parts) {
        const auto of_it = std::min(heard - part.start, part.length);
        // The upstream is ahead of what has come: more of the last item may be on its way.
        const bool growing = !reply.whole && &part == &reply.parts.back();
        if (of_it <= 0ms)
            tell(realtime::DeleteItem{part.item_id});
        else if (of_it < part.length || growing)
            tell(realtime::TruncateItem{part.item_id, of_it.count()});
    }
}

}  // namespace voicectl::session
