// SPDX-License-Identifier: Apache-2.0
#include "commands/findings.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicectl::commands {
namespace {

using config::Finding;
using config::Severity;

/// A line of a file this long is no longer something to look at.
constexpr std::size_t excerpt_bytes_max = 400;

class Paint {
 public:
    explicit Paint(bool colour) : colour_(colour) {}

    std::string operator()(std::string_view codes, std::string_view text) const {
        return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", codes, text) : std::string(text);
    }
    std::string severity(Severity severity, std::string_view text) const {
        return (*this)(severity == Severity::error     ? "1;31"
                       : severity == Severity::warning ? "1;33"
                                                       : "1;36",
                       text);
    }

 private:
    bool colour_;
};

/// The line, and a caret below what is meant.
std::string excerpt(const Finding& finding, const Paint& paint) {
    const auto& origin = finding.origin;
    if (finding.excerpt.empty() || origin.line == 0 || finding.excerpt.size() > excerpt_bytes_max) return {};
    const auto number = std::to_string(origin.line);
    // A tab stays one in the line below, so that the caret stands where it should.
    std::string indent;
    unsigned column = 1;
    for (const char c : finding.excerpt) {
        if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80U) continue;
        if (column++ == origin.column) break;
        indent += c == '\t' ? '\t' : ' ';
    }
    const auto left = config::code_points(finding.excerpt) -
                      std::min(config::code_points(finding.excerpt), origin.column - 1);
    const auto marks = std::max(1U, std::min(origin.length, left));
    return fmt::format("  {} {} {}\n  {} {} {}{}\n", paint("2", number), paint("2", "|"), finding.excerpt,
                       std::string(number.size(), ' '), paint("2", "|"), indent,
                       paint.severity(finding.severity(), std::string(marks, '^')));
}

std::string one(const Finding& finding, const Paint& paint) {
    const auto& row = config::row_of(finding.code);
    const bool nowhere = finding.origin.layer == config::Layer::standard;
    const auto place = nowhere ? std::string("configuration") : finding.origin.text();
    const auto label = fmt::format("{}[{}]", name_of(row.severity), row.id);
    auto text = fmt::format("{}: {}: ", paint("1", place), paint.severity(row.severity, label));
    if (!finding.subject.empty() && !place.ends_with(finding.subject))
        text += fmt::format("{}: ", finding.subject);
    text += finding.sentence;
    if (finding.took) text += fmt::format(" ({} ms)", finding.took->count());
    text += "\n" + excerpt(finding, paint);
    if (!finding.fix.empty()) text += fmt::format("  {} {}\n", paint("1", "fix:"), finding.fix);
    return text;
}

std::string counted(std::size_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

}  // namespace

std::string findings_text(const config::Findings& findings, bool colour) {
    std::string text;
    for (const auto& finding : findings)
        text += one(finding, Paint(colour));
    return text;
}

std::string findings_text(const config::Findings& findings, Severity severity, bool colour) {
    std::string text;
    for (const auto& finding : findings)
        if (finding.severity() == severity) text += one(finding, Paint(colour));
    return text;
}

std::string count_text(const config::Findings& findings) {
    const auto errors = count(findings, Severity::error);
    const auto warnings = count(findings, Severity::warning);
    if (errors == 0) return warnings == 0 ? "nothing to complain about" : counted(warnings, "warning");
    return counted(errors, "error") + (warnings == 0 ? "" : ", " + counted(warnings, "warning"));
}

}  // namespace voicectl::commands
