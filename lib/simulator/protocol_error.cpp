// SPDX-License-Identifier: Apache-2.0
#include "simulator/protocol_error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace voicectl::simulator {
namespace {

std::string_view kind_name(const json::value& value) noexcept {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "a boolean";
        case json::kind::int64:
        case json::kind::uint64:
            return "an integer";
        case json::kind::double_:
            return "a decimal";
        case json::kind::string:
            return "a string";
        case json::kind::array:
            return "an array";
        case json::kind::object:
            return "an object";
    }
    return "something else";
}

}  // namespace

std::string below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

ProtocolError missing_parameter(const std::string& path) {
    return {"missing_required_parameter", fmt::format("Missing required parameter: '{}'.", path), path};
}

ProtocolError invalid_type(const std::string& path, std::string_view expected, const json::value& got) {
    return {"invalid_type",
            fmt::format("Invalid type for '{}': expected {}, but got {} instead.", path, expected,
                        kind_name(got)),
            path};
}

ProtocolError invalid_value(const std::string& path, std::string message) {
    return {"invalid_value", std::move(message), path};
}

Refusal check_keys(const json::object& object, const std::string& path, Words known) {
    for (const auto& entry : object) {
        const std::string_view key(entry.key().data(), entry.key().size());
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        const auto where = below(path, key);
        return ProtocolError{"unknown_parameter", fmt::format("Unknown parameter: '{}'.", where), where};
    }
    return std::nullopt;
}

Refusal check_object(const json::value& value, const std::string& path) {
    if (value.is_object()) return std::nullopt;
    return invalid_type(path, "an object", value);
}

Refusal check_string(const json::value& value, const std::string& path) {
    if (value.is_string()) return std::nullopt;
    return invalid_type(path, "a string", value);
}

Refusal check_boolean(const json::value& value, const std::string& path) {
    if (value.is_bool()) return std::nullopt;
    return invalid_type(path, "a boolean", value);
}

Refusal check_one_of(const json::value& value, const std::string& path, Words allowed) {
    if (auto refused = check_string(value, path)) return refused;
    const auto& text = value.get_string();
    const std::string_view word(text.data(), text.size());
    if (std::find(allowed.begin(), allowed.end(), word) != allowed.end()) return std::nullopt;
    return invalid_value(path, fmt::format("Invalid value: '{}'. Supported values are: '{}'.", word,
                                           fmt::join(allowed, "', '")));
}

Refusal check_number(const json::value& value, const std::string& path, double least, double most) {
    if (!value.is_number()) return invalid_type(path, "a number", value);
    const auto number = value.to_number<double>();
    if (number >= least && number <= most) return std::nullopt;
    return invalid_value(path, fmt::format("Invalid value: {} for '{}'. It must be from {} to {}.", number,
                                           path, least, most));
}

Refusal check_integer(const json::value& value, const std::string& path, std::int64_t least,
                      std::int64_t most) {
    // A whole number that was written with a point is one too.
    const bool whole = value.is_int64() || value.is_uint64() ||
                       (value.is_double() && std::trunc(value.get_double()) == value.get_double());
    if (!whole) return invalid_type(path, "an integer", value);
    const auto number = value.to_number<double>();
    if (number >= static_cast<double>(least) && number <= static_cast<double>(most)) return std::nullopt;
    return invalid_value(path, fmt::format("Invalid value: {} for '{}'. It must be from {} to {}.", number,
                                           path, least, most));
}

std::string_view text_of(const json::object& object, std::string_view name) noexcept {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

const json::value& member(const json::object& object, std::string_view name) noexcept {
    static const json::value null;
    const auto* value = object.if_contains(name);
    return value == nullptr ? null : *value;
}

}  // namespace voicectl::simulator
