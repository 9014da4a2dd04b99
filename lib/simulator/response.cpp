// SPDX-License-Identifier: Apache-2.0
#include "simulator/response.hpp"

#include "base/id.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::simulator {
namespace {

constexpr std::chrono::milliseconds first_delta{100};
constexpr std::chrono::milliseconds word_pause{15};
/// How far the transcript runs ahead of its sound.
constexpr std::size_t transcript_lead = audio::samples_in(std::chrono::milliseconds(700));
constexpr std::size_t arguments_piece = 12;

}  // namespace

Response::Response(ResponseOptions options, const Timing& timing, EventWriter& events, History& history)
    : options_(std::move(options)), timing_(timing), events_(events), history_(history) {
    place_.response_id = base::make_id("resp_");
    if (options_.format.is_object()) encoder_ = WireEncoder(text_of(options_.format.get_object(), "type"));
}

void Response::announce() {
    json::object fields;
    fields["response"] = wire("in_progress", nullptr, nullptr);
    events_.send("response.created", fields);
}

void Response::begin(Plan plan, base::Time turn_ended, base::Time now) {
    begun_ = true;
    plan_ = std::move(plan);
    next_ = turn_ended + plan_.first_token;
    reply_ = SpokenReply(plan_.text, options_.speaks ? plan_.recording : nullptr);
    ask_for_speech();
    on_tick(now);
}

void Response::ask_for_speech() {
    if (!options_.speaks || !plan_.call.name.empty() || done_) return;
    if (const auto index = reply_.next_to_speak())
        events_.output().synthesise((static_cast<std::uint64_t>(options_.number) << 32) | *index,
                                    reply_.sentence(*index));
}

