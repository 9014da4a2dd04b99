// SPDX-License-Identifier: Apache-2.0
#include "config/mask.hpp"

#include "base/json_text.hpp"
#include "config/address.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <vector>

namespace voicectl::config {
namespace {

constexpr auto nowhere = std::string_view::npos;
constexpr std::string_view mask = "[redacted]";

/// Behind `NAME =`, where `name` is found in the text with an = behind it.
std::size_t value_behind(std::string_view text, std::string_view name) noexcept {
    for (auto at = text.find(name); at != nowhere; at = text.find(name, at + 1)) {
        auto end = text.find_first_not_of(" \t\"'", at + name.size());
        if (end == nowhere || (text[end] != '=' && text[end] != ':')) continue;
        end = text.find_first_not_of(" \t", end + 1);
        return end == nowhere ? text.size() : end;
    }
    return nowhere;
}

/// Whether a setting that is no secret has that name too, in another section.
bool is_common(std::string_view name) noexcept {
    return std::ranges::any_of(table(), [&](const Row& row) { return !row.secret() && row.name() == name; });
}

/// What secret settings, and they alone, are called in either form.
std::vector<std::string_view> names_of_secrets() {
    std::vector<std::string_view> names;
    for (const auto& row : table()) {
        if (!row.secret()) continue;
        names.push_back(row.env);
        if (!is_common(row.name())) names.push_back(row.name());
    }
    return names;
}

/// A key of OpenAI's, wherever it stands.
std::size_t key_in(std::string_view text) noexcept {
    constexpr std::string_view start = "sk-";
    constexpr std::size_t length_min = 16;
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    for (auto at = text.find(start); at != nowhere; at = text.find(start, at + 1)) {
        const auto end = std::min(text.find_first_not_of(letters, at), text.size());
        if (end - at >= length_min) return at + start.size();
    }
    return nowhere;
}

/// Where the first secret begins; the end if there is none.
std::size_t secret_in(std::string_view text) noexcept {
    auto first = std::min(text.size(), key_in(text));
    if (text.find_first_of("=:") == nowhere) return first;
    static const auto names = names_of_secrets();
    for (const auto name : names)
        first = std::min(first, value_behind(text, name));
    return first;
}

/// Every word of it as redacted_url() has it, which leaves most as they are.
std::string masked_urls(std::string_view text) {
    constexpr std::string_view blanks = " \t\"'`";
    std::string out;
    while (!text.empty()) {
        const auto length = std::min(text.find_first_of(blanks), text.size());
        const auto blank = std::min(text.find_first_not_of(blanks, length), text.size());
        out += redacted_url(text.substr(0, length));
        out += text.substr(length, blank - length);
        text.remove_prefix(blank);
    }
    return out;
}

/// How many bytes the character that begins the text has; 0 if it is not UTF-8.
std::size_t length_of_first(std::string_view text) noexcept {
    for (std::size_t length = 1; length <= std::min<std::size_t>(text.size(), 4); ++length)
        if (base::is_utf8(text.substr(0, length))) return length;
    return 0;
}

}  // namespace

std::string masked(std::string_view text) {
    const auto secret = secret_in(text);
    auto out = masked_urls(text.substr(0, secret));
    return secret == text.size() ? out : out + std::string(mask);
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text[0]);
        auto length = std::size_t{1};
        if (c == '\t' || (c >= 0x20 && c < 0x7f))
            out += text[0];
        else if (c < 0x20)
            out += {'\xE2', '\x90', static_cast<char>(0x80 + c)};
        else if (c == 0x7f)
            out += "\u2421";
        else if (length = length_of_first(text); length != 0)
            out += text.substr(0, length);
        else
            out += "\uFFFD";
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

bool is_surely_path(std::string_view text) noexcept {
    return text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
}

bool may_hold_password(const Row& row, std::string_view value) noexcept {
    const bool address = row.rule == Rule::url || row.rule == Rule::origin || row.rule == Rule::network;
    return row.secret() || (address && value.find('@') != nowhere);
}

void make_presentable(Finding& finding) {
    for (auto* text : {&finding.subject, &finding.sentence, &finding.fix, &finding.origin.name}) {
        *text = printable(*text);
        std::ranges::replace(*text, '\t', ' ');
    }
    finding.sentence = masked(finding.sentence);
    finding.fix = masked(finding.fix);
    finding.excerpt = masked(printable(finding.excerpt));
    // A caret below what was left out would point at nothing.
    if (finding.origin.column > code_points(finding.excerpt) + 1) finding.excerpt.clear();
}

}  // namespace voicectl::config
