// SPDX-License-Identifier: Apache-2.0
#include "commands/event_lines.hpp"

#include "commands/json_line.hpp"
#include "commands/report.hpp"

#include <boost/json.hpp>

#include <array>

namespace voicectl::commands {
namespace {

namespace json = boost::json;

/// The member, wherever the event keeps it: beside its type or in `data`.
const json::value* member(const client::Event& event, std::string_view name) {
    if (const auto* value = event.if_contains(name)) return value;
    const auto* data = event.if_contains("data");
    return data != nullptr && data->is_object() ? data->get_object().if_contains(name) : nullptr;
}

/// What a person wants to see of an event, in the order of the rows.
std::string gist(const client::Event& event) {
    struct Part {
        std::string_view name;
        std::string_view label;
        std::string_view unit;
    };
    constexpr std::array parts{
        Part{"sessionId", "", ""},      Part{"codec", "", ""},       Part{"rate", "", " Hz"},
        Part{"upstream", "model ", ""}, Part{"code", "", ""},        Part{"message", "", ""},
        Part{"atMs", "at ", " ms"},     Part{"name", "", ""},        Part{"arguments", "", ""},
        Part{"status", "", ""},         Part{"text", "", ""},        Part{"playedMs", "heard ", " ms"},
        Part{"reason", "", ""},         Part{"level", "level ", ""},
    };
    std::string line;
    for (const auto& [name, label, unit] : parts) {
        const auto* value = member(event, name);
        if (value == nullptr) continue;
        if (!line.empty()) line += "  ";
        line += fmt::format("{}{}{}", label,
                            value->is_string() ? std::string(value->get_string()) : json_line(*value), unit);
    }
    if (const auto* latency = member(event, "latency"); latency != nullptr && latency->is_object())
        if (const auto* first = latency->get_object().if_contains("firstTokenMs"))
            line += fmt::format("  first token {} ms", json_line(*first));
    return line;
}

std::string_view colour_of(std::string_view type) {
    if (type == "error") return "\x1b[31m";
    if (type == "final_asr" || type == "partial_asr") return "\x1b[36m";
    if (type == "agent_delta" || type == "agent_final") return "\x1b[32m";
    return "\x1b[2m";
}

/// What a peer sends must not drive the terminal.
std::string harmless(std::string text) {
    for (auto& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    return text;
}

}  // namespace

EventLines::EventLines(const Globals& globals)
    : format_(globals.format == "json"    ? Format::json
              : globals.format == "jsonl" ? Format::jsonl
                                          : Format::text),
      show_vad_(globals.verbose),
      colour_(colourful(STDOUT_FILENO)) {}

void EventLines::on_event(std::chrono::microseconds at, const client::Event& event) {
    const double ms = static_cast<double>(at.count()) / 1000.0;
    if (format_ != Format::text) {
        json::object line{{"atMs", ms}};
        for (const auto& [name, value] : event)
            line[name] = value;
        if (format_ == Format::json)
            events_.push_back(std::move(line));
        else
            print_or_leave(json_line(line) + "\n");
        return;
    }
    const std::string type(event.at("type").as_string());
    if (type == "vad" && !show_vad_) return;
    const auto name = harmless(type);
    print_or_leave(fmt::format("{:9.3f} s  {}{:<15}{}  {}\n", ms / 1000.0, colour_ ? colour_of(type) : "",
                               name, colour_ ? "\x1b[0m" : "", harmless(gist(event))));
}

void EventLines::finish(const json::object& summary) {
    if (format_ == Format::jsonl) {
        json::object line{{"type", "summary"}};
        for (const auto& [name, value] : summary)
            line[name] = value;
        print_or_leave(json_line(line) + "\n");
    }
    if (format_ != Format::json) return;
    const json::object document{
        {"schema", "voicectl.replay-audio.v1"}, {"events", std::move(events_)}, {"summary", summary}};
    print_or_leave(json_line(document) + "\n");
}

}  // namespace voicectl::commands
