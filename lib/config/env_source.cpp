// SPDX-License-Identifier: Apache-2.0
#include "config/env_source.hpp"

#include "base/suggest.hpp"
#include "config/dotenv.hpp"
#include "config/env_trap.hpp"
#include "config/file.hpp"
#include "config/mask.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace voicectl::config {
namespace {

constexpr std::string_view file_suffix = "_FILE";

/// A variable, wherever it was found.
struct Variable {
    std::string name;
    std::string value;
    Origin origin;
    std::string excerpt;
};

/// The row whose value the file named by NAME_FILE holds; nothing for settings that are paths themselves.
const Row* row_of_file(std::string_view name) {
    if (!name.ends_with(file_suffix)) return nullptr;
    name.remove_suffix(file_suffix.size());
    const auto* row = find_env(name);
    return row == nullptr || row->is_path() ? nullptr : row;
}

/// Whoever mixes up NAME and NAME_FILE has put the secret itself where its file's path belongs.
bool may_show_path(const Row& row, std::string_view path) noexcept {
    return !row.secret() || is_surely_path(path);
}

Finding finding(Code code, const Variable& variable, std::string sentence, std::string fix) {
    return {code, variable.origin, variable.name, std::move(sentence), std::move(fix), variable.excerpt};
}

/// Puts a variable's value, or what is wrong with it, where it belongs.
class VariableReader {
 public:
    VariableReader(std::vector<Given>& given, Findings& findings) : given_(given), findings_(findings) {}

    void read(const std::vector<Variable>& variables) {
        // NAME_FILE first: within one place, NAME itself wins where both may stand.
        for (const auto& variable : variables)
            if (const auto* row = row_of_file(variable.name)) read_named_file(*row, variable, variables);
        for (const auto& variable : variables) {
            if (const auto* row = find_env(variable.name))
                read_value(*row, variable);
            else if (row_of_file(variable.name) == nullptr && is_meant_for_us(variable.name, variable.value))
                findings_.push_back(finding(Code::unknown_variable, variable, "there is no such setting",
                                            meant_by(variable.name)));
        }
    }

 private:
    void read_value(const Row& row, const Variable& variable) {
        if (variable.origin.layer == Layer::environment)
            if (auto trap = find_trap(row, variable.value)) {
                const bool fatal = row_of(trap->code).severity == Severity::error;
                findings_.push_back(finding(trap->code, variable, trap->sentence, trap->fix));
                if (fatal) return;
            }
        take(row, variable, variable.value);
    }

    void read_named_file(const Row& row, const Variable& variable, const std::vector<Variable>& all) {
        // Empty as it is: what that means is said of every layer's alike.
        if (variable.value.empty()) return take(row, variable, {});
        const auto twin = std::ranges::find(all, row.env, &Variable::name);
        if (twin != all.end() && !twin->value.empty()) {
            findings_.push_back(finding(Code::both_name_and_file, variable,
                                        fmt::format("{} is set as well", row.env),
                                        fmt::format("unset {} or {}", row.env, variable.name)));
            return;
        }
        auto text = read_text_file(variable.value);
        if (!text) {
            findings_.push_back(finding(
                Code::unreadable, variable,
                fmt::format("cannot read {}: {}",
                            may_show_path(row, variable.value) ? shown(variable.value)
                                                               : std::string("the file that it names"),
                            text.error().detail),
                "correct the path, or let this user read the file"));
            return;
        }
        while (text->ends_with('\n') || text->ends_with('\r'))
            text->pop_back();
        if (text->empty()) return take(row, variable, {});
        auto origin = variable.origin;
        if (origin.layer == Layer::environment)
            origin = Origin(Layer::name_file, fmt::format("{} ({})", variable.name, shown(variable.value)));
        given_.push_back({&row, std::move(*text), std::move(origin), variable.name, variable.excerpt});
    }

    void take(const Row& row, const Variable& variable, std::string value) {
        given_.push_back({&row, std::move(value), variable.origin, variable.name, variable.excerpt});
    }

