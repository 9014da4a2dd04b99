// SPDX-License-Identifier: Apache-2.0
#include "realtime/server_event.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace voicectl::realtime {
namespace {

namespace json = boost::json;
using base::Errc;
using base::fail;

/// Reads members by path without ever throwing: what is missing or of another type reads as empty or 0.
const json::value* member(const json::object& object, std::string_view name) noexcept {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &found->value();
}

std::string_view text_of(const json::object& object, std::string_view name) noexcept {
    const auto* value = member(object, name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

std::int64_t number_of(const json::object& object, std::string_view name) noexcept {
    const auto* value = member(object, name);
    if (value == nullptr) return 0;
    if (value->is_int64()) return value->get_int64();
    if (value->is_double() && std::abs(value->get_double()) < 9e15)
        return static_cast<std::int64_t>(value->get_double());
    return 0;
}

const json::object& object_of(const json::object& object, std::string_view name) noexcept {
    static const json::object none;
    const auto* value = member(object, name);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

ServerEvent response_done(const json::object& event) {
    const auto& response = object_of(event, "response");
    const auto& error = object_of(object_of(response, "status_details"), "error");
    ResponseDone done;
    done.response_id = text_of(response, "id");
    done.status = text_of(response, "status");
    done.error_code = text_of(error, "code");
    done.error_message = text_of(error, "message");
    if (const auto& usage = object_of(response, "usage"); !usage.empty())
        done.usage = Usage{number_of(usage, "input_tokens"), number_of(usage, "output_tokens"),
                           number_of(usage, "total_tokens")};
    return done;
}

double seconds_of(const json::object& object, std::string_view name) noexcept {
    const auto* value = member(object, name);
    boost::system::error_code ec;
    const auto number = value == nullptr ? 0.0 : value->to_number<double>(ec);
    return ec ? 0.0 : number;
}

ServerEvent rate_limits(const json::object& event) {
    RateLimits limits;
    const auto* entries = member(event, "rate_limits");
    if (entries == nullptr || !entries->is_array()) return limits;
    for (const auto& entry : entries->get_array()) {
        if (!entry.is_object()) continue;
        const auto& object = entry.get_object();
        const auto name = text_of(object, "name");
        const RateLimits::Limit limit{number_of(object, "limit"), number_of(object, "remaining"),
                                      seconds_of(object, "reset_seconds")};
        if (name == "requests") limits.requests = limit;
        if (name == "tokens") limits.tokens = limit;
    }
    return limits;
}

ServerEvent reply_delta(const json::object& event) {
    return ReplyDelta{text_of(event, "response_id"), text_of(event, "item_id"), text_of(event, "delta")};
}

struct Row {
    std::string_view type;
    ServerEvent (*read)(const json::object&);
};

constexpr std::array rows{
    Row{"response.output_audio.delta",
        [](const json::object& event) -> ServerEvent {
            return AudioDelta{text_of(event, "response_id"), text_of(event, "item_id"),
                              text_of(event, "delta")};
        }},
    Row{"response.output_audio_transcript.delta", reply_delta},
    Row{"response.output_text.delta", reply_delta},
    Row{"session.created",
        [](const json::object& event) -> ServerEvent {
            return SessionCreated{text_of(object_of(event, "session"), "id")};
        }},
    Row{"session.updated", [](const json::object&) -> ServerEvent { return SessionUpdated{}; }},
    Row{"input_audio_buffer.speech_started",
        [](const json::object& event) -> ServerEvent {
            return SpeechStarted{number_of(event, "audio_start_ms"), text_of(event, "item_id")};
        }},
    Row{"input_audio_buffer.speech_stopped",
        [](const json::object& event) -> ServerEvent {
            return SpeechStopped{number_of(event, "audio_end_ms"), text_of(event, "item_id")};
        }},
    Row{"input_audio_buffer.committed",
        [](const json::object& event) -> ServerEvent { return AudioCommitted{text_of(event, "item_id")}; }},
    Row{"input_audio_buffer.cleared", [](const json::object&) -> ServerEvent { return AudioCleared{}; }},
    Row{"conversation.item.added",
        [](const json::object& event) -> ServerEvent {
            return ItemAdded{text_of(object_of(event, "item"), "id")};
        }},
    Row{"conversation.item.input_audio_transcription.delta",
        [](const json::object& event) -> ServerEvent {
            return TranscriptionDelta{text_of(event, "item_id"), text_of(event, "delta")};
        }},
    Row{"conversation.item.input_audio_transcription.completed",
        [](const json::object& event) -> ServerEvent {
            return TranscriptionCompleted{text_of(event, "item_id"), text_of(event, "transcript")};
        }},
    Row{"conversation.item.input_audio_transcription.failed",
        [](const json::object& event) -> ServerEvent {
            return TranscriptionFailed{text_of(event, "item_id"),
                                       text_of(object_of(event, "error"), "message")};
        }},
    Row{"response.created",
        [](const json::object& event) -> ServerEvent {
            return ResponseCreated{text_of(object_of(event, "response"), "id")};
        }},
    Row{"response.output_item.done",
        [](const json::object& event) -> ServerEvent {
            const auto& item = object_of(event, "item");
            if (text_of(item, "type") != "function_call" || text_of(item, "status") != "completed")
                return UnknownEvent{text_of(event, "type")};
            return ToolCall{text_of(event, "response_id"), text_of(item, "call_id"), text_of(item, "name"),
                            text_of(item, "arguments")};
        }},
    Row{"response.done", response_done},
    Row{"rate_limits.updated", rate_limits},
    Row{"error",
        [](const json::object& event) -> ServerEvent {
            const auto& error = object_of(event, "error");
            return ErrorEvent{text_of(error, "type"), text_of(error, "code"), text_of(error, "message"),
                              text_of(error, "event_id")};
        }},
};

}  // namespace

struct ServerEventDecoder::Parts {
    // The tree of an event lives in this buffer: what fits costs no allocation, and 200 ms of audio do.
    std::array<unsigned char, 16 * 1024> buffer{};
    std::optional<json::monotonic_resource> memory;
    json::stream_parser parser;
    json::value event;
};

ServerEventDecoder::ServerEventDecoder() : parts_(std::make_unique<Parts>()) {}
ServerEventDecoder::~ServerEventDecoder() = default;

base::Result<ServerEvent> ServerEventDecoder::decode(std::string_view text) {
    parts_->event = nullptr;
    parts_->parser.reset();
    // A new one for each event: release() would keep doubling the block that an event beyond the buffer
    // takes.
    parts_->memory.emplace(parts_->buffer.data(), parts_->buffer.size());
    parts_->parser.reset(&*parts_->memory);
    boost::system::error_code ec;
    parts_->parser.write(text, ec);
    if (!ec) parts_->parser.finish(ec);
    if (ec) return fail(Errc::protocol, "the upstream sent what is not JSON: {}", ec.message());
    // The value must be moved with its own memory resource, not assigned into one on the heap.
    std::destroy_at(&parts_->event);
    std::construct_at(&parts_->event, parts_->parser.release());
    if (!parts_->event.is_object())
        return fail(Errc::protocol, "the upstream sent JSON that is not an object");
    const auto& event = parts_->event.get_object();
    const auto type = text_of(event, "type");
    if (type.empty()) return fail(Errc::protocol, "the upstream sent an event without a type");
    const auto* row = std::ranges::find(rows, type, &Row::type);
    if (row == rows.end()) return ServerEvent(UnknownEvent{type});
    return row->read(event);
}

}  // namespace voicectl::realtime
