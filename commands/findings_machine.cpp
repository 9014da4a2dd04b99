// SPDX-License-Identifier: Apache-2.0
#include "commands/findings.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <vector>

namespace voicectl::commands {
namespace {

namespace json = boost::json;
using config::Finding;
using config::Severity;

std::string message_of(const Finding& finding) {
    auto text =
        finding.subject.empty() ? finding.sentence : fmt::format("{}: {}", finding.subject, finding.sentence);
    if (finding.took) text += fmt::format(" ({} ms)", finding.took->count());
    return finding.fix.empty() ? text : fmt::format("{}. {}", text, finding.fix);
}

/// As the parts of a workflow command want it; a property's value must hide its separators too.
std::string github_escaped(std::string_view text, bool property) {
    std::string out;
    for (const char c : text) {
        const bool hidden = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
        out += hidden ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
    }
    return out;
}

/// A relative or absolute path as a URI reference (RFC 3986).
std::string uri_of(std::string_view path) {
    constexpr std::string_view plain = "-._~/";
    std::string out;
    for (const char c : path) {
        const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        out += alnum || plain.find(c) != std::string_view::npos
                   ? std::string(1, c)
                   : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

json::object rule(const config::CodeRow& row) {
    return {{"id", row.id},
            {"name", row.title},
            {"shortDescription", {{"text", row.title}}},
            {"fullDescription", {{"text", row.cause}}},
            {"help", {{"text", row.cure}}},
            {"defaultConfiguration", {{"level", name_of(row.severity)}}}};
}

json::object location(const Finding& finding) {
    json::object place;
    const auto& origin = finding.origin;
    if (origin.is_file() && origin.name != "<stdin>") {
        json::object physical{{"artifactLocation", {{"uri", uri_of(origin.name)}}}};
        if (origin.line != 0) {
            json::object region{{"startLine", origin.line},
                                {"startColumn", origin.column},
                                {"endColumn", origin.column + origin.length}};
            if (!finding.excerpt.empty()) region["snippet"] = {{"text", finding.excerpt}};
            physical["region"] = std::move(region);
        }
        place["physicalLocation"] = std::move(physical);
    }
    if (!finding.subject.empty())
        place["logicalLocations"] = json::array{json::object{{"fullyQualifiedName", finding.subject}}};
    return place;
}

json::object result(const Finding& finding) {
    const auto& row = config::row_of(finding.code);
    json::object object{{"ruleId", row.id},
                        {"ruleIndex", static_cast<std::size_t>(finding.code)},
                        {"level", name_of(row.severity)},
                        {"message", {{"text", message_of(finding)}}}};
    if (auto place = location(finding); !place.empty()) object["locations"] = json::array{std::move(place)};
    return object;
}

json::object finding_object(const Finding& finding) {
    const auto& row = config::row_of(finding.code);
    const auto& origin = finding.origin;
    json::object object{{"code", row.id},
                        {"severity", name_of(row.severity)},
                        {"layer", name_of(origin.layer)},
                        {"origin", origin.text()}};
    if (origin.is_file()) object["file"] = origin.name;
    if (origin.line != 0) {
        object["line"] = origin.line;
        object["column"] = origin.column;
        object["endColumn"] = origin.column + origin.length;
    }
    if (!finding.subject.empty()) object["key"] = finding.subject;
    object["message"] = finding.sentence;
    if (!finding.fix.empty()) object["fix"] = finding.fix;
    if (!finding.excerpt.empty()) object["excerpt"] = finding.excerpt;
    if (finding.took) object["ms"] = finding.took->count();
    return object;
}

}  // namespace

std::string findings_json(const config::Findings& findings, bool valid) {
    json::array list;
    for (const auto& finding : findings)
        list.push_back(finding_object(finding));
    return json::serialize(json::object{{"schema", "voicectl.validate-config.v1"},
                                        {"valid", valid},
                                        {"errors", count(findings, Severity::error)},
                                        {"warnings", count(findings, Severity::warning)},
                                        {"findings", std::move(list)}}) +
           "\n";
}

std::string findings_github(const config::Findings& findings) {
    std::string text;
    for (const auto& finding : findings) {
        const auto& row = config::row_of(finding.code);
        const auto& origin = finding.origin;
        std::vector<std::string> properties;
        if (origin.is_file()) properties.push_back("file=" + github_escaped(origin.name, true));
        if (origin.line != 0)
            properties.push_back(fmt::format("line={},col={},endColumn={}", origin.line, origin.column,
                                             origin.column + origin.length));
        properties.push_back("title=" + github_escaped(fmt::format("{} {}", row.id, row.title), true));
        text +=
            fmt::format("::{} {}::{}\n", row.severity == Severity::note ? "notice" : name_of(row.severity),
                        fmt::join(properties, ","), github_escaped(message_of(finding), false));
    }
    return text;
}

std::string findings_sarif(const config::Findings& findings) {
    json::array rules;
    for (const auto& row : config::codes())
        rules.push_back(rule(row));
    json::array results;
    for (const auto& finding : findings)
        results.push_back(result(finding));
    const json::object run{
        {"tool", {{"driver", {{"name", "voicectl"}, {"rules", std::move(rules)}}}}},
        {"columnKind", "unicodeCodePoints"},
        {"results", std::move(results)},
    };
    return json::serialize(json::object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                                        {"version", "2.1.0"},
                                        {"runs", json::array{run}}}) +
           "\n";
}

}  // namespace voicectl::commands
