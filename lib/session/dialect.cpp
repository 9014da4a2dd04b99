// SPDX-License-Identifier: Apache-2.0
#include "session/dialect.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace voicectl::session {
namespace {

namespace json = boost::json;
using base::Errc;
using base::fail;

base::Error unknown(std::string_view what, std::string_view got) {
    return fail(Errc::malformed, "{} '{}' is not known", what, got.substr(0, 64));
}

/// A string member; absent reads as empty, another type is an error.
base::Result<std::string> text_member(const json::object& object, std::string_view name,
                                      std::size_t bytes_max = text_bytes_max) {
    const auto found = object.find(name);
    if (found == object.end() || found->value().is_null()) return std::string();
    if (!found->value().is_string()) return fail(Errc::malformed, "'{}' must be a string", name);
    const auto& text = found->value().get_string();
    if (text.size() > bytes_max) return fail(Errc::malformed, "'{}' is over {} bytes", name, bytes_max);
    return std::string(text);
}

base::Result<std::string> required_text(const json::object& object, std::string_view name) {
    auto text = text_member(object, name);
    if (text && text->empty()) return fail(Errc::malformed, "'{}' is missing or empty", name);
    return text;
}

base::Result<ClientMessage> parse_control(const json::object& object) {
    auto action = required_text(object, "action");
    if (!action) return action.error();
    if (*action == "stop_recording") return ClientMessage(StopRecording{});
    if (*action == "clear_session") return ClientMessage(ClearSession{});
    if (*action == "interrupt_tts") return ClientMessage(InterruptReply{});
    if (*action != "start_recording") return unknown("action", *action);
    StartRecording start;
    const auto params = object.find("params");
    if (params == object.end() || params->value().is_null()) return ClientMessage(std::move(start));
    if (!params->value().is_object()) return fail(Errc::malformed, "'params' must be an object");
    struct Field {
        std::string_view name;
        std::string StartRecording::*member;
    };
    for (const auto& [name, member] :
         {Field{"voice", &StartRecording::voice}, Field{"instructions", &StartRecording::instructions},
          Field{"language", &StartRecording::language}}) {
        auto value = text_member(params->value().get_object(), name);
        if (!value) return value.error();
        start.*member = std::move(*value);
    }
    return ClientMessage(std::move(start));
}

base::Result<ClientMessage> parse_text_input(const json::object& object) {
    auto text = required_text(object, "text");
    if (!text) return text.error();
    auto language = text_member(object, "language");
    if (!language) return language.error();
    return ClientMessage(TextInput{std::move(*text), std::move(*language)});
}

base::Result<ClientMessage> parse_voice_command(const json::object& object) {
    auto command = required_text(object, "command");
    if (!command) return command.error();
    return ClientMessage(TextInput{std::move(*command), {}});
}

base::Result<ClientMessage> parse_tool_result(const json::object& object) {
    auto call_id = required_text(object, "callId");
    if (!call_id) return call_id.error();
    const auto found = object.find("output");
    if (found == object.end()) return fail(Errc::malformed, "'output' is missing");
    const auto& output = found->value();
    auto text = output.is_string() ? std::string(output.get_string()) : json::serialize(output);
    return ClientMessage(ToolResult{std::move(*call_id), std::move(text)});
}

base::Result<ClientMessage> parse_playback(const json::object& object) {
    auto item_id = required_text(object, "itemId");
    if (!item_id) return item_id.error();
    const auto played = object.find("playedMs");
    if (played == object.end() || !played->value().is_number())
        return fail(Errc::malformed, "'playedMs' must be a number");
    const auto& value = played->value();
    const double ms = value.is_int64()    ? static_cast<double>(value.get_int64())
                      : value.is_double() ? value.get_double()
                                          : -1.0;
    if (!(ms >= 0) || ms > 86'400'000) return fail(Errc::malformed, "'playedMs' must be from 0 to 86400000");
    return ClientMessage(PlaybackReport{std::move(*item_id), static_cast<std::int64_t>(ms)});
}

base::Result<ClientMessage> parse_ping(const json::object& object) {
    const auto id = object.find("id");
    if (id == object.end()) return ClientMessage(Ping{});
    if (!id->value().is_string() && !id->value().is_number())
        return fail(Errc::malformed, "'id' must be a string or a number");
    if (id->value().is_double() && !std::isfinite(id->value().get_double()))
        return fail(Errc::malformed, "'id' is beyond the range of numbers");
    auto text = json::serialize(id->value());
    if (text.size() > 256) return fail(Errc::malformed, "'id' is over 256 bytes");
    return ClientMessage(Ping{std::move(text)});
}

struct ParseRow {
    std::string_view type;
    base::Result<ClientMessage> (*parse)(const json::object&);
};

constexpr std::array parse_rows{
    ParseRow{"control", parse_control},
    ParseRow{"text_input", parse_text_input},
    ParseRow{"voice_command", parse_voice_command},
    ParseRow{"tool_result", parse_tool_result},
    ParseRow{"playback", parse_playback},
    ParseRow{"ping", parse_ping},
};

}  // namespace

base::Result<ClientMessage> parse_client_message(std::string_view text) {
    json::parse_options options;
    options.max_depth = json_depth_max;
    boost::system::error_code ec;
    const auto value = json::parse(text, ec, {}, options);
    if (ec) return fail(Errc::malformed, "the message is not JSON: {}", ec.message());
    if (!value.is_object()) return fail(Errc::malformed, "the message is not a JSON object");
    const auto& object = value.get_object();
    auto type = required_text(object, "type");
    if (!type) return type.error();
    const auto* row = std::ranges::find(parse_rows, *type, &ParseRow::type);
    if (row == parse_rows.end()) return unknown("message type", *type);
    return row->parse(object);
}

}  // namespace voicectl::session