void Response::on_speech(std::uint64_t token, Speech speech, base::Time now) {
    if (done_ || stalled_) return;
    reply_.spoken(static_cast<std::size_t>(token & 0xffff'ffffU), std::move(speech));
    ask_for_speech();
    if (std::exchange(waiting_for_speech_, false)) next_ = std::max(next_, now);
    on_tick(now);
}

std::optional<base::Time> Response::due() const noexcept {
    if (!begun_ || done_ || stalled_ || held_ || waiting_for_speech_) return std::nullopt;
    return next_;
}

void Response::on_tick(base::Time now) {
    while (begun_ && !done_ && !stalled_ && !held_ && !waiting_for_speech_ && next_ <= now)
        if (!step()) break;
}

void Response::hold_at(std::optional<std::chrono::milliseconds> audio) noexcept {
    hold_at_ = audio;
    held_ = false;
}

bool Response::hold(bool at_end) noexcept {
    held_ = hold_at_ && (at_end || audio_sent_ >= *hold_at_);
    return held_;
}

/// Sends what is due next; false if it cannot go on yet.
bool Response::step() {
    // A call is one piece: what waits for a place in it strikes before it.
    if (hold(!plan_.call.name.empty())) return false;
    if (!plan_.call.name.empty()) {
        send_call();
        return true;
    }
    return options_.speaks ? step_audio() : step_text();
}

bool Response::step_text() {
    if (item_.empty()) open_message();
    if (auto word = reply_.next_word()) {
        send_word(*word);
        if (timing_.pace > 0) next_ += word_pause;
        return true;
    }
    if (hold(true)) return false;
    finish("completed", nullptr);
    return true;
}

bool Response::step_audio() {
    const auto span = audio_sent_.count() == 0 ? first_delta : timing_.delta;
    const auto samples = audio::samples_in(span);
    if (!reply_.ready(samples)) {
        waiting_for_speech_ = true;
        return false;
    }
    if (item_.empty()) open_message();
    send_words(reply_.position() + samples + transcript_lead);
    if (const auto pcm = reply_.take(samples); !pcm.empty()) {
        events_.audio_delta(place_, encoder_.encode(pcm));
        const auto sent =
            std::chrono::duration_cast<std::chrono::milliseconds>(audio::duration_of(pcm.size()));
        audio_sent_ += sent;
        if (auto* item = in_conversation() ? history_.find(place_.item_id) : nullptr) item->audio += sent;
    }
    ask_for_speech();
    if (!reply_.exhausted()) {
        if (timing_.pace > 0)
            next_ += std::chrono::duration_cast<base::Duration>(timing_.delta / timing_.pace);
        return true;
    }
    if (hold(true)) return false;
    finish("completed", nullptr);
    return true;
}

void Response::send_words(std::size_t until) {
    while (auto word = reply_.next_word(until))
        send_word(*word);
}

void Response::send_word(const std::string& word) {
    transcript_ += word;
    json::object fields;
    fields["delta"] = word;
    events_.send(options_.speaks ? "response.output_audio_transcript.delta" : "response.output_text.delta",
                 place_, fields);
}

void Response::open_message() {
    place_.item_id = base::make_id("item_");
    item_ = message_item(place_.item_id, "assistant", "in_progress", nullptr);
    json::object added{{"response_id", id()}, {"output_index", 0}};
    added["item"] = item_;
    events_.send("response.output_item.added", added);
    if (in_conversation()) {
        Item item;
        item.wire = item_;
        previous_item_ = history_.append(std::move(item));
        events_.item("conversation.item.added", previous_item_, item_);
    }
    json::object part;
    part["part"] = options_.speaks ? json::object{{"type", "audio"}, {"transcript", ""}}
                                   : json::object{{"type", "text"}, {"text", ""}};
    events_.send("response.content_part.added", place_, part);
}

void Response::close_message(std::string_view item_status) {
    if (item_status == "completed")
        while (auto word = reply_.next_word())
            send_word(*word);
    const std::string_view words = options_.speaks ? "transcript" : "text";
    json::object whole;
    whole[words] = transcript_;
    if (options_.speaks) {
        events_.send("response.output_audio.done", place_);
        events_.send("response.output_audio_transcript.done", place_, whole);
    } else {
        events_.send("response.output_text.done", place_, whole);
    }
    json::object part;
    part["part"] = json::object{{"type", options_.speaks ? "audio" : "text"}, {words, transcript_}};
    events_.send("response.content_part.done", place_, part);
    const json::object shown{{"type", options_.speaks ? "output_audio" : "output_text"},
                             {words, transcript_}};
    item_ = message_item(place_.item_id, "assistant", item_status, shown);
}

void Response::update_history() {
    if (in_conversation()) {
        if (auto* item = history_.find(place_.item_id)) item->wire = item_;
        events_.item("conversation.item.done", previous_item_, item_);
    }
    json::object fields{{"response_id", id()}, {"output_index", 0}};
    fields["item"] = item_;
    events_.send("response.output_item.done", fields);
}

void Response::send_call() {
    place_.item_id = base::make_id("item_");
    const auto call_id = base::make_id("call_");
    const auto& [name, arguments] = plan_.call;
    item_ = {{"id", place_.item_id},    {"object", "realtime.item"}, {"type", "function_call"},
             {"status", "in_progress"}, {"call_id", call_id},        {"name", name},
             {"arguments", ""}};
    json::object place{{"response_id", id()}, {"output_index", 0}};
    place["item"] = item_;
    events_.send("response.output_item.added", place);
    if (in_conversation()) {
        Item item;
        item.wire = item_;
        previous_item_ = history_.append(std::move(item));
        events_.item("conversation.item.added", previous_item_, item_);
    }
    json::object piece{
        {"response_id", id()}, {"item_id", place_.item_id}, {"output_index", 0}, {"call_id", call_id}};
    for (std::size_t at = 0; at < arguments.size(); at += arguments_piece) {
        piece["delta"] = arguments.substr(at, arguments_piece);
        events_.send("response.function_call_arguments.delta", piece);
    }
    piece.erase("delta");
    piece["name"] = name;
    piece["arguments"] = arguments;
    events_.send("response.function_call_arguments.done", piece);
    item_["status"] = "completed";
    item_["arguments"] = arguments;
    finish("completed", nullptr);
}

void Response::cancel(std::string_view reason) {
    if (done_) return;
    if (stalled_) {
        done_ = true;
        return;
    }
    finish("cancelled", json::object{{"type", "cancelled"}, {"reason", reason}});
}

void Response::fail(const ProtocolError& error) {
    // What was never read is not billed.
    if (item_.empty()) options_.input = options_.cached = {};
    json::object body{{"type", error.type}, {"code", nullptr}, {"message", error.message}};
    if (!error.code.empty()) body["code"] = error.code;
    json::object details{{"type", "failed"}};
    details["error"] = body;
    finish("failed", details);
}

void Response::finish(std::string_view status, const json::value& details) {
    done_ = true;
    if (!item_.empty()) {
        if (plan_.call.name.empty()) close_message(status == "completed" ? "completed" : "incomplete");
        update_history();
    }
    json::object fields;
    fields["response"] = wire(status, details, usage());
    events_.send("response.done", fields);
}

}  // namespace voicectl::simulator
