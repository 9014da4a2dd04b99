// SPDX-License-Identifier: Apache-2.0
// What goes wrong in a session, and what it tells those who look on.
#include "simulator/realtime_session.hpp"
#include "simulator/service_error.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::simulator {
namespace {

constexpr std::string_view not_json = R"({"type":"response.output_audio.delta","delta":"AAA)";

/// An event that is as it should be, but for its size: the one that is large by nature, an item with all that
/// it holds.
json::object giant_item(std::size_t bytes) {
    json::object fields;
    fields["item"] = message_item("item_giant", "user", "completed",
                                  json::object{{"type", "input_text"}, {"text", std::string(bytes, 'x')}});
    return fields;
}

json::object shown(const Item& item) {
    json::object entry{{"id", item.id()}, {"kind", item.type()}};
    for (const auto name : {"role", "status", "call_id", "name", "arguments", "output"})
        if (const auto* value = item.wire.if_contains(name)) entry[name] = *value;
    if (const auto* content = item.wire.if_contains("content"); content != nullptr && content->is_array())
        for (const auto& part : content->get_array())
            for (const auto name : {"text", "transcript"})
                if (part.is_object() && part.get_object().contains(name)) entry[name] = part.at(name);
    entry["audio_ms"] = item.audio.count();
    return entry;
}

}  // namespace

void RealtimeSession::end(std::uint16_t code, std::string_view reason) {
    ended_ = true;
    events_.mute();
    events_.output().close(code, reason);
}

bool RealtimeSession::replying() const noexcept {
    return std::any_of(responses_.begin(), responses_.end(), [](const auto& response) {
        return response->in_conversation() && response->begun() && !response->done() && !response->stalled();
    });
}

void RealtimeSession::on_faults(base::Time now) {
    if (ended_) return;
    now_ = now;
    strike_due();
    sweep();
}

void RealtimeSession::strike_due() {
    if (options_.faults == nullptr) return;
    while (!ended_) {
        const auto fault = options_.faults->strike_now(fault_target_, replying(), now_);
        if (!fault) return;
        strike(*fault, active());
    }
}

/// Finds what will go wrong with a reply that begins now.
void RealtimeSession::lie_in_wait(Response& response, const Item* item, Plan& plan) {
    if (options_.faults == nullptr || !response.in_conversation()) return;
    const auto heard = item == nullptr ? std::string_view() : std::string_view(item->heard.text);
    std::deque<Fault> waiting;
    for (auto& fault : options_.faults->strike_reply(fault_target_, ++replies_, heard, now_)) {
        if (fault.kind == FaultKind::slow_first_token)
            plan.first_token += fault.delay;
        else
            waiting.push_back(std::move(fault));
    }
    if (waiting.empty()) return;
    std::stable_sort(waiting.begin(), waiting.end(),
                     [](const Fault& a, const Fault& b) { return a.audio < b.audio; });
    response.hold_at(waiting.front().audio.value_or(std::chrono::milliseconds(0)));
    ambushes_[&response] = std::move(waiting);
}

/// Strikes the replies that have come to the place where something waits for them.
void RealtimeSession::strike_held() {
    for (std::size_t i = 0; i < responses_.size() && !ended_; ++i) {
        auto& response = *responses_[i];
        while (response.held() && !ended_) {
            auto& waiting = ambushes_[&response];
            const auto fault = std::move(waiting.front());
            waiting.pop_front();
            strike(fault, &response);
            if (response.done() || response.stalled()) break;
            std::optional<std::chrono::milliseconds> next;
            if (!waiting.empty()) next = waiting.front().audio.value_or(std::chrono::milliseconds(0));
            response.hold_at(next);
            if (!ended_) response.on_tick(now_);
        }
    }
}

void RealtimeSession::strike(const Fault& fault, Response* response) {
    const auto error = service_error(fault.error, fault.reason);
    switch (fault.kind) {
        case FaultKind::stall:
            return response->stall();
        case FaultKind::failed:
            return response->fail(error);
        case FaultKind::error:
            return events_.error(error, nullptr);
        case FaultKind::malformed:
            return events_.send_raw(not_json);
        case FaultKind::giant:
            return events_.send("conversation.item.retrieved", giant_item(fault.bytes));
        case FaultKind::mute:
            return events_.mute();
        case FaultKind::close: {
            if (!fault.error.empty()) events_.error(service_error(fault.error), nullptr);
            const auto code = fault.code != 0 ? static_cast<std::uint16_t>(fault.code) : close_code_of(error);
            const bool own = fault.error.empty() || !fault.reason.empty();
            return end(code, own ? fault.reason : close_reason_of(error));
        }
        case FaultKind::drop:
            ended_ = true;
            events_.mute();
            return events_.output().drop();
        case FaultKind::slow_first_token:
        case FaultKind::connect_error:
        case FaultKind::http_status:
            return;
    }
}

json::object RealtimeSession::report() const {
    const bool active = std::any_of(responses_.begin(), responses_.end(), [](const auto& response) {
        return response->in_conversation() && !response->done();
    });
    json::array items;
    for (const auto& item : history_.items())
        items.push_back(shown(item));
    json::object report{{"id", id()}, {"model", options_.model}};
    report["state"] = ended_ ? "ended" : active ? "replying" : "listening";
    report["responses"] = responses_done_;
    report["items"] = std::move(items);
    return report;
}

}  // namespace voicectl::simulator
