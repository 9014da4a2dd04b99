// SPDX-License-Identifier: Apache-2.0
#include "config/toml_source.hpp"

#include "base/number.hpp"
#include "base/suggest.hpp"
#include "config/mask.hpp"
#include "config/text.hpp"
#include "config/toml_syntax.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <map>

namespace voicectl::config {
namespace {

std::string type_of(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::string:
            return "text";
        case toml::node_type::integer:
            return "a whole number";
        case toml::node_type::floating_point:
            return "a fraction";
        case toml::node_type::boolean:
            return "true or false";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::table:
            return "a section";
        default:
            return "a date or time";
    }
}

bool is_section(std::string_view path) {
    return std::ranges::any_of(table(), [&](const Row& row) {
        return row.key.starts_with(path) && row.key.substr(path.size()).starts_with('.');
    });
}

/// A key as TOML writes it: quoted where it would not stand bare.
std::string key_text(std::string_view key) {
    const bool bare = !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
    return bare ? std::string(key) : fmt::format("'{}'", shown(key));
}

class Reader {
 public:
    Reader(std::string_view text, const std::string& file, std::vector<Given>& given, Findings& findings)
        : lines_(text), file_(file), given_(given), findings_(findings) {}

    void read(const toml::table& document) {
        count_values(document);
        read_table(document, "");
    }

 private:
    void read_table(const toml::table& entries, const std::string& path) {
        for (const auto& [key, node] : entries) {
            const auto name = path.empty() ? std::string(key.str()) : path + "." + std::string(key.str());
            const auto subject = path.empty() ? key_text(key.str()) : path + "." + key_text(key.str());
            // A dot in a quoted key separates nothing.
            const bool plain = key.str().find('.') == std::string_view::npos;
            if (const auto* row = find_key(name); row != nullptr && plain)
                read_setting(*row, node);
            else if (plain && is_section(name))
                read_section(name, node);
            else
                report_unknown(name, subject, key);
        }
    }

    Origin at(const toml::source_region& region, unsigned length) const {
        return {Layer::toml, file_, region.begin.line, region.begin.column, length};
    }
    Origin at(const toml::node& node) const {
        const auto& region = node.source();
        const bool one_line = region.end.line == region.begin.line && region.end.column > region.begin.column;
        return at(region, one_line ? region.end.column - region.begin.column : 1);
    }

    void read_section(const std::string& path, const toml::node& node) {
        if (const auto* entries = node.as_table()) return read_table(*entries, path);
        findings_.push_back({Code::wrong_type, at(node), path,
                             fmt::format("is {}; it is a section", type_of(node)),
                             fmt::format("write [{}] on a line of its own, and its settings below", path)});
    }

    void report_unknown(const std::string& name, const std::string& subject, const toml::key& key) {
        std::vector<std::string> known;
        for (const auto& row : table())
            known.emplace_back(row.key);
        auto meant = base::nearest(name, known);
        // The right name in the wrong section is the other usual slip.
        for (const auto& row : table())
            if (meant.empty() && row.name() == key.str()) meant = row.key;
        const auto origin = at(key.source(), code_points(key_text(key.str())));
        findings_.push_back({Code::unknown_key, origin, subject, "there is no such setting",
                             meant.empty() ? "take it out; voicectl.toml(5) lists every setting"
                                           : fmt::format("did you mean {}?", meant),
                             alone_on(origin.line) ? redacted_value(lines_.line(origin.line), origin.column)
                                                   : std::string()});
    }

    /// Whether no other value has a part of that line, where it might be a secret.
    bool alone_on(unsigned line) const {
        const auto found = values_on_.find(line);
        return found == values_on_.end() || found->second < 2;
    }

    void count_values(const toml::node& node) {
        if (const auto* entries = node.as_table()) {
            for (const auto& [key, value] : *entries)
                count_values(value);
            return;
        }
        if (const auto* elements = node.as_array(); elements != nullptr && elements->is_array_of_tables()) {
            for (const auto& element : *elements)
                count_values(element);
            return;
        }
        const auto& region = node.source();
        for (auto line = region.begin.line; line <= region.end.line; ++line)
            ++values_on_[line];
    }

    void read_setting(const Row& row, const toml::node& node) {
        Given given;
        given.row = &row;
        given.subject = row.key;
        given.origin = at(node);
        const auto line = lines_.line(given.origin.line);
        if (alone_on(given.origin.line))
            given.excerpt =
                may_hold_password(row, line) ? redacted_from(line, given.origin.column) : std::string(line);
        if (!read_value(row, node, given))
            findings_.push_back({Code::wrong_type, given.origin, given.subject,
                                 fmt::format("is {}; it must be {}", type_of(node), type_name(row)),
                                 fix_for(row, node), given.excerpt});
        else
            given_.push_back(std::move(given));
    }

    static std::string fix_for(const Row& row, const toml::node& node) {
        if (row.secret() || !node.is_value()) return {};
        const auto text = node.value<std::string>();
        const bool is_plain =
            text && std::ranges::none_of(*text, [](char c) {
                return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '"' || c == '\\';
            });
        if (text && !is_plain) return {};
        if (text && row.is_list()) return fmt::format("write {} = [\"{}\"]", row.name(), *text);
        if (text && is_toml_scalar(row, *text))
            return fmt::format("write {} = {}, without quotes", row.name(), *text);
        if (std::holds_alternative<bool Settings::*>(row.field)) return "write true or false, without quotes";
        if (std::holds_alternative<std::string Settings::*>(row.field)) return "put it in quotes";
        return row.default_text.empty() ? std::string()
                                        : fmt::format("write one such as {}", row.default_text);
    }

