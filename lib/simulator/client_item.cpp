// SPDX-License-Identifier: Apache-2.0
#include "base/id.hpp"
#include "simulator/history.hpp"

#include <fmt/format.h>

#include <array>

namespace voicectl::simulator {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t id_max = 64;

Refusal require_string(const json::object& item, const std::string& path, std::string_view name) {
    const auto* value = item.if_contains(name);
    if (value == nullptr) return missing_parameter(below(path, name));
    return check_string(*value, below(path, name));
}

/// What a content part of that role may be, and the member that it must have.
Refusal check_part(const json::value& part, const std::string& path, std::string_view role) {
    static constexpr std::array user{"input_text"sv, "input_audio"sv, "input_image"sv};
    static constexpr std::array system{"input_text"sv};
    static constexpr std::array assistant{"output_text"sv};
    if (auto refused = check_object(part, path)) return refused;
    const auto& fields = part.get_object();
    const auto* type = fields.if_contains("type");
    if (type == nullptr) return missing_parameter(path + ".type");
    const Words allowed = role == "user" ? Words(user) : role == "system" ? Words(system) : Words(assistant);
    if (auto refused = check_one_of(*type, path + ".type", allowed)) return refused;
    const auto name = text_of(fields, "type");
    if (name == "input_audio") return require_string(fields, path, "audio");
    if (name == "input_image") return require_string(fields, path, "image_url");
    return require_string(fields, path, "text");
}

Refusal check_message(const json::object& item, const std::string& path) {
    static constexpr std::array roles{"user"sv, "assistant"sv, "system"sv};
    const auto* role = item.if_contains("role");
    if (role == nullptr) return missing_parameter(path + ".role");
    if (auto refused = check_one_of(*role, path + ".role", roles)) return refused;
    const auto* content = item.if_contains("content");
    if (content == nullptr) return missing_parameter(path + ".content");
    if (!content->is_array()) return invalid_type(path + ".content", "an array", *content);
    std::size_t index = 0;
    for (const auto& part : content->get_array())
        if (auto refused =
                check_part(part, fmt::format("{}.content[{}]", path, index++), text_of(item, "role")))
            return refused;
    return std::nullopt;
}

Refusal check_by_type(const json::object& item, const std::string& path) {
    static constexpr std::array types{"message"sv, "function_call"sv, "function_call_output"sv};
    const auto* type = item.if_contains("type");
    if (type == nullptr) return missing_parameter(path + ".type");
    if (auto refused = check_one_of(*type, path + ".type", types)) return refused;
    const auto name = text_of(item, "type");
    if (name == "message") return check_message(item, path);
    if (name == "function_call") {
        if (auto refused = require_string(item, path, "name")) return refused;
        return require_string(item, path, "arguments");
    }
    if (auto refused = require_string(item, path, "call_id")) return refused;
    return require_string(item, path, "output");
}

/// Audio is kept as a length only; the part shows a transcript instead, as the service shows it.
void take_audio(json::object& item, std::string& audio) {
    auto* content = item.if_contains("content");
    if (content == nullptr) return;
    for (auto& part : content->get_array()) {
        auto& fields = part.get_object();
        if (text_of(fields, "type") != "input_audio") continue;
        audio += text_of(fields, "audio");
        fields.erase("audio");
        if (!fields.contains("transcript")) fields["transcript"] = nullptr;
    }
}

}  // namespace

Refusal take_client_item(const json::value& value, const std::string& path, Item& item, std::string& audio) {
    static constexpr std::array known{"id"sv,      "object"sv,  "type"sv, "status"sv,    "role"sv,
                                      "content"sv, "call_id"sv, "name"sv, "arguments"sv, "output"sv};
    if (auto refused = check_object(value, path)) return refused;
    const auto& given = value.get_object();
    if (auto refused = check_by_type(given, path)) return refused;
    if (auto refused = check_keys(given, path, known)) return refused;
    const auto* id = given.if_contains("id");
    if (id != nullptr && !id->is_null()) {
        if (auto refused = check_string(*id, path + ".id")) return refused;
        if (id->get_string().empty() || id->get_string().size() > id_max)
            return invalid_value(path + ".id", fmt::format("An item's id has 1 to {} characters.", id_max));
    }
    const auto named = text_of(given, "id");
    item.wire = {{"id", named.empty() ? base::make_id("item_") : std::string(named)},
                 {"object", "realtime.item"}};
    item.wire["type"] = given.at("type");
    item.wire["status"] = "completed";
    for (const auto name : {"role"sv, "content"sv, "call_id"sv, "name"sv, "arguments"sv, "output"sv})
        if (const auto* field = given.if_contains(name)) item.wire[name] = *field;
    if (item.type() == "function_call" && !item.wire.contains("call_id"))
        item.wire["call_id"] = base::make_id("call_");
    take_audio(item.wire, audio);
    return std::nullopt;
}

}  // namespace voicectl::simulator