    std::vector<Given>& given_;
    Findings& findings_;
};

Variable variable_of(const EnvEntry& entry, const LinedText& lines, Layer layer, const std::string& file) {
    Variable variable;
    variable.name = entry.name;
    variable.value = entry.value;
    const auto line = lines.line_at(entry.value_at);
    const auto column = lines.column_at(entry.value_at);
    const auto* row = find_env(entry.name);
    const bool one_line = lines.line_at(entry.value_end) == line;
    const auto length = one_line ? lines.column_at(entry.value_end) - column : 1;
    variable.origin = Origin(layer, file, line, column, std::max(length, 1U));
    const auto* row_of_path = row_of_file(entry.name);
    const bool may_be_shown = (row != nullptr && !may_hold_password(*row, entry.value)) ||
                              (row_of_path != nullptr && may_show_path(*row_of_path, entry.value));
    variable.excerpt = may_be_shown ? std::string(lines.line(line)) : redacted_from(lines.line(line), column);
    return variable;
}

/// Of a line that is wrong at `column`, what comes before its value; nothing if it has no setting's name,
/// since it may be the middle of a secret.
std::string before_value(std::string_view line, unsigned column) {
    auto start = std::min(line.find_first_not_of(" \t"), line.size());
    constexpr std::string_view word = "export ";
    if (line.substr(start).starts_with(word)) start += word.size();
    const auto end = std::min(line.find_first_of(" \t=:", start), line.size());
    const auto name = line.substr(start, end - start);
    if (find_env(name) == nullptr && row_of_file(name) == nullptr) return {};
    const auto value = line.find_first_not_of(" \t=:", end);
    return redacted_from(line, value == std::string_view::npos
                                   ? column
                                   : std::min(column, code_points(line.substr(0, value)) + 1));
}

/// What a reader of the file alone may get wrong in a value that is otherwise fine.
void warn_of_value(const EnvEntry& entry, const Variable& variable, Findings& findings) {
    if (find_env(entry.name) == nullptr) return;
    if (entry.quotes == Quotes::none && entry.value.find('#') != std::string::npos)
        findings.push_back(finding(Code::hash_without_blank, variable,
                                   "the # in the value is kept, where other readers of such files end it",
                                   "put the value in quotes"));
    const bool looks_expanded =
        entry.value.find("${") != std::string::npos || entry.value.find("$(") != std::string::npos;
    if (looks_expanded && entry.quotes != Quotes::single_quotes)
        findings.push_back(finding(Code::not_expanded, variable,
                                   "${…} and $(…) in the value are taken as they stand",
                                   "write the value out, or put it in single quotes if it is meant"));
}

}  // namespace

void read_env_file(std::string_view text, Layer layer, const std::string& file, std::vector<Given>& given,
                   Findings& findings) {
    const LinedText lines(text);
    const auto parsed = parse_env_file(text);
    for (const auto& [at, sentence, fix] : parsed.problems)
        findings.push_back({Code::env_file_syntax,
                            Origin(layer, file, lines.line_at(at), lines.column_at(at)), "", sentence, fix,
                            before_value(lines.line(lines.line_at(at)), lines.column_at(at))});
    std::vector<Variable> variables;
    std::map<std::string, unsigned, std::less<>> seen;
    for (const auto& entry : parsed.entries) {
        auto variable = variable_of(entry, lines, layer, file);
        const auto line = lines.line_at(entry.name_at);
        const auto [place, is_new] = seen.try_emplace(entry.name, line);
        if (!is_new && find_env(entry.name) != nullptr) {
            auto twice = variable;
            twice.origin = Origin(layer, file, line, lines.column_at(entry.name_at), code_points(entry.name));
            findings.push_back(
                finding(Code::defined_twice, twice,
                        fmt::format("is set in line {} already; this value counts", place->second),
                        "take one of the two out"));
            std::erase_if(variables, [&](const Variable& old) { return old.name == entry.name; });
        }
        warn_of_value(entry, variable, findings);
        variables.push_back(std::move(variable));
    }
    VariableReader(given, findings).read(variables);
}

void read_environment(const std::vector<std::pair<std::string, std::string>>& environment,
                      std::vector<Given>& given, Findings& findings) {
    std::vector<Variable> variables;
    for (const auto& [name, value] : environment)
        variables.push_back({name, value, Origin(Layer::environment, name), {}});
    VariableReader(given, findings).read(variables);
}

void read_set(const std::string& word, std::vector<Given>& given, Findings& findings) {
    const auto equals = word.find('=');
    const auto key = word.substr(0, equals);
    const auto* row = find_key(key) != nullptr ? find_key(key) : find_env(key);
    if (equals == std::string::npos || key.empty()) {
        // The word is not repeated: a secret may have been meant as its value.
        findings.push_back({Code::malformed_set, Origin(Layer::set, "--set"), "", "--set wants KEY=VALUE",
                            "write --set server.ws_port=9000"});
        return;
    }
    const Origin origin(Layer::set, fmt::format("--set {}", shown(key)));
    if (row == nullptr) {
        std::vector<std::string> known;
        for (const auto& each : table())
            known.insert(known.end(), {std::string(each.key), std::string(each.env)});
        const auto meant = base::nearest(key, known);
        findings.push_back({Code::unknown_key, origin, shown(key), "there is no such setting",
                            meant.empty() ? "voicectl.toml(5) lists every setting"
                                          : fmt::format("did you mean {}?", meant)});
        return;
    }
    if (row->secret()) {
        findings.push_back({Code::malformed_set, origin, std::string(row->key),
                            "a secret is never given on the command line, where every user can read it",
                            fmt::format("set {} or {}_FILE in the environment", row->env, row->env)});
        return;
    }
    given.push_back({row, word.substr(equals + 1), origin, std::string(row->key), {}});
}

}  // namespace voicectl::config
