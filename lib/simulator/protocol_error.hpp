// SPDX-License-Identifier: Apache-2.0
// What an `error` event says, and the checks of client events that end in one. A path is written as the
// service writes it: "session.audio.input.format", "item.content[0].type". Pure functions.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace voicectl::simulator {

namespace json = boost::json;

struct ProtocolError {
    std::string code;
    std::string message;
    std::string param;  ///< empty is sent as null
    std::string type = "invalid_request_error";
};

/// Nothing, or why the event is refused.
using Refusal = std::optional<ProtocolError>;

using Words = std::span<const std::string_view>;

ProtocolError missing_parameter(const std::string& path);
ProtocolError invalid_type(const std::string& path, std::string_view expected, const json::value& got);
ProtocolError invalid_value(const std::string& path, std::string message);

/// Refuses keys that are not among `known`.
Refusal check_keys(const json::object& object, const std::string& path, Words known);
Refusal check_object(const json::value& value, const std::string& path);
Refusal check_string(const json::value& value, const std::string& path);
Refusal check_boolean(const json::value& value, const std::string& path);
Refusal check_one_of(const json::value& value, const std::string& path, Words allowed);
/// Any JSON number between the bounds.
Refusal check_number(const json::value& value, const std::string& path, double least, double most);
/// A whole number between the bounds.
Refusal check_integer(const json::value& value, const std::string& path, std::int64_t least,
                      std::int64_t most);

/// The string member of that name, or empty.
std::string_view text_of(const json::object& object, std::string_view name) noexcept;
/// The member, or null where it is absent.
const json::value& member(const json::object& object, std::string_view name) noexcept;
/// `name` below `path`; a top-level name where the path is empty.
std::string below(const std::string& path, std::string_view name);

}  // namespace voicectl::simulator
