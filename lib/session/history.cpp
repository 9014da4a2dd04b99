// SPDX-License-Identifier: Apache-2.0
#include "session/history.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::session {

void History::utterance(std::string_view item_id) {
    add(Utterance{std::string(item_id), {}});
}

void History::heard(std::string_view item_id, std::string_view transcript) {
    for (auto& entry : entries_) {
        auto* utterance = std::get_if<Utterance>(&entry);
        if (utterance == nullptr || utterance->item_id.empty() || utterance->item_id != item_id) continue;
        bytes_ -= bytes_of(entry);
        utterance->text = transcript;
        bytes_ += bytes_of(entry);
        return make_room();
    }
    add(Utterance{std::string(item_id), std::string(transcript)});
}

void History::typed(std::string_view text) {
    add(Utterance{{}, std::string(text)});
}

void History::replied(std::string_view text) {
    if (!text.empty()) add(Reply{std::string(text)});
}

void History::called(std::string_view call_id, std::string_view name, std::string_view arguments) {
    add(Call{{std::string(call_id), std::string(name), std::string(arguments)}, {}});
}

void History::answered(std::string_view call_id, std::string_view output) {
    for (auto& entry : entries_) {
        auto* call = std::get_if<Call>(&entry);
        if (call == nullptr || call->call.call_id != call_id) continue;
        bytes_ -= bytes_of(entry);
        call->output = output;
        call->answered = true;
        bytes_ += bytes_of(entry);
        return make_room();
    }
}

void History::clear() {
    entries_.clear();
    bytes_ = 0;
}

const realtime::CreateToolCall* History::open_call(std::string_view call_id) const noexcept {
    for (const auto& entry : entries_) {
        const auto* call = std::get_if<Call>(&entry);
        if (call != nullptr && !call->answered && call->call.call_id == call_id) return &call->call;
    }
    return nullptr;
}

std::vector<realtime::ClientEvent> History::events() const {
    std::vector<realtime::ClientEvent> events;
    for (const auto& entry : entries_) {
        if (const auto* utterance = std::get_if<Utterance>(&entry); utterance != nullptr) {
            if (!utterance->text.empty()) events.emplace_back(realtime::CreateUserText{utterance->text});
        } else if (const auto* reply = std::get_if<Reply>(&entry); reply != nullptr) {
            events.emplace_back(realtime::CreateAssistantText{reply->text});
        } else if (const auto& call = std::get<Call>(entry); call.answered) {
            events.emplace_back(call.call);
            events.emplace_back(realtime::CreateToolOutput{call.call.call_id, call.output});
        }
    }
    return events;
}

std::size_t History::bytes_of(const Entry& entry) noexcept {
    if (const auto* utterance = std::get_if<Utterance>(&entry); utterance != nullptr)
        return utterance->text.size();
    if (const auto* reply = std::get_if<Reply>(&entry); reply != nullptr) return reply->text.size();
    const auto& call = std::get<Call>(entry);
    return call.call.arguments.size() + call.output.size();
}

void History::add(Entry entry) {
    bytes_ += bytes_of(entry);
    entries_.push_back(std::move(entry));
    make_room();
}

void History::make_room() {
    while (entries_.size() > entries_max || (bytes_ > bytes_max && entries_.size() > 1)) {
        bytes_ -= bytes_of(entries_.front());
        entries_.pop_front();
    }
}

std::string_view words_heard(std::string_view text, std::chrono::milliseconds heard,
                             std::chrono::milliseconds length) noexcept {
    if (heard.count() <= 0) return {};
    if (heard >= length) return text;
    const auto said =
        text.size() * static_cast<std::size_t>(heard.count()) / static_cast<std::size_t>(length.count());
    const auto end = text.find_last_of(' ', said);
    return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

}  // namespace voicectl::session
