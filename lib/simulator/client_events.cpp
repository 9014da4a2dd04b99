// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"
#include "simulator/realtime_session.hpp"
#include "simulator/session_fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace voicectl::simulator {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t event_id_max = 512;
constexpr std::chrono::milliseconds commit_min{100};

constexpr std::array client_types{"session.update"sv,
                                  "input_audio_buffer.append"sv,
                                  "input_audio_buffer.commit"sv,
                                  "input_audio_buffer.clear"sv,
                                  "conversation.item.create"sv,
                                  "conversation.item.retrieve"sv,
                                  "conversation.item.truncate"sv,
                                  "conversation.item.delete"sv,
                                  "response.create"sv,
                                  "response.cancel"sv};

}  // namespace

RealtimeSession::Handler RealtimeSession::handler_of(std::string_view type) {
    static constexpr std::array<Handler, client_types.size()> handlers{
        &RealtimeSession::session_update, &RealtimeSession::audio_append, &RealtimeSession::audio_commit,
        &RealtimeSession::audio_clear,    &RealtimeSession::item_create,  &RealtimeSession::item_retrieve,
        &RealtimeSession::item_truncate,  &RealtimeSession::item_delete,  &RealtimeSession::response_create,
        &RealtimeSession::response_cancel};
    const auto at = std::find(client_types.begin(), client_types.end(), type);
    return at == client_types.end() ? nullptr : handlers[static_cast<std::size_t>(at - client_types.begin())];
}

void RealtimeSession::handle(const json::value& event) {
    if (!event.is_object() || !event.get_object().contains("type"))
        return refuse({"invalid_event", "An event is a JSON object with a 'type'.", ""});
    const auto& fields = event.get_object();
    if (const auto* id = fields.if_contains("event_id"); id != nullptr && !id->is_null()) {
        if (!id->is_string()) return refuse(invalid_type("event_id", "a string", *id));
        client_event_id_ = *id;
        if (id->get_string().size() > event_id_max)
            return refuse(invalid_value("event_id",
                                        fmt::format("An event_id has at most {} characters.", event_id_max)));
    }
    if (auto refused = check_string(fields.at("type"), "type")) return refuse(*refused);
    const auto handler = handler_of(text_of(fields, "type"));
    if (handler == nullptr)
        return refuse(
            invalid_value("type", fmt::format("Invalid value: '{}'. Supported values are: '{}'.",
                                              text_of(fields, "type"), fmt::join(client_types, "', '"))));
    (this->*handler)(fields);
}

void RealtimeSession::refuse(const ProtocolError& error) {
    events_.error(error, client_event_id_);
}

void RealtimeSession::session_update(const json::object& event) {
    const auto* update = event.if_contains("session");
    if (update == nullptr) return refuse(missing_parameter("session"));
    if (auto refused = session_.update(*update, has_spoken_)) return refuse(*refused);
    const auto turn = session_.turn_detection();
    input_.configure(turn);
    if (!input_.speaking()) utterance_id_.clear();
    if (turn.idle_timeout.count() == 0) idle_at_.reset();
    const auto type = text_of(session_.input("format").get_object(), "type");
    if (wire_format(type) != decoder_.format()) decoder_ = WireDecoder(type);
    json::object fields;
    fields["session"] = session_.value();
    events_.send("session.updated", fields);
}

void RealtimeSession::audio_append(const json::object& event) {
    const auto* audio = event.if_contains("audio");
    if (audio == nullptr) return refuse(missing_parameter("audio"));
    if (auto refused = check_string(*audio, "audio")) return refuse(*refused);
    if (!append_base64(text_of(event, "audio")))
        refuse(
            invalid_value("audio", "Invalid 'audio': it is not base64 (RFC 4648 section 4, with padding)."));
}

void RealtimeSession::audio_commit(const json::object&) {
    const auto length = input_.buffered();
    if (length < commit_min)
        return refuse(
            {"input_audio_buffer_commit_empty",
             fmt::format(
                 "Error committing input audio buffer: the buffer holds {} ms of audio; at least {} ms "
                 "are needed.",
                 length.count(), commit_min.count()),
             ""});
    const bool open = input_.speaking();
    commit(open ? input_.clock() - input_.speech_start() : length, false);
}

void RealtimeSession::audio_clear(const json::object&) {
    input_.clear();
    utterance_id_.clear();
    events_.send("input_audio_buffer.cleared", json::object());
}

void RealtimeSession::item_create(const json::object& event) {
    const auto* value = event.if_contains("item");
    if (value == nullptr) return refuse(missing_parameter("item"));
    Item item;
    std::string audio;
    if (auto refused = take_client_item(*value, "item", item, audio)) return refuse(*refused);
    if (history_.find(item.id()) != nullptr)
        return refuse(invalid_value("item.id", fmt::format("There is an item '{}' already.", item.id())));
    const auto& after = member(event, "previous_item_id");
    if (!after.is_null() && !after.is_string())
        return refuse(invalid_type("previous_item_id", "a string", after));
    const std::string previous(text_of(event, "previous_item_id"));
    if (!previous.empty() && previous != "root" && history_.find(previous) == nullptr)
        return refuse({"item_create_invalid_previous_item_id",
                       fmt::format("Error adding item: there is no previous item with id '{}'.", previous),
                       "previous_item_id"});
    std::vector<std::byte> bytes(base::base64_decoded_max(audio.size()));
    const auto length = base::base64_decode(audio, bytes);
    if (!length) return refuse(invalid_value("item.content", "An audio part of the item is not base64."));
    bytes.resize(*length);
    WireDecoder decoder(text_of(session_.input("format").get_object(), "type"));
    const auto samples = decoder.decode(bytes);
    item.audio = std::chrono::duration_cast<std::chrono::milliseconds>(audio::duration_of(samples.size()));
    item.heard.text = text_of_parts(item);
    const std::string id(item.id());
    const auto wire = item.wire;
    const auto before = previous.empty() ? history_.append(std::move(item))
                                         : history_.insert_after(previous, std::move(item));
    events_.item("conversation.item.added", before, wire);
    events_.item("conversation.item.done", before, wire);
    if (!samples.empty()) hear(id, {samples.begin(), samples.end()});
}

