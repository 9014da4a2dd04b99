// SPDX-License-Identifier: Apache-2.0
#include "config/dotenv.hpp"

#include "base/json_text.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <optional>

namespace voicectl::config {
namespace {

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

bool is_name(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

class Parser {
 public:
    explicit Parser(std::string_view text) : text_(text) {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    }

    EnvFile run() {
        if (const auto valid = base::valid_utf8(text_); valid != text_.size())
            problem(valid, "the file is not UTF-8", "save it as plain text in UTF-8");
        else if (const auto nul = text_.find('\0'); nul != std::string_view::npos)
            problem(nul, "the file has a NUL byte in it", "save it as plain text in UTF-8");
        else
            while (at_ < text_.size())
                read_line();
        return std::move(file_);
    }

 private:
    char here() const noexcept { return at_ < text_.size() ? text_[at_] : '\n'; }
    bool at_line_end() const noexcept { return here() == '\n' || (here() == '\r' && next_is_line_feed()); }
    bool next_is_line_feed() const noexcept { return at_ + 1 >= text_.size() || text_[at_ + 1] == '\n'; }
    void skip_blanks() noexcept {
        while (at_ < text_.size() && is_blank(text_[at_]))
            ++at_;
    }
    void skip_line() noexcept { at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1; }
    void problem(std::size_t at, std::string sentence, std::string fix) {
        file_.problems.push_back({at, std::move(sentence), std::move(fix)});
    }
    std::string_view name_here() const noexcept {
        auto end = at_;
        while (end < text_.size() && is_name(text_[end]))
            ++end;
        return text_.substr(at_, end - at_);
    }

    /// `export` is a name where none follows it.
    void skip_export() noexcept {
        constexpr std::string_view word = "export";
        if (name_here() != word) return;
        const auto name = text_.find_first_not_of(" \t", at_ + word.size());
        if (name != std::string_view::npos && name > at_ + word.size() && is_name(text_[name])) at_ = name;
    }

    void read_line() {
        skip_blanks();
        if (at_line_end() || here() == '#') return skip_line();
        skip_export();
        EnvEntry entry;
        entry.name_at = at_;
        entry.name = name_here();
        at_ += entry.name.size();
        if (entry.name.empty() || (entry.name[0] >= '0' && entry.name[0] <= '9')) {
            problem(entry.name_at, "here a name must begin, of letters, digits and _",
                    "write NAME=VALUE, or begin the line with # if it is a comment");
            return skip_line();
        }
        skip_blanks();
        if (here() != '=') {
            const bool name_only = at_line_end() || here() == '#';
            problem(name_only ? entry.name_at : at_,
                    name_only ? "the name has no = behind it" : "here an = must follow the name",
                    "write NAME=VALUE");
            return skip_line();
        }
        ++at_;
        skip_blanks();
        read_value(std::move(entry));
    }

    void read_value(EnvEntry entry) {
        entry.value_at = at_;
        switch (here()) {
            case '\'':
                entry.quotes = Quotes::single_quotes;
                break;
            case '"':
                entry.quotes = Quotes::double_quotes;
                break;
            case '`':
                entry.quotes = Quotes::backticks;
                break;
            default:
                return read_unquoted(std::move(entry));
        }
        read_quoted(std::move(entry));
    }

    void read_unquoted(EnvEntry entry) {
        auto end = text_.find('\n', at_);
        if (end == std::string_view::npos) end = text_.size();
        for (auto i = at_; i < end; ++i) {
            if (text_[i] != '#' || (i > at_ && !is_blank(text_[i - 1]))) continue;
            end = i;
            break;
        }
        const auto value = trim(text_.substr(at_, end - at_));
        entry.value = value;
        entry.value_end = entry.value_at + value.size();
        file_.entries.push_back(std::move(entry));
        skip_line();
    }

    /// The place of the closing quote; nothing if there is none.
    std::optional<std::size_t> closing(char quote) const noexcept {
        for (auto i = at_ + 1; i < text_.size(); ++i) {
            if (quote == '"' && text_[i] == '\\')
                ++i;
            else if (text_[i] == quote)
                return i;
        }
        return std::nullopt;
    }

    void read_quoted(EnvEntry entry) {
        const auto end = closing(here());
        if (!end) {
            problem(at_, "the quote that begins here is not closed", "close it, or take it out");
            return skip_line();
        }
        const auto inside = text_.substr(at_ + 1, *end - at_ - 1);
        entry.value = entry.quotes == Quotes::double_quotes ? unescaped(inside) : without_returns(inside);
        at_ = *end + 1;
        entry.value_end = at_;
        skip_blanks();
        if (!at_line_end() && here() != '#') {
            problem(at_, "here the line must end: something follows the closing quote",
                    "put the whole value in quotes; a # begins a comment");
            return skip_line();
        }
        file_.entries.push_back(std::move(entry));
        skip_line();
    }

    /// A line end within quotes is \n, however the file was saved.
    static std::string without_returns(std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
        return out;
    }

    static std::string unescaped(std::string_view text) {
        constexpr std::string_view letters = "nrt\"\\$`";
        constexpr std::string_view meant = "\n\r\t\"\\$`";
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto letter =
                text[i] == '\\' && i + 1 < text.size() ? letters.find(text[i + 1]) : std::string_view::npos;
            if (letter != std::string_view::npos) {
                out += meant[letter];
                ++i;
            } else if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') {
                out += text[i];
            }
        }
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    EnvFile file_;
};

}  // namespace

EnvFile parse_env_file(std::string_view text) {
    return Parser(text).run();
}

}  // namespace voicectl::config
