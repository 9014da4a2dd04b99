// SPDX-License-Identifier: Apache-2.0
#include "config/given.hpp"

#include "base/duration.hpp"
#include "base/json_text.hpp"
#include "base/number.hpp"
#include "base/words.hpp"
#include "config/address.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicectl::config {
namespace {

using std::chrono::milliseconds;

std::optional<Judgement> check_characters(const Row& row, std::string_view text) {
    if (!base::is_utf8(text))
        return Judgement{Code::forbidden_character, "the value is not UTF-8", "write it in UTF-8"};
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    const bool header = row.rule == Rule::header;
    const bool prose = row.env == "VOICE_INSTRUCTIONS";
    const auto* const bad = std::ranges::find_if(text, [&](char c) {
        return (is_control(c) && !(prose && (c == '\n' || c == '\t'))) ||
               (header && static_cast<unsigned char>(c) >= 0x7f);
    });
    if (bad == text.end() && !(header && trim(text).size() != text.size())) return std::nullopt;
    return Judgement{
        Code::forbidden_character,
        bad == text.end() || *bad == ' '
            ? std::string("a blank stands at an end of the value")
            : fmt::format("character {} of the value, {}, cannot be part of it",
                          code_points(text.substr(0, static_cast<std::size_t>(bad - text.begin()))) + 1,
                          *bad == '\n'       ? "a line end"
                          : is_control(*bad) ? "a control character"
                                             : "not of ASCII"),
        "take it out"};
}

std::optional<Judgement> check_rule(const Row& row, std::string_view text) {
    if (auto wrong = check_characters(row, text)) return wrong;
    std::string why;
    switch (row.rule) {
        case Rule::any:
        case Rule::header:
            if (!row.choices.empty() && !base::has_word(row.choices, text))
                return Judgement{Code::not_a_choice,
                                 fmt::format("'{}' is not one of {}", shown(text), alternatives(row.choices)),
                                 fmt::format("use {}", alternatives(row.choices))};
            return std::nullopt;
        case Rule::url:
            why = what_is_wrong_with_url(text, row.choices, row.secret());
            break;
        case Rule::origin:
            why = what_is_wrong_with_origin(text);
            break;
        case Rule::address:
            why = what_is_wrong_with_address(text);
            break;
        case Rule::network:
            why = what_is_wrong_with_network(text);
            break;
    }
    if (why.empty()) return std::nullopt;
    const auto example = row.example.empty() ? row.default_text : row.example;
    return Judgement{Code::malformed, std::move(why), fmt::format("write it like {}", example)};
}

std::optional<Judgement> check_range(const Row& row, std::int64_t value, std::string_view text,
                                     bool is_duration) {
    const auto in_words = [&](std::int64_t number) {
        return is_duration ? base::format_duration(milliseconds(number)) : std::to_string(number);
    };
    const auto unit = row.unit.empty() ? std::string() : fmt::format(" {}", row.unit);
    if (value < row.min || value > row.max)
        return Judgement{
            Code::out_of_range,
            fmt::format("{} is outside {} to {}{}", shown(text), in_words(row.min), in_words(row.max), unit),
            fmt::format("choose a value from {} to {}{}", in_words(row.min), in_words(row.max), unit)};
    if (!row.choices.empty() && !base::has_word(row.choices, std::to_string(value)))
        return Judgement{Code::not_a_choice,
                         fmt::format("{} is not one of {}", shown(text), alternatives(row.choices)),
                         fmt::format("use {}", alternatives(row.choices))};
    return std::nullopt;
}

/// Writes one value into the field of its type.
struct Assign {
    Settings& settings;
    const Given& given;
    const Row& row = *given.row;

    const std::string& text() const { return std::get<std::string>(given.value); }

