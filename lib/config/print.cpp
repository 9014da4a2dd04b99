// SPDX-License-Identifier: Apache-2.0
#include "config/print.hpp"

#include "base/duration.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicectl::config {
namespace {

using std::chrono::milliseconds;

struct Literal {
    const Settings& settings;
    bool json;

    std::string operator()(std::string Settings::*field) const {
        return quoted(redacted_if_url(settings.*field));
    }
    std::string operator()(base::Secret Settings::*field) const {
        return (settings.*field).empty() ? quoted("") : quoted("[redacted]");
    }
    std::string operator()(ServiceUrl Settings::*field) const { return quoted((settings.*field).redacted()); }
    std::string operator()(FilePath Settings::*field) const { return quoted((settings.*field).path); }
    std::string operator()(int Settings::*field) const { return std::to_string(settings.*field); }
    std::string operator()(double Settings::*field) const { return fmt::format("{}", settings.*field); }
    std::string operator()(bool Settings::*field) const { return settings.*field ? "true" : "false"; }
    std::string operator()(milliseconds Settings::*field) const {
        const auto span = settings.*field;
        return json ? std::to_string(span.count()) : quoted(base::format_duration(span));
    }
    std::string operator()(std::vector<std::string> Settings::*field) const {
        std::vector<std::string> elements;
        for (const auto& element : settings.*field)
            elements.push_back(quoted(element));
        return fmt::format("[{}]", fmt::join(elements, ", "));
    }
    std::string operator()(std::vector<UpstreamKey> Settings::*field) const {
        const std::vector<std::string> elements((settings.*field).size(), quoted("[redacted]"));
        return fmt::format("[{}]", fmt::join(elements, ", "));
    }

    static std::string redacted_if_url(const std::string& text) {
        return text.find("://") == std::string::npos ? text : ServiceUrl{base::Secret(text)}.redacted();
    }
};

/// Whether a line of it can be read back: nothing was left out of it.
bool is_whole(const Settings& settings, const Row& row) {
    const auto* url = std::get_if<ServiceUrl Settings::*>(&row.field);
    if (url != nullptr) return (settings.**url).redacted() == (settings.**url).text.reveal();
    const auto* text = std::get_if<std::string Settings::*>(&row.field);
    if (text != nullptr) return Literal::redacted_if_url(settings.**text) == settings.**text;
    return !row.secret();
}

}  // namespace

std::string toml_value(const Settings& settings, const Row& row) {
    return std::visit(Literal{settings, false}, row.field);
}

std::string json_value(const Settings& settings, const Row& row) {
    return std::visit(Literal{settings, true}, row.field);
}

std::string print_toml(const Loaded& loaded, bool origins) {
    std::string text;
    std::string_view section;
    for (const auto& row : table()) {
        if (row.in_section() && row.section() != section) {
            section = row.section();
            text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
        }
        const auto value = toml_value(loaded.settings, row);
        const bool comment = value == "\"\"" || !is_whole(loaded.settings, row);
        auto line = fmt::format("{}{} = {}", comment ? "# " : "", row.name(), value);
        if (origins) {
            constexpr std::size_t column = 44;
            line.resize(std::max(line.size() + 2, column), ' ');
            const auto& origin = loaded.origins[index_of(row)];
            line += "# " + origin.text();
            if (origin.layer == Layer::environment) line += " " + origin.name;
        }
        text += line + "\n";
    }
    return text;
}

std::string print_json(const Loaded& loaded) {
    std::vector<std::string> entries;
    for (const auto& row : table()) {
        const auto& origin = loaded.origins[index_of(row)];
        auto entry = fmt::format(R"({{"key":{},"env":{},"value":{},"secret":{},"layer":{})", quoted(row.key),
                                 quoted(row.env), json_value(loaded.settings, row), row.secret(),
                                 quoted(name_of(origin.layer)));
        entry += fmt::format(R"(,"origin":{})", quoted(origin.text()));
        if (origin.line != 0) entry += fmt::format(R"(,"line":{},"column":{})", origin.line, origin.column);
        entries.push_back(entry + "}");
    }
    return fmt::format("{{\"schema\":\"voicectl.config.v1\",\"settings\":[\n{}\n]}}\n",
                       fmt::join(entries, ",\n"));
}

}  // namespace voicectl::config
