// SPDX-License-Identifier: Apache-2.0
#include "simulator/events.hpp"

#include "base/base64.hpp"
#include "base/id.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <iterator>

namespace voicectl::simulator {
namespace {

json::object event_of(std::string_view type) {
    return {{"type", type}, {"event_id", base::make_id("event_")}};
}

}  // namespace

void EventWriter::send_raw(std::string_view text) {
    if (!muted_) output_.send(text);
}

void EventWriter::send(std::string_view type, const json::object& fields) {
    auto event = event_of(type);
    for (const auto& field : fields)
        event.emplace(field.key(), field.value());
    send_raw(json::serialize(event));
}

void EventWriter::send(std::string_view type, const Place& place, const json::object& fields) {
    auto event = event_of(type);
    event["response_id"] = place.response_id;
    event["item_id"] = place.item_id;
    event["output_index"] = place.output_index;
    event["content_index"] = place.content_index;
    for (const auto& field : fields)
        event.emplace(field.key(), field.value());
    send_raw(json::serialize(event));
}

void EventWriter::audio_delta(const Place& place, std::span<const std::byte> audio) {
    line_.clear();
    fmt::format_to(
        std::back_inserter(line_),
        R"({{"type":"response.output_audio.delta","event_id":"{}","response_id":"{}","item_id":"{}",)"
        R"("output_index":{},"content_index":{},"delta":")",
        base::make_id("event_"), place.response_id, place.item_id, place.output_index, place.content_index);
    base::base64_append(audio, line_);
    line_ += "\"}";
    send_raw(line_);
}

void EventWriter::error(const ProtocolError& error, const json::value& client_event_id) {
    json::object body{
        {"type", error.type}, {"code", nullptr}, {"message", error.message}, {"param", nullptr}};
    if (!error.code.empty()) body["code"] = error.code;
    if (!error.param.empty()) body["param"] = error.param;
    body["event_id"] = client_event_id;
    json::object fields;
    fields["error"] = body;
    send("error", fields);
}

void EventWriter::item(std::string_view type, const json::value& previous_item_id, const json::object& item) {
    json::object fields;
    fields["previous_item_id"] = previous_item_id;
    fields["item"] = item;
    send(type, fields);
}

}  // namespace voicectl::simulator
