// SPDX-License-Identifier: Apache-2.0
#include "simulator/session_fields.hpp"

#include <array>

namespace voicectl::simulator {
namespace {

using namespace std::string_view_literals;

Refusal check_nothing(const json::value&, const std::string&) {
    return std::nullopt;
}

Refusal check_tools(const json::value& value, const std::string& path) {
    static constexpr std::array types{"function"sv, "mcp"sv};
    if (!value.is_array()) return invalid_type(path, "an array", value);
    std::size_t index = 0;
    for (const auto& tool : value.get_array()) {
        const auto at = fmt::format("{}[{}]", path, index++);
        if (auto refused = check_object(tool, at)) return refused;
        const auto& fields = tool.get_object();
        if (!fields.contains("type")) return missing_parameter(at + ".type");
        if (auto refused = check_one_of(fields.at("type"), at + ".type", types)) return refused;
        if (text_of(fields, "type") != "function") continue;
        if (!fields.contains("name")) return missing_parameter(at + ".name");
        if (auto refused = check_string(fields.at("name"), at + ".name")) return refused;
        static constexpr std::array known{"type"sv, "name"sv, "description"sv, "parameters"sv, "strict"sv};
        if (auto refused = check_keys(fields, at, known)) return refused;
    }
    return std::nullopt;
}

Refusal check_tool_choice(const json::value& value, const std::string& path) {
    static constexpr std::array words{"auto"sv, "none"sv, "required"sv};
    static constexpr std::array types{"function"sv, "mcp"sv};
    if (value.is_string()) return check_one_of(value, path, words);
    if (!value.is_object()) return invalid_type(path, "a string or an object", value);
    const auto& choice = value.get_object();
    if (!choice.contains("type")) return missing_parameter(path + ".type");
    return check_one_of(choice.at("type"), path + ".type", types);
}

Refusal check_output_modalities(const json::value& value, const std::string& path) {
    static constexpr std::array words{"audio"sv, "text"sv};
    if (!value.is_array()) return invalid_type(path, "an array", value);
    const auto& list = value.get_array();
    if (list.size() != 1)
        return invalid_value(path, "Invalid modalities. Supported combinations are: ['text'] and ['audio'].");
    return check_one_of(list[0], path + "[0]", words);
}

Refusal check_output_tokens(const json::value& value, const std::string& path) {
    static constexpr std::array words{"inf"sv};
    if (value.is_string()) return check_one_of(value, path, words);
    return check_integer(value, path, 1, 32'768);
}

Refusal check_truncation(const json::value& value, const std::string& path) {
    static constexpr std::array words{"auto"sv, "disabled"sv};
    static constexpr std::array types{"retention_ratio"sv};
    if (value.is_string()) return check_one_of(value, path, words);
    if (!value.is_object()) return invalid_type(path, "a string or an object", value);
    const auto& policy = value.get_object();
    if (auto refused = check_one_of(member(policy, "type"), path + ".type", types)) return refused;
    return check_number(member(policy, "retention_ratio"), path + ".retention_ratio", 0, 1);
}

Refusal check_instructions(const json::value& value, const std::string& path) {
    return check_string(value, path);
}

Refusal check_nullable_object(const json::value& value, const std::string& path) {
    return value.is_null() ? std::nullopt : check_object(value, path);
}

Refusal check_tracing(const json::value& value, const std::string& path) {
    static constexpr std::array words{"auto"sv};
    return value.is_string() ? check_one_of(value, path, words) : check_nullable_object(value, path);
}

Refusal check_include(const json::value& value, const std::string& path) {
    if (value.is_null() || value.is_array()) return std::nullopt;
    return invalid_type(path, "an array", value);
}

Refusal check_reasoning(const json::value& value, const std::string& path) {
    static constexpr std::array efforts{"minimal"sv, "low"sv, "medium"sv, "high"sv, "xhigh"sv};
    if (value.is_null()) return std::nullopt;
    if (auto refused = check_object(value, path)) return refused;
    const auto* effort = value.get_object().if_contains("effort");
    return effort == nullptr ? std::nullopt : check_one_of(*effort, path + ".effort", efforts);
}

Refusal check_noise_reduction(const json::value& value, const std::string& path) {
    static constexpr std::array types{"near_field"sv, "far_field"sv};
    if (value.is_null()) return std::nullopt;
    static constexpr std::array fields{Field{"type", &check_nothing, true},
                                       Field{"strength", &check_nothing, false}};
    if (auto refused = check_fields(value, path, fields)) return refused;
    return check_one_of(value.get_object().at("type"), path + ".type", types);
}

Refusal check_transcription(const json::value& value, const std::string& path) {
    if (value.is_null()) return std::nullopt;
    static constexpr std::array fields{
        Field{"model", &check_string, false},      Field{"language", &check_nothing, false},
        Field{"languages", &check_nothing, false}, Field{"keywords", &check_nothing, false},
        Field{"prompt", &check_nothing, false},    Field{"delay", &check_nothing, false}};
    return check_fields(value, path, fields);
}

Refusal check_probability(const json::value& value, const std::string& path) {
    return check_number(value, path, 0, 1);
}
Refusal check_padding(const json::value& value, const std::string& path) {
    return check_integer(value, path, 0, 60'000);
}
Refusal check_silence(const json::value& value, const std::string& path) {
    return check_integer(value, path, 0, 60'000);
}
Refusal check_idle(const json::value& value, const std::string& path) {
    return value.is_null() ? std::nullopt : check_integer(value, path, 5000, 30'000);
}
Refusal check_eagerness(const json::value& value, const std::string& path) {
    static constexpr std::array words{"low"sv, "medium"sv, "high"sv, "auto"sv};
    return check_one_of(value, path, words);
}
Refusal check_speed(const json::value& value, const std::string& path) {
    return check_number(value, path, 0.25, 1.5);
}

Refusal check_turn_detection(const json::value& value, const std::string& path) {
    static constexpr std::array types{"server_vad"sv, "semantic_vad"sv};
    if (value.is_null()) return std::nullopt;
    if (auto refused = check_object(value, path)) return refused;
    const auto& detection = value.get_object();
    if (const auto* type = detection.if_contains("type"))
        if (auto refused = check_one_of(*type, path + ".type", types)) return refused;
    static constexpr std::array semantic{
        Field{"type", &check_nothing, false}, Field{"eagerness", &check_eagerness, false},
        Field{"create_response", &check_boolean, false}, Field{"interrupt_response", &check_boolean, false}};
    static constexpr std::array server{Field{"type", &check_nothing, false},
                                       Field{"threshold", &check_probability, false},
                                       Field{"prefix_padding_ms", &check_padding, false},
                                       Field{"silence_duration_ms", &check_silence, false},
                                       Field{"idle_timeout_ms", &check_idle, false},
                                       Field{"create_response", &check_boolean, false},
                                       Field{"interrupt_response", &check_boolean, false}};
    if (text_of(detection, "type") == "semantic_vad") return check_fields(value, path, semantic);
    return check_fields(value, path, server);
}

Refusal check_input(const json::value& value, const std::string& path) {
    static constexpr std::array fields{Field{"format", &check_format, false},
                                       Field{"transcription", &check_transcription, false},
                                       Field{"noise_reduction", &check_noise_reduction, false},
                                       Field{"turn_detection", &check_turn_detection, false}};
    return check_fields(value, path, fields);
}

Refusal check_output(const json::value& value, const std::string& path) {
    static constexpr std::array fields{Field{"format", &check_format, false},
                                       Field{"voice", &check_voice, false},
                                       Field{"speed", &check_speed, false}};
    return check_fields(value, path, fields);
}

Refusal check_audio(const json::value& value, const std::string& path) {
    static constexpr std::array fields{Field{"input", &check_input, false},
                                       Field{"output", &check_output, false}};
    return check_fields(value, path, fields);
}

Refusal check_response_audio(const json::value& value, const std::string& path) {
    static constexpr std::array fields{Field{"output", &check_output, false}};
    return check_fields(value, path, fields);
}

Refusal check_conversation(const json::value& value, const std::string& path) {
    static constexpr std::array words{"auto"sv, "none"sv};
    return check_one_of(value, path, words);
}

Refusal check_metadata(const json::value& value, const std::string& path) {
    if (value.is_null()) return std::nullopt;
    if (auto refused = check_object(value, path)) return refused;
    const auto& pairs = value.get_object();
    if (pairs.size() > 16)
        return invalid_value(path, fmt::format("'{}' holds {} pairs; 16 are allowed.", path, pairs.size()));
    for (const auto& pair : pairs) {
        const auto at = below(path, std::string_view(pair.key().data(), pair.key().size()));
        if (auto refused = check_string(pair.value(), at)) return refused;
        if (pair.key().size() > 64 || pair.value().get_string().size() > 512)
            return invalid_value(at, "A metadata key has at most 64 characters, a value 512.");
    }
    return std::nullopt;
}

Refusal check_array(const json::value& value, const std::string& path) {
    return value.is_array() ? std::nullopt : Refusal(invalid_type(path, "an array", value));
}

}  // namespace

Refusal check_fields(const json::value& value, const std::string& path, std::span<const Field> fields) {
    if (auto refused = check_object(value, path)) return refused;
    const auto& object = value.get_object();
    for (const auto& entry : object) {
        const std::string_view key(entry.key().data(), entry.key().size());
        const auto where = below(path, key);
        const auto* field = std::find_if(fields.data(), fields.data() + fields.size(),
                                         [key](const Field& candidate) { return candidate.name == key; });
        if (field == fields.data() + fields.size())
            return ProtocolError{"unknown_parameter", fmt::format("Unknown parameter: '{}'.", where), where};
        if (auto refused = field->check(entry.value(), where)) return refused;
    }
    for (const auto& field : fields)
        if (field.required && !object.contains(field.name)) return missing_parameter(below(path, field.name));
    return std::nullopt;
}

Refusal check_format(const json::value& value, const std::string& path) {
    static constexpr std::array types{"audio/pcm"sv, "audio/pcmu"sv, "audio/pcma"sv};
    static constexpr std::array fields{Field{"type", &check_nothing, true},
                                       Field{"rate", &check_nothing, false}};
    if (auto refused = check_fields(value, path, fields)) return refused;
    const auto& format = value.get_object();
    if (auto refused = check_one_of(format.at("type"), path + ".type", types)) return refused;
    const auto* rate = format.if_contains("rate");
    if (rate == nullptr) return std::nullopt;
    const bool pcm = text_of(format, "type") == "audio/pcm";
    return check_integer(*rate, path + ".rate", pcm ? 24'000 : 8000, pcm ? 24'000 : 8000);
}

Refusal check_voice(const json::value& value, const std::string& path) {
    static constexpr std::array voices{"alloy"sv, "ash"sv,     "ballad"sv, "coral"sv, "echo"sv,
                                       "sage"sv,  "shimmer"sv, "verse"sv,  "marin"sv, "cedar"sv};
    if (value.is_object()) return check_string(member(value.get_object(), "id"), path + ".id");
    return check_one_of(value, path, voices);
}

std::span<const Field> session_fields() {
    static constexpr std::array fields{Field{"type", &check_nothing, true},
                                       Field{"model", &check_string, false},
                                       Field{"instructions", &check_instructions, false},
                                       Field{"output_modalities", &check_output_modalities, false},
                                       Field{"audio", &check_audio, false},
                                       Field{"tools", &check_tools, false},
                                       Field{"tool_choice", &check_tool_choice, false},
                                       Field{"parallel_tool_calls", &check_boolean, false},
                                       Field{"reasoning", &check_reasoning, false},
                                       Field{"max_output_tokens", &check_output_tokens, false},
                                       Field{"truncation", &check_truncation, false},
                                       Field{"tracing", &check_tracing, false},
                                       Field{"include", &check_include, false},
                                       Field{"prompt", &check_nullable_object, false}};
    return fields;
}

std::span<const Field> transcription_fields() {
    static constexpr std::array input_only{Field{"input", &check_input, false}};
    static constexpr auto audio = [](const json::value& value, const std::string& path) {
        return check_fields(value, path, input_only);
    };
    static constexpr std::array fields{Field{"type", &check_nothing, true}, Field{"audio", +audio, false},
                                       Field{"include", &check_include, false}};
    return fields;
}

std::span<const Field> response_fields() {
    static constexpr std::array fields{Field{"output_modalities", &check_output_modalities, false},
                                       Field{"audio", &check_response_audio, false},
                                       Field{"instructions", &check_instructions, false},
                                       Field{"tools", &check_tools, false},
                                       Field{"tool_choice", &check_tool_choice, false},
                                       Field{"parallel_tool_calls", &check_boolean, false},
                                       Field{"reasoning", &check_reasoning, false},
                                       Field{"max_output_tokens", &check_output_tokens, false},
                                       Field{"conversation", &check_conversation, false},
                                       Field{"metadata", &check_metadata, false},
                                       Field{"input", &check_array, false},
                                       Field{"prompt", &check_nullable_object, false}};
    return fields;
}

}  // namespace voicectl::simulator
