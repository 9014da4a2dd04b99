// SPDX-License-Identifier: Apache-2.0
#include "base/duration.hpp"
#include "base/words.hpp"
#include "config/given.hpp"
#include "config/print.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

namespace voicectl::config {
namespace {

/// `text` in comment lines of a page's width.
std::string comment(std::string_view text) {
    constexpr std::size_t width = 100;
    constexpr std::string_view start = "# ";
    return std::string(start) + base::wrapped(text, start, start.size(), width) + "\n";
}

std::string explanation(const Row& row) {
    auto text = comment(fmt::format("{}.", row.sentence));
    if (const auto values = values_of(row); !values.empty())
        text += comment(fmt::format("Takes {}.", values));
    return text;
}

std::string heading(std::string_view section) {
    return fmt::format("\n# --- {} ", section) + std::string(90 - section.size(), '-') + "\n";
}

}  // namespace

std::string sample_value(const Row& row, bool toml) {
    const Settings defaults;
    const auto value = toml_value(defaults, row);
    if (row.is_list() && toml && !row.example.empty())
        return fmt::format("[\"{}\"]", fmt::join(split_list(row.example), "\", \""));
    if (row.is_list() && toml) return value;
    const auto text = row.default_text.empty() ? row.example : row.default_text;
    if (!toml) return std::string(text);
    return row.default_text.empty() ? fmt::format("\"{}\"", text) : value;
}

std::string values_of(const Row& row) {
    const bool duration = std::holds_alternative<std::chrono::milliseconds Settings::*>(row.field);
    const auto unit = row.unit.empty() ? std::string() : fmt::format(" {}", row.unit);
    if (row.rule == Rule::url) return fmt::format("a URL of {}", alternatives(row.choices));
    if (!row.choices.empty()) return alternatives(row.choices) + (duration ? " ms" : unit);
    if (duration) {
        using std::chrono::milliseconds;
        return fmt::format("{} to {}", base::format_duration(milliseconds(row.min)),
                           base::format_duration(milliseconds(row.max)));
    }
    if (std::holds_alternative<int Settings::*>(row.field))
        return fmt::format("{} to {}{}", row.min, row.max, unit);
    if (std::holds_alternative<double Settings::*>(row.field)) return "0 to 1";
    if (std::holds_alternative<bool Settings::*>(row.field)) return "true or false";
    switch (row.rule) {
        case Rule::origin:
            return "a list of scheme://host[:port], or *";
        case Rule::address:
            return "an IPv4 or IPv6 address";
        case Rule::network:
            return "a list of addresses and networks";
        default:
            return row.is_path() ? "a path" : row.is_list() ? "a list" : "";
    }
}

std::string toml_template() {
    std::string text =
        "# Settings of voicectl. Each is a comment with its default, or with an example where there is none: "
        "take\n"
        "# the # away to change it. Flags, --set and the environment win over this file; voicectl.toml(5).\n"
        "# Made by: voicectl validate-config --print-toml-template\n\n";
    std::string_view section;
    for (const auto& row : table()) {
        if (row.in_section() && row.section() != section) {
            section = row.section();
            text += fmt::format("\n[{}]\n", section);
        }
        text += explanation(row) + comment(fmt::format("In the environment: {}", row.env));
        text += fmt::format("#{} = {}\n\n", row.name(), sample_value(row, true));
    }
    text.pop_back();
    return text;
}

std::string env_template() {
    std::string text =
        "# Settings of voicectl as environment variables. Each is a comment with its default, or with an "
        "example\n"
        "# where there is none: take the # away to change it. For --env-file, or as ./.env; NAME_FILE in "
        "place of NAME\n"
        "# reads the value from that file.\n"
        "# Made by: voicectl validate-config --print-env-template\n";
    std::string_view section;
    for (const auto& row : table()) {
        if (row.in_section() && row.section() != section) {
            section = row.section();
            text += heading(section);
        }
        text += "\n" + explanation(row) + fmt::format("#{}={}\n", row.env, sample_value(row, false));
    }
    return text;
}

}  // namespace voicectl::config