Item* RealtimeSession::named_item(const json::object& event, std::string_view code) {
    const auto* id = event.if_contains("item_id");
    if (id == nullptr) {
        refuse(missing_parameter("item_id"));
        return nullptr;
    }
    if (auto refused = check_string(*id, "item_id")) {
        refuse(*refused);
        return nullptr;
    }
    auto* item = history_.find(text_of(event, "item_id"));
    if (item == nullptr)
        refuse({std::string(code),
                fmt::format("There is no item with id '{}' in the conversation.", text_of(event, "item_id")),
                "item_id"});
    return item;
}

void RealtimeSession::item_retrieve(const json::object& event) {
    const auto* item = named_item(event, "item_retrieve_invalid_item_id");
    if (item == nullptr) return;
    json::object fields;
    fields["item"] = item->wire;
    events_.send("conversation.item.retrieved", fields);
}

void RealtimeSession::item_truncate(const json::object& event) {
    for (const auto name : {"content_index"sv, "audio_end_ms"sv}) {
        const auto* value = event.if_contains(name);
        const std::string path(name);
        if (value == nullptr) return refuse(missing_parameter(path));
        if (auto refused = check_integer(*value, path, 0, 1'000'000'000)) return refuse(*refused);
    }
    auto* item = named_item(event, "item_truncate_invalid_item_id");
    if (item == nullptr) return;
    const std::chrono::milliseconds end(event.at("audio_end_ms").to_number<std::int64_t>());
    if (item->role() != "assistant" || item->audio.count() == 0 || end.count() == 0)
        return refuse({"unsupported_content_type",
                       "Only assistant audio can be truncated, to more than nothing: this item has none, or "
                       "none would be left.",
                       "item_id"});
    if (event.at("content_index").to_number<std::int64_t>() != 0)
        return refuse(invalid_value("content_index", "The item has one content part, number 0."));
    if (end > item->audio)
        return refuse(
            invalid_value("audio_end_ms", fmt::format("Audio content of {} ms is already shorter than {} ms.",
                                                      item->audio.count(), end.count())));
    item->audio = end;
    // Nobody knows which words were heard, so none are kept.
    json::array content;
    content.push_back(json::object{{"type", "output_audio"}, {"transcript", nullptr}});
    item->wire["content"] = content;
    events_.send("conversation.item.truncated",
                 json::object{{"item_id", item->id()}, {"content_index", 0}, {"audio_end_ms", end.count()}});
}

void RealtimeSession::item_delete(const json::object& event) {
    const auto* item = named_item(event, "item_delete_invalid_item_id");
    if (item == nullptr) return;
    const std::string id(item->id());
    history_.erase(id);
    transcripts_.forget(id);
    events_.send("conversation.item.deleted", json::object{{"item_id", id}});
    plan_waiting();
}

void RealtimeSession::response_create(const json::object& event) {
    static const json::value none = json::object();
    const auto* given = event.if_contains("response");
    const auto& value = given == nullptr || given->is_null() ? none : *given;
    if (session_.transcription_only())
        return refuse(invalid_value(
            "type", "A transcription session does not answer: 'response.create' is not for it."));
    if (auto refused = check_fields(value, "response", response_fields())) return refuse(*refused);
    const auto& overrides = value.get_object();
    std::vector<Item> input;
    if (const auto* items = overrides.if_contains("input")) {
        std::size_t index = 0;
        for (const auto& one : items->get_array()) {
            const auto path = fmt::format("response.input[{}]", index++);
            Item item;
            std::string audio;
            if (one.is_object() && text_of(one.get_object(), "type") == "item_reference") {
                const auto* referred = history_.find(text_of(one.get_object(), "id"));
                if (referred == nullptr)
                    return refuse(invalid_value(path + ".id",
                                                "The item that is referred to is not in the conversation."));
                item = *referred;
            } else if (auto refused = take_client_item(one, path, item, audio)) {
                return refuse(*refused);
            } else {
                item.heard.text = text_of_parts(item);
            }
            input.push_back(std::move(item));
        }
    }
    const bool in_conversation = text_of(overrides, "conversation") != "none";
    if (const auto* running = active(); in_conversation && running != nullptr)
        return refuse(
            {"conversation_already_has_active_response",
             fmt::format("Conversation already has an active response in progress: {}. Wait until it is done "
                         "before creating another.",
                         running->id()),
             ""});
    queued_turn_.clear();
    respond(overrides, std::move(input), in_conversation ? history_.last_id() : json::value());
}

void RealtimeSession::response_cancel(const json::object& event) {
    const auto& id = member(event, "response_id");
    if (!id.is_null() && !id.is_string()) return refuse(invalid_type("response_id", "a string", id));
    Response* chosen = nullptr;
    for (auto& response : responses_)
        if (!response->done() &&
            (id.is_null() ? response->in_conversation() : response->id() == text_of(event, "response_id")))
            chosen = response.get();
    if (chosen == nullptr)
        return refuse({"response_cancel_not_active", "Cancellation failed: no active response found.", ""});
    chosen->cancel("client_cancelled");
    sweep();
}

}  // namespace voicectl::simulator
