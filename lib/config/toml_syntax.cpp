// SPDX-License-Identifier: Apache-2.0
#include "config/toml_syntax.hpp"

#include "config/mask.hpp"
#include "config/table.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace voicectl::config {
namespace {

/// More than that is no configuration with slips in it, but something else.
constexpr int errors_max = 20;

/// The bare key before the = of a line; empty where there is none.
std::string_view key_of(std::string_view line) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return {};
    const auto key = trim(line.substr(0, equals));
    const bool bare = std::ranges::all_of(key, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
    });
    return bare ? key : std::string_view();
}

bool is_header(std::string_view line) {
    line = trim(line);
    return line.starts_with('[') && line.find_first_of("\"'=,") == std::string_view::npos;
}

/// The row that a line of the file sets, by the section it stands in.
const Row* row_at(const LinedText& lines, unsigned number) {
    const auto key = key_of(lines.line(number));
    if (key.empty()) return nullptr;
    for (auto above = number - 1; above > 0; --above) {
        const auto line = trim(lines.line(above));
        if (!is_header(line)) continue;
        const auto section = trim(line.substr(1, line.find(']') - 1));
        return find_key(fmt::format("{}.{}", section, key));
    }
    return find_key(key);
}

std::size_t count_of(std::string_view text, std::string_view part) noexcept {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

/// Whether the line may be a part of a text or a list that begins above it, whatever it looks like.
bool may_be_inside(const LinedText& lines, unsigned number) {
    std::size_t quotes = 0;
    std::size_t apostrophes = 0;
    std::string_view above;
    for (unsigned line = 1; line < number; ++line) {
        quotes += count_of(lines.line(line), "\"\"\"");
        apostrophes += count_of(lines.line(line), "'''");
        if (const auto text = trim(lines.line(line)); !text.empty() && text[0] != '#') above = text;
    }
    return quotes % 2 != 0 || apostrophes % 2 != 0 || above.ends_with('[') || above.ends_with(',');
}

/// A line with an error in it may hold a secret anywhere: only what a known setting stands for is shown.
std::string excerpt_of(const LinedText& lines, unsigned number) {
    const auto line = lines.line(number);
    if (may_be_inside(lines, number)) return {};
    if (is_header(line)) return std::string(line);
    const auto* row = row_at(lines, number);
    if (row == nullptr) return {};
    if (!may_hold_password(*row, line)) return masked(line);
    return redacted_value(line, 1);
}

/// What toml++ quotes of the text may be part of a secret.
std::string sentence_of(std::string_view description, bool may_quote) {
    constexpr std::string_view preamble = "Error while parsing ";
    if (description.starts_with(preamble)) description.remove_prefix(preamble.size());
    if (may_quote) return std::string(description);
    auto text = std::string(description.substr(0, description.find(", saw ")));
    const auto first = text.find('\'');
    const auto last = text.rfind('\'');
    if (first != last) text.replace(first, last - first + 1, "what stands here");
    return text;
}

/// Whether a line is wrong by itself: what follows it can be read without it.
bool stands_alone(std::string_view line) {
    if (key_of(line).empty()) return false;
    const auto value = line.substr(line.find('=') + 1);
    return value.find("\"\"\"") == std::string_view::npos && value.find("'''") == std::string_view::npos &&
           std::ranges::count(value, '[') == std::ranges::count(value, ']') &&
           std::ranges::count(value, '{') == std::ranges::count(value, '}');
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& file, Findings& findings) {
    const LinedText lines(text);
    std::string readable(text);
    for (int errors = 0; errors < errors_max; ++errors) {
        try {
            return toml::parse(readable);
        } catch (const toml::parse_error& error) {
            // What was cut short may have no end any more, which is not the file's fault.
            if (readable.size() < text.size()) return {};
            const auto at = error.source().begin;
            const auto number = std::min<unsigned>(at.line, lines.line_count());
            auto excerpt = excerpt_of(lines, number);
            const auto line = lines.line(number);
            findings.push_back({Code::toml_syntax, Origin(Layer::toml, file, number, at.column), "",
                                sentence_of(error.description(), excerpt == line), "", std::move(excerpt)});
            const auto start = lines.start_of(number);
            if (stands_alone(line) && readable.compare(start, line.size(), line) == 0)
                readable.replace(start, line.size(), line.size(), ' ');
            else
                readable.resize(start);
        }
    }
    return {};
}

}  // namespace voicectl::config