    std::optional<Judgement> operator()(std::string Settings::*field) const {
        if (auto wrong = check_rule(row, text())) return wrong;
        settings.*field = text();
        return std::nullopt;
    }
    std::optional<Judgement> operator()(base::Secret Settings::*field) const {
        if (auto wrong = check_rule(row, text())) return wrong;
        settings.*field = base::Secret(text());
        return std::nullopt;
    }
    std::optional<Judgement> operator()(ServiceUrl Settings::*field) const {
        if (auto wrong = check_rule(row, text())) return wrong;
        (settings.*field).text = base::Secret(text());
        return std::nullopt;
    }
    std::optional<Judgement> operator()(FilePath Settings::*field) const {
        if (auto wrong = check_rule(row, text())) return wrong;
        (settings.*field).path = text();
        return std::nullopt;
    }
    std::optional<Judgement> operator()(int Settings::*field) const {
        const auto value = base::parse_number<std::int64_t>(text());
        if (!value)
            return Judgement{Code::not_of_type,
                             fmt::format("'{}' is not a whole decimal number", shown(text())),
                             fmt::format("write a number such as {}", row.default_text)};
        // Any free port is for tests and trials: a flag may ask for it, a file may not.
        const bool free_port = *value == 0 && row.env.ends_with("_PORT") && given.origin.layer == Layer::flag;
        if (!free_port)
            if (auto wrong = check_range(row, *value, text(), false)) return wrong;
        settings.*field = static_cast<int>(*value);
        return std::nullopt;
    }
    std::optional<Judgement> operator()(double Settings::*field) const {
        const auto value = base::parse_number<double>(text());
        if (!value)
            return Judgement{Code::not_of_type, fmt::format("'{}' is not a decimal number", shown(text())),
                             fmt::format("write a number such as {}", row.default_text)};
        if (!(*value >= 0 && *value <= 1))
            return Judgement{Code::out_of_range, fmt::format("{} is outside 0 to 1", shown(text())),
                             "choose a value from 0 to 1"};
        settings.*field = *value;
        return std::nullopt;
    }
    std::optional<Judgement> operator()(bool Settings::*field) const {
        const bool yes = base::has_word("true 1 yes on", text());
        if (!yes && !base::has_word("false 0 no off", text()))
            return Judgement{Code::not_of_type, fmt::format("'{}' is neither true nor false", shown(text())),
                             "write true or false"};
        settings.*field = yes;
        return std::nullopt;
    }
    std::optional<Judgement> operator()(milliseconds Settings::*field) const {
        const auto value = base::parse_duration(text());
        if (!value)
            return Judgement{
                Code::not_of_type,
                fmt::format("'{}' is not a duration such as 300ms, 30s, 5m or 1h", shown(text())),
                fmt::format("write one such as {}", row.default_text)};
        if (auto wrong = check_range(row, value->count(), text(), true)) return wrong;
        settings.*field = *value;
        return std::nullopt;
    }
    std::optional<Judgement> operator()(List Settings::*field) const {
        const auto* list = std::get_if<List>(&given.value);
        auto elements = list != nullptr ? *list : split_list(text());
        for (const auto& element : elements)
            if (auto wrong = check_rule(row, element)) return wrong;
        settings.*field = std::move(elements);
        return std::nullopt;
    }
    std::optional<Judgement> operator()(Keys Settings::*field) const {
        Keys keys;
        if (const auto* tables = std::get_if<Keys>(&given.value)) keys = *tables;
        if (const auto* list = std::get_if<std::string>(&given.value))
            for (auto& element : split_list(*list))
                keys.push_back({base::Secret(std::move(element)), {}});
        for (const auto& [key, project, weight, requests, tokens] : keys) {
            if (auto wrong = check_rule(row, key.reveal())) return wrong;
            if (auto wrong = check_rule(row, project)) return wrong;
        }
        settings.*field = std::move(keys);
        return std::nullopt;
    }
};

struct TypeName {
    const Row& row;

    std::string operator()(std::string Settings::*) const { return "text in quotes"; }
    std::string operator()(base::Secret Settings::*) const { return "text in quotes"; }
    std::string operator()(ServiceUrl Settings::*) const { return "a URL in quotes"; }
    std::string operator()(FilePath Settings::*) const { return "a path in quotes"; }
    std::string operator()(int Settings::*) const { return "a whole number"; }
    std::string operator()(double Settings::*) const { return "a number from 0 to 1"; }
    std::string operator()(bool Settings::*) const { return "true or false"; }
    std::string operator()(milliseconds Settings::*) const {
        return "a number of milliseconds, or a duration in quotes such as \"5m\"";
    }
    std::string operator()(List Settings::*) const { return "a list of texts in brackets"; }
    std::string operator()(Keys Settings::*) const { return "a list of keys, or a table for each"; }
};

}  // namespace

std::optional<Judgement> assign(Settings& settings, const Given& given) {
    return std::visit(Assign{settings, given}, given.row->field);
}

Finding to_finding(const Given& given, Judgement judgement) {
    return {judgement.code,           given.origin, given.subject, std::move(judgement.sentence),
            std::move(judgement.fix), given.excerpt};
}

std::string type_name(const Row& row) {
    return std::visit(TypeName{row}, row.field);
}

List split_list(std::string_view text) {
    List list;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        if (const auto element = trim(text.substr(0, comma)); !element.empty()) list.emplace_back(element);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return list;
}

}  // namespace voicectl::config
