// SPDX-License-Identifier: Apache-2.0
#include "simulator/session_object.hpp"

#include "simulator/session_fields.hpp"

#include <fmt/format.h>

#include <utility>

namespace voicectl::simulator {
namespace {

json::object server_vad() {
    return {{"type", "server_vad"},       {"threshold", 0.5},           {"prefix_padding_ms", 300},
            {"silence_duration_ms", 500}, {"idle_timeout_ms", nullptr}, {"create_response", true},
            {"interrupt_response", true}};
}

json::object semantic_vad() {
    return {{"type", "semantic_vad"},
            {"eagerness", "auto"},
            {"create_response", true},
            {"interrupt_response", true}};
}

json::object pcm() {
    return {{"type", "audio/pcm"}, {"rate", 24'000}};
}

json::object audio_input() {
    return {{"format", pcm()},
            {"transcription", nullptr},
            {"noise_reduction", nullptr},
            {"turn_detection", server_vad()}};
}

/// Takes over the members of `from`, one by one.
void merge(json::object& into, const json::object& from) {
    for (const auto& entry : from)
        into[entry.key()] = entry.value();
}

/// Nested objects merge by key; null and a first value replace.
void merge_into(json::value& current, const json::value& update, json::object (*defaults)()) {
    if (!update.is_object()) {
        current = update;
        return;
    }
    if (!current.is_object()) current = defaults();
    merge(current.get_object(), update.get_object());
}

void merge_turn_detection(json::value& current, const json::value& update) {
    if (!update.is_object()) {
        current = update;
        return;
    }
    const auto type = text_of(update.get_object(), "type");
    // Another kind of detection starts from its own defaults.
    const bool same = current.is_object() && (type.empty() || type == text_of(current.get_object(), "type"));
    if (!same) current = type == "semantic_vad" ? semantic_vad() : server_vad();
    merge(current.get_object(), update.get_object());
}

void merge_input(json::object& current, const json::object& update) {
    for (const auto& entry : update) {
        auto& value = current[entry.key()];
        if (entry.key() == "turn_detection")
            merge_turn_detection(value, entry.value());
        else if (entry.key() == "transcription")
            merge_into(value, entry.value(), [] { return json::object{{"model", "whisper-1"}}; });
        else if (entry.key() == "noise_reduction")
            merge_into(value, entry.value(), [] { return json::object{}; });
        else
            value = entry.value();
    }
}

/// A format that names no rate has the one rate there is.
void fill_rate(json::object& direction) {
    auto& format = direction["format"].as_object();
    if (text_of(format, "type") == "audio/pcm") format["rate"] = 24'000;
}

}  // namespace

SessionObject::SessionObject(std::string id, std::string model, bool transcription_only,
                             std::int64_t expires_at)
    : transcription_only_(transcription_only) {
    json::object audio;
    audio["input"] = audio_input();
    if (transcription_only) {
        value_ = {{"type", "transcription"},
                  {"object", "realtime.transcription_session"},
                  {"id", id},
                  {"expires_at", expires_at},
                  {"audio", audio},
                  {"include", nullptr}};
        return;
    }
    audio["output"] = json::object{{"format", pcm()}, {"voice", "alloy"}, {"speed", 1.0}};
    json::array modalities;
    modalities.emplace_back("audio");
    value_ = {{"type", "realtime"},
              {"object", "realtime.session"},
              {"id", id},
              {"model", model},
              {"output_modalities", modalities},
              {"instructions", "You are a friendly voice assistant. Answer briefly and in plain words."},
              {"tools", json::array()},
              {"tool_choice", "auto"},
              {"max_output_tokens", "inf"},
              {"tracing", nullptr},
              {"truncation", "auto"},
              {"prompt", nullptr},
              {"expires_at", expires_at},
              {"audio", audio},
              {"include", nullptr}};
}

Refusal SessionObject::update(const json::value& session, bool has_spoken) {
    if (auto refused = check_object(session, "session")) return refused;
    const auto& fields = session.get_object();
    const auto* type = fields.if_contains("type");
    if (type == nullptr) return missing_parameter("session.type");
    if (*type != value_.at("type"))
        return invalid_value(
            "session.type",
            fmt::format("This is a '{}' session; its type cannot be changed.", text_of(value_, "type")));
    const auto allowed = transcription_only_ ? transcription_fields() : session_fields();
    if (auto refused = check_fields(session, "session", allowed)) return refused;
    if (const auto* model = fields.if_contains("model"); model != nullptr && *model != value_.at("model"))
        return invalid_value("session.model",
                             "The model of a session cannot be changed; open another connection.");
    const auto* audio = fields.if_contains("audio");
    const auto* output = audio == nullptr ? nullptr : audio->get_object().if_contains("output");
    if (output != nullptr && has_spoken) {
        const auto* voice = output->get_object().if_contains("voice");
        if (voice != nullptr && *voice != this->output("voice"))
            return ProtocolError{"cannot_update_voice",
                                 "The voice cannot be changed once the assistant has spoken.",
                                 "session.audio.output.voice"};
    }
    for (const auto& entry : fields)
        if (entry.key() != "audio") value_[entry.key()] = entry.value();
    auto& own = value_.at("audio").as_object();
    const auto* input = audio == nullptr ? nullptr : audio->get_object().if_contains("input");
    if (input != nullptr) merge_input(own.at("input").as_object(), input->get_object());
    if (output != nullptr) merge(own.at("output").as_object(), output->get_object());
    fill_rate(own.at("input").as_object());
    if (!transcription_only_) fill_rate(own.at("output").as_object());
    return std::nullopt;
}

bool SessionObject::transcribes() const noexcept {
    return input("transcription").is_object();
}

bool SessionObject::speaks() const noexcept {
    const auto* modalities = value_.if_contains("output_modalities");
    return modalities != nullptr && modalities->as_array()[0] == "audio";
}

TurnDetection SessionObject::turn_detection() const {
    TurnDetection turn;
    const auto& value = input("turn_detection");
    turn.automatic = value.is_object();
    if (!turn.automatic) return turn;
    const auto& fields = value.get_object();
    const auto milliseconds = [&fields](std::string_view name, std::chrono::milliseconds otherwise) {
        const auto& span = member(fields, name);
        return span.is_number() ? std::chrono::milliseconds(span.to_number<std::int64_t>()) : otherwise;
    };
    const auto& threshold = member(fields, "threshold");
    if (threshold.is_number()) turn.threshold = threshold.to_number<double>();
    turn.prefix_padding = milliseconds("prefix_padding_ms", turn.prefix_padding);
    turn.silence = milliseconds("silence_duration_ms", turn.silence);
    turn.idle_timeout = milliseconds("idle_timeout_ms", turn.idle_timeout);
    turn.create_response = fields.at("create_response").as_bool();
    turn.interrupt_response = fields.at("interrupt_response").as_bool();
    return turn;
}

const json::value& SessionObject::input(std::string_view name) const noexcept {
    return member(value_.at("audio").as_object().at("input").as_object(), name);
}

const json::value& SessionObject::output(std::string_view name) const noexcept {
    return member(value_.at("audio").as_object().at("output").as_object(), name);
}

}  // namespace voicectl::simulator
