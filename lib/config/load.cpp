// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "config/env_source.hpp"
#include "config/file.hpp"
#include "config/given.hpp"
#include "config/mask.hpp"
#include "config/rules.hpp"
#include "config/toml_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unistd.h>

namespace voicectl::config {
namespace {

constexpr std::string_view dot_env = ".env";

std::string name_of_file(const std::string& path) {
    return path == "-" ? std::string("<stdin>") : path;
}

/// What all layers say, lowest first.
class Gatherer {
 public:
    explicit Gatherer(Findings& findings) : findings_(findings) {}

    std::vector<Given> gather(const Sources& sources) {
        if (const auto& file = sources.config_file; !file.empty())
            if (const auto text = read(file, Layer::toml))
                read_toml(*text, name_of_file(file), given_, findings_);
        if (sources.env_files.empty() && sources.dot_env && ::access(dot_env.data(), F_OK) == 0)
            add_env_file(std::string(dot_env), Layer::dot_env);
        for (const auto& file : sources.env_files)
            add_env_file(file, Layer::env_file);
        read_environment(sources.environment, given_, findings_);
        for (const auto& word : sources.sets)
            read_set(word, given_, findings_);
        for (const auto& [env, flag, value] : sources.flags)
            if (const auto* row = find_env(env))
                given_.push_back({row, value, Origin(Layer::flag, std::string(flag)), std::string(flag), {}});
        return std::move(given_);
    }

 private:
    std::optional<std::string> read(const std::string& path, Layer layer) {
        auto text = read_text_file(path);
        if (text) return std::move(*text);
        findings_.push_back({Code::unreadable, Origin(layer, name_of_file(path)), "",
                             fmt::format("cannot read it: {}", text.error().detail),
                             "correct the path, or let this user read the file"});
        return std::nullopt;
    }

    void add_env_file(const std::string& path, Layer layer) {
        if (const auto text = read(path, layer))
            read_env_file(*text, layer, name_of_file(path), given_, findings_);
    }

    std::vector<Given> given_;
    Findings& findings_;
};

/// An empty text counts as not set, wherever it stands.
bool is_empty(const Given& given) {
    const auto* text = std::get_if<std::string>(&given.value);
    return text != nullptr && text->empty();
}

void fill_in(Loaded& loaded, const std::vector<Given>& all) {
    for (const auto& given : all) {
        if (is_empty(given)) {
            loaded.findings.push_back(
                to_finding(given, {Code::empty_value, "is set to nothing, which counts as not set",
                                   "give it a value, or take it out"}));
        } else if (auto wrong = assign(loaded.settings, given)) {
            loaded.findings.push_back(to_finding(given, std::move(*wrong)));
        } else {
            loaded.origins[index_of(*given.row)] = given.origin;
            loaded.names[index_of(*given.row)] = given.subject;
            loaded.excerpts[index_of(*given.row)] = given.excerpt;
        }
    }
}

/// Where a file could not be read, what is missing may well stand in it.
bool all_was_read(const Findings& findings) {
    constexpr std::array unread{Code::toml_syntax, Code::env_file_syntax, Code::unreadable};
    return std::ranges::none_of(findings, [&](const Finding& finding) {
        return std::ranges::find(unread, finding.code) != unread.end();
    });
}

}  // namespace

const Origin& Loaded::origin_of(std::string_view env) const {
    return origins[index_of(*find_env(env))];
}

bool Loaded::rejected(std::string_view env) const {
    const auto& row = *find_env(env);
    return std::ranges::any_of(findings, [&](const Finding& finding) {
        const auto& subject = finding.subject;
        const bool named_by_file = subject.starts_with(env) && subject.substr(env.size()) == "_FILE";
        return finding.severity() == Severity::error &&
               (subject == row.key || subject == env || named_by_file);
    });
}

void Loaded::report(Code code, std::string_view env, std::string sentence, std::string fix) {
    const auto index = index_of(*find_env(env));
    if (code == Code::missing && rejected(env)) return;
    const auto& subject = names[index];
    findings.push_back({code, origins[index], subject.empty() ? std::string(env) : subject,
                        std::move(sentence), std::move(fix), excerpts[index]});
    make_presentable(findings.back());
}

Loaded load(const Sources& sources, Level level) {
    Loaded loaded;
    loaded.origins.resize(table().size());
    loaded.names.resize(table().size());
    loaded.excerpts.resize(table().size());
    fill_in(loaded, Gatherer(loaded.findings).gather(sources));
    for (auto& finding : loaded.findings)
        make_presentable(finding);
    if (level != Level::syntax && all_was_read(loaded.findings)) check_rules(loaded, read_machine());
    sort(loaded.findings);
    return loaded;
}

std::vector<std::pair<std::string, std::string>> process_environment() {
    std::vector<std::pair<std::string, std::string>> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    std::ranges::sort(variables);
    return variables;
}

bool is_simulator(std::string_view upstream_url) noexcept {
    return upstream_url.starts_with("sim:");
}

}  // namespace voicectl::config
