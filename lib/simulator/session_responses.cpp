// SPDX-License-Identifier: Apache-2.0
#include "simulator/realtime_session.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace voicectl::simulator {
namespace {

constexpr std::size_t responses_max = 64;

/// Prompt caches work in blocks of this many tokens.
std::int64_t cached_of(std::int64_t tokens, std::int64_t before) noexcept {
    return std::min(tokens, before) / 64 * 64;
}

}  // namespace

Response* RealtimeSession::active() noexcept {
    for (auto& response : responses_)
        if (response->in_conversation() && !response->done()) return response.get();
    return nullptr;
}

void RealtimeSession::interrupt(std::string_view reason) {
    queued_turn_.clear();
    if (auto* response = active()) {
        response->cancel(reason);
        sweep();
        idle_at_.reset();
    }
}

void RealtimeSession::respond_to_turn(const std::string& item_id) {
    // An uninterruptible answer is finished first; the turn is not lost.
    if (active() != nullptr)
        queued_turn_ = item_id;
    else
        respond(json::object(), {}, json::value(item_id));
}

Tokens RealtimeSession::input_tokens(const json::object& overrides, const std::vector<Item>& input) const {
    Tokens total;
    if (overrides.contains("input")) {
        for (const auto& item : input) {
            total.text += item.tokens().text;
            total.audio += item.tokens().audio;
        }
    } else {
        total = history_.tokens();
    }
    const auto& own = overrides.contains("instructions") ? overrides : session_.value();
    const auto& tools = overrides.contains("tools") ? overrides : session_.value();
    total.text +=
        text_tokens(text_of(own, "instructions")) + text_tokens(json::serialize(member(tools, "tools")));
    return total;
}

void RealtimeSession::respond(const json::object& overrides, std::vector<Item> input,
                              const json::value& trigger) {
    if (responses_.size() >= responses_max)
        return refuse({"rate_limit_exceeded", "Too many responses are in progress.", ""});
    ResponseOptions options;
    options.number = ++last_response_;
    const bool in_conversation = text_of(overrides, "conversation") != "none";
    if (in_conversation) options.conversation_id = conversation_id_;
    const auto* modalities = overrides.if_contains("output_modalities");
    options.speaks = modalities == nullptr ? session_.speaks() : modalities->as_array()[0] == "audio";
    options.metadata = member(overrides, "metadata");
    options.voice = session_.output("voice");
    options.format = session_.output("format");
    const auto& audio = member(overrides, "audio");
    if (audio.is_object() && member(audio.get_object(), "output").is_object())
        for (const auto& field : member(audio.get_object(), "output").get_object()) {
            if (field.key() == "voice") options.voice = field.value();
            if (field.key() == "format") options.format = field.value();
        }
    const auto& limit = overrides.contains("max_output_tokens") ? overrides : session_.value();
    options.max_output_tokens = member(limit, "max_output_tokens");
    options.input = input_tokens(overrides, input);
    options.cached = {cached_of(options.input.text, read_before_.text),
                      cached_of(options.input.audio, read_before_.audio)};
    if (options.speaks && in_conversation) has_spoken_ = true;
    idle_at_.reset();

    responses_.push_back(std::make_unique<Response>(std::move(options), scenario_.timing, events_, history_));
    auto* response = responses_.back().get();
    response->announce();
    if (const auto refused = options_.allowance->begin_response(response->input_tokens(), now_)) {
        response->fail(*refused);
        return sweep();
    }
    if (!input.empty()) inputs_[response] = std::move(input);
    overrides_[response] = overrides;
    Waiting waiting;
    waiting.response = response;
    if (trigger.is_string()) waiting.item_id = trigger.get_string().c_str();
    waiting.turn_ended = now_;
    waiting_.push_back(std::move(waiting));
    plan_waiting();
}

/// Plans every response whose trigger is known by now, or is gone.
void RealtimeSession::plan_waiting() {
    std::vector<Waiting> ready;
    std::erase_if(waiting_, [&](const Waiting& waiting) {
        if (waiting.response->done()) return true;
        const auto* item = history_.find(waiting.item_id);
        if (item != nullptr && !item->heard.known) return false;
        ready.push_back(waiting);
        return true;
    });
    for (const auto& waiting : ready)
        plan(waiting, history_.find(waiting.item_id));
    if (!ready.empty()) sweep();
}

void RealtimeSession::plan(const Waiting& waiting, Item* item) {
    const auto given = inputs_.find(waiting.response);
    if (given != inputs_.end()) item = &given->second.back();
    // What the assistant or the system said last is nothing to answer.
    const bool answerable =
        item != nullptr && (item->role() == "user" || item->type() == "function_call_output");
    const auto& overrides = overrides_[waiting.response];
    Request request;
    request.tools = &member(overrides.contains("tools") ? overrides : session_.value(), "tools");
    request.tool_choice =
        &member(overrides.contains("tool_choice") ? overrides : session_.value(), "tool_choice");
    request.trigger = answerable ? item : nullptr;
    request.in_conversation = waiting.response->in_conversation();
    const auto wall_clock = options_.started_at +
                            std::chrono::duration_cast<std::chrono::system_clock::duration>(now_ - started_);
    auto plan = script_.plan(request, wall_clock);
    lie_in_wait(*waiting.response, item, plan);
    waiting.response->begin(std::move(plan), waiting.turn_ended, now_);
}

void RealtimeSession::on_speech(std::uint64_t token, Speech speech, base::Time now) {
    if (ended_) return;
    now_ = now;
    for (auto& response : responses_)
        if (response->owns(token)) {
            response->on_speech(token, std::move(speech), now);
            break;
        }
    sweep();
}

/// Forgets the responses that are done, and starts what waited for that.
void RealtimeSession::sweep() {
    strike_held();
    if (ended_) return;
    for (const auto& response : responses_) {
        if (!response->done()) continue;
        ++responses_done_;
        options_.allowance->end_response(response->output_tokens(), now_);
        if (!response->stalled()) {
            json::object rates;
            rates["rate_limits"] = options_.allowance->wire(now_);
            events_.send("rate_limits.updated", rates);
        }
        if (!response->in_conversation()) continue;
        read_before_ = response->tokens();
        const auto turn = session_.turn_detection();
        if (turn.automatic && turn.idle_timeout.count() > 0)
            idle_at_ = now_ + response->audio_sent() + turn.idle_timeout;
    }
    std::erase_if(waiting_, [](const Waiting& waiting) { return waiting.response->done(); });
    std::erase_if(responses_, [this](const std::unique_ptr<Response>& response) {
        if (!response->done()) return false;
        inputs_.erase(response.get());
        overrides_.erase(response.get());
        ambushes_.erase(response.get());
        return true;
    });
    if (queued_turn_.empty() || active() != nullptr) return;
    const auto turn = std::exchange(queued_turn_, {});
    respond(json::object(), {}, json::value(turn));
}

}  // namespace voicectl::simulator
