// SPDX-License-Identifier: Apache-2.0
#include "simulator/history.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::simulator {
namespace {

constexpr std::size_t items_max = 1000;
constexpr std::int64_t text_tokens_max = 500'000;

json::value id_or_null(const std::list<Item>& items, std::list<Item>::const_iterator at) {
    if (at == items.begin()) return nullptr;
    return json::value(std::prev(at)->id());
}

}  // namespace

std::int64_t text_tokens(std::string_view text) noexcept {
    return (static_cast<std::int64_t>(text.size()) + 3) / 4;
}

Tokens Item::tokens() const {
    Tokens total;
    const auto span = role() == "assistant" ? 50 : 100;
    total.audio = (audio.count() + span - 1) / span;
    total.text = text_tokens(text_of(wire, "arguments")) + text_tokens(text_of(wire, "output")) +
                 text_tokens(text_of_parts(*this));
    return total;
}

json::object message_item(std::string_view id, std::string_view role, std::string_view status,
                          const json::value& part) {
    json::array content;
    if (!part.is_null()) content.push_back(part);
    return {{"id", id},     {"object", "realtime.item"}, {"type", "message"}, {"status", status},
            {"role", role}, {"content", content}};
}

json::value History::append(Item item) {
    forget_oldest();
    const auto previous = last_id();
    items_.push_back(std::move(item));
    return previous;
}

json::value History::insert_after(std::string_view previous, Item item) {
    forget_oldest();
    auto at = items_.begin();
    if (previous != "root") {
        at = std::find_if(items_.begin(), items_.end(),
                          [&](const Item& other) { return other.id() == previous; });
        if (at != items_.end()) ++at;
    }
    auto before = id_or_null(items_, at);
    items_.insert(at, std::move(item));
    return before;
}

Item* History::find(std::string_view id) noexcept {
    const auto at =
        std::find_if(items_.rbegin(), items_.rend(), [id](const Item& item) { return item.id() == id; });
    return at == items_.rend() ? nullptr : &*at;
}

bool History::erase(std::string_view id) {
    return std::erase_if(items_, [id](const Item& item) { return item.id() == id; }) > 0;
}

json::value History::previous_of(std::string_view id) const {
    const auto at =
        std::find_if(items_.begin(), items_.end(), [id](const Item& item) { return item.id() == id; });
    return id_or_null(items_, at);
}

json::value History::last_id() const {
    return id_or_null(items_, items_.end());
}

Tokens History::tokens() const {
    Tokens total;
    for (const auto& item : items_) {
        const auto own = item.tokens();
        total.text += own.text;
        total.audio += own.audio;
    }
    return total;
}

void History::forget_oldest() {
    while (items_.size() >= items_max)
        items_.pop_front();
    while (!items_.empty() && tokens().text > text_tokens_max)
        items_.pop_front();
}

std::string text_of_parts(const Item& item) {
    std::string text;
    const auto* content = item.wire.if_contains("content");
    if (content == nullptr || !content->is_array()) return text;
    for (const auto& part : content->get_array()) {
        if (!part.is_object()) continue;
        for (const auto* name : {"text", "transcript"}) {
            const auto words = text_of(part.get_object(), name);
            if (!words.empty() && !text.empty()) text += ' ';
            text += words;
        }
    }
    return text;
}

}  // namespace voicectl::simulator