    /// Whether the text would be right if only its quotes went away.
    static bool is_toml_scalar(const Row& row, std::string_view text) {
        if (std::holds_alternative<bool Settings::*>(row.field)) return text == "true" || text == "false";
        return base::parse_number<std::int64_t>(text).has_value() ||
               (std::holds_alternative<double Settings::*>(row.field) &&
                base::parse_number<double>(text).has_value());
    }

    /// False if the node's type is not the row's.
    bool read_value(const Row& row, const toml::node& node, Given& given) {
        if (std::holds_alternative<Keys Settings::*>(row.field)) return read_keys(node, given);
        if (row.is_list()) return read_list(node, given);
        const bool share = std::holds_alternative<double Settings::*>(row.field);
        const bool number = share || std::holds_alternative<int Settings::*>(row.field);
        const bool duration = std::holds_alternative<std::chrono::milliseconds Settings::*>(row.field);
        if (std::holds_alternative<bool Settings::*>(row.field)) {
            if (!node.is_boolean()) return false;
            given.value = std::string(*node.value<bool>() ? "true" : "false");
        } else if (node.is_integer() && (number || duration)) {
            given.value = std::to_string(*node.value<std::int64_t>());
        } else if (node.is_floating_point() && share) {
            given.value = fmt::format("{}", *node.value<double>());
        } else if (node.is_string() && !number) {
            given.value = *node.value<std::string>();
        } else {
            return false;
        }
        return true;
    }

    static bool read_list(const toml::node& node, Given& given) {
        const auto* elements = node.as_array();
        if (elements == nullptr) return false;
        List list;
        for (const auto& element : *elements) {
            if (!element.is_string()) return false;
            list.push_back(*element.value<std::string>());
        }
        given.value = std::move(list);
        return true;
    }

    bool read_keys(const toml::node& node, Given& given) {
        const auto* elements = node.as_array();
        if (elements == nullptr) return false;
        Keys keys;
        for (const auto& element : *elements) {
            UpstreamKey key;
            if (const auto text = element.value<std::string>(); element.is_string() && !text->empty())
                key.key = base::Secret(*text);
            else if (const auto* entries = element.as_table(); entries == nullptr || !read_key(*entries, key))
                return false;
            keys.push_back(std::move(key));
        }
        given.value = std::move(keys);
        return true;
    }

    /// False if there is no key in it; what else is wrong with it is reported.
    bool read_key(const toml::table& entries, UpstreamKey& into) {
        for (const auto& [name, node] : entries) {
            const auto member = std::ranges::find(key_numbers, name.str(), &KeyNumber::name);
            if (name == "key" && node.is_string() && !node.value<std::string>()->empty())
                into.key = base::Secret(*node.value<std::string>());
            else if (name == "project" && node.is_string())
                into.project = *node.value<std::string>();
            else if (member != std::end(key_numbers) && node.is_integer())
                read_number(*member, node, into);
            else
                report_member(name, node,
                              member != std::end(key_numbers) || name == "key" || name == "project");
        }
        return !into.key.empty();
    }

    struct KeyNumber {
        std::string_view name;
        int UpstreamKey::*field;
        int min;
    };
    static constexpr KeyNumber key_numbers[] = {{"weight", &UpstreamKey::weight, 1},
                                                {"requests_per_minute", &UpstreamKey::requests_per_minute, 0},
                                                {"tokens_per_minute", &UpstreamKey::tokens_per_minute, 0}};

    void read_number(const KeyNumber& member, const toml::node& node, UpstreamKey& into) {
        constexpr std::int64_t max = 1'000'000'000;
        const auto value = *node.value<std::int64_t>();
        if (value >= member.min && value <= max) {
            into.*member.field = static_cast<int>(value);
            return;
        }
        findings_.push_back({Code::out_of_range, at(node), fmt::format("openai.keys.{}", member.name),
                             fmt::format("{} is outside {} to {}", value, member.min, max),
                             fmt::format("choose a value from {} to {}", member.min, max)});
    }

    void report_member(const toml::key& name, const toml::node& node, bool known) {
        const auto subject = "openai.keys." + key_text(name.str());
        if (known)
            findings_.push_back({Code::wrong_type, at(node), subject, fmt::format("is {}", type_of(node)),
                                 "key and project are texts, the others whole numbers"});
        else
            findings_.push_back({Code::unknown_key, at(name.source(), code_points(key_text(name.str()))),
                                 subject, "there is no such setting",
                                 "a key has: key, project, weight, requests_per_minute, tokens_per_minute"});
    }

    std::map<unsigned, unsigned> values_on_;
    LinedText lines_;
    const std::string& file_;
    std::vector<Given>& given_;
    Findings& findings_;
};

}  // namespace

void read_toml(std::string_view text, const std::string& file, std::vector<Given>& given,
               Findings& findings) {
    const auto before = given.size();
    const auto document = parse_toml(text, file, findings);
    Reader(text, file, given, findings).read(document);
    const auto position = [](const Given& value) {
        return std::pair(value.origin.line, value.origin.column);
    };
    std::ranges::stable_sort(given.begin() + static_cast<std::ptrdiff_t>(before), given.end(), {}, position);
}

}  // namespace voicectl::config
