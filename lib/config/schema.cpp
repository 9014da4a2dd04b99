// SPDX-License-Identifier: Apache-2.0
#include "base/words.hpp"
#include "config/print.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

namespace voicectl::config {
namespace {

using std::chrono::milliseconds;

std::string enumeration(std::string_view choices, bool numbers) {
    std::vector<std::string> values;
    for (const auto word : base::words(choices))
        values.push_back(numbers ? std::string(word) : quoted(word));
    return fmt::format(R"("enum": [{}])", fmt::join(values, ", "));
}

std::string url_pattern(std::string_view schemes) {
    return fmt::format(R"("pattern": "^({}):")", fmt::join(base::words(schemes), "|"));
}

/// What the type of a row's field is in JSON Schema, without the braces.
struct Type {
    const Row& row;

    std::string text() const {
        std::string type = R"("type": "string")";
        if (row.rule == Rule::url) return type + ", " + url_pattern(row.choices);
        if (!row.choices.empty()) type += ", " + enumeration(row.choices, false);
        return type;
    }
    std::string operator()(std::string Settings::*) const { return text(); }
    std::string operator()(base::Secret Settings::*) const { return text() + R"(, "writeOnly": true)"; }
    std::string operator()(ServiceUrl Settings::*) const { return text(); }
    std::string operator()(FilePath Settings::*) const { return text(); }
    std::string operator()(bool Settings::*) const { return R"("type": "boolean")"; }
    std::string number() const {
        if (!row.choices.empty()) return R"("type": "integer", )" + enumeration(row.choices, true);
        return fmt::format(R"("type": "integer", "minimum": {}, "maximum": {})", row.min, row.max);
    }
    std::string operator()(int Settings::*) const { return number(); }
    std::string operator()(double Settings::*) const {
        return R"("type": "number", "minimum": 0, "maximum": 1)";
    }
    std::string operator()(milliseconds Settings::*) const {
        return fmt::format(R"("anyOf": [{{ {} }}, {{ "type": "string", "pattern": "^[0-9]+(ms|s|m|h)?$" }}])",
                           number());
    }
    std::string operator()(std::vector<std::string> Settings::*) const {
        return fmt::format(R"("type": "array", "items": {{ {} }})", text());
    }
    std::string operator()(std::vector<UpstreamKey> Settings::*) const {
        constexpr std::string_view number = R"({ "type": "integer", "minimum": 0, "maximum": 1000000000 })";
        return fmt::format(
            R"("type": "array", "writeOnly": true, "items": {{ "anyOf": [{{ "type": "string", "minLength": 1 }}, {{ "type": "object", )"
            R"("required": ["key"], "additionalProperties": false, "properties": {{ "key": {{ "type": "string", "minLength": 1 }}, )"
            R"("project": {{ "type": "string" }}, "weight": {{ "type": "integer", "minimum": 1, "maximum": 1000000000 }}, )"
            R"("requests_per_minute": {}, "tokens_per_minute": {} }} }}] }})",
            number, number);
    }
};

std::string property(const Row& row, std::string_view indent) {
    const Settings defaults;
    auto text = fmt::format("{}{}: {{ {}", indent, quoted(row.name()), std::visit(Type{row}, row.field));
    if (!row.default_text.empty()) text += fmt::format(R"(, "default": {})", toml_value(defaults, row));
    return text + fmt::format(R"(, "description": {} }})",
                              quoted(fmt::format("{}. In the environment: {}.", row.sentence, row.env)));
}

std::string section(std::string_view name) {
    std::vector<std::string> properties;
    for (const auto& row : table())
        if (row.in_section() && row.section() == name) properties.push_back(property(row, "        "));
    return fmt::format(
        "    {}: {{\n      \"type\": \"object\",\n      \"additionalProperties\": false,\n      "
        "\"properties\": "
        "{{\n{}\n      }}\n    }}",
        quoted(name), fmt::join(properties, ",\n"));
}

}  // namespace

std::string json_schema() {
    std::vector<std::string> properties;
    std::string_view last;
    for (const auto& row : table()) {
        if (!row.in_section()) {
            properties.push_back(property(row, "    "));
        } else if (row.section() != last) {
            last = row.section();
            properties.push_back(section(last));
        }
    }
    return fmt::format(
        "{{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": "
        "\"voicectl.toml\",\n"
        "  \"type\": \"object\",\n  \"additionalProperties\": false,\n  \"properties\": {{\n{}\n  }}\n}}\n",
        fmt::join(properties, ",\n"));
}

}  // namespace voicectl::config
