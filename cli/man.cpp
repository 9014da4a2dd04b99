// SPDX-License-Identifier: Apache-2.0
#include "cli/man.hpp"

#include "base/suggest.hpp"
#include "cli/help.hpp"
#include "cli/parser.hpp"
#include "commands/manual.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicectl::cli {
namespace {

using commands::Command;
using commands::Flag;
using commands::ManualSection;

/// Text as troff shows it unchanged.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
            out += fmt::format("\\&{}", c);
        else
            out += c;
    }
    return out;
}

/// Paragraphs apart by an empty line.
std::string prose(std::string_view text, std::string_view between) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find("\n\n"), text.size());
        out += fmt::format("{}{}\n", out.empty() ? "" : between, escaped(text.substr(0, end)));
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return out;
}

/// A sentence as the line of names at the top of a page wants it.
std::string uncapitalised(std::string_view text) {
    return upper(text.substr(0, 1)) == text.substr(0, 1) && !text.empty()
               ? std::string(1, static_cast<char>(text[0] + 32)) + std::string(text.substr(1))
               : std::string(text);
}

std::string heading(std::string_view title) {
    return fmt::format(".SH \"{}\"\n", upper(title));
}

std::string entry(std::string_view term, std::string_view text) {
    return fmt::format(".TP\n.B {}\n{}", escaped(term), text.empty() ? "\\&\n" : prose(text, ".IP\n"));
}

std::string page_head(std::string_view name, int section, std::string_view summary) {
    return fmt::format(
        "'\\\" -*- coding: utf-8 -*-\n.TH \"{}\" {} \"\" \"voicectl\" \"voicectl manual\"\n{}{} \\- {}\n",
        upper(name), section, heading("Name"), escaped(name), escaped(summary));
}

std::string flags_of(const std::vector<Flag>& flags) {
    std::string text;
    for (const auto& flag : flags)
        text += entry(term_of(flag), fmt::format("{}.", flag.help));
    return text;
}

std::string sections_of(const std::vector<ManualSection>& sections) {
    std::string text;
    for (const auto& section : sections) {
        text += heading(section.title) + prose(section.prose, ".PP\n");
        for (const auto& [term, words] : section.entries)
            text += entry(term, words);
    }
    return text;
}

std::string see_also(std::string_view name) {
    std::vector<std::string> others;
    for (const auto& page : man_pages()) {
        const auto dot = page.rfind('.');
        if (page.substr(0, dot) != name)
            others.push_back(fmt::format("{}({})", escaped(page.substr(0, dot)), page.substr(dot + 1)));
    }
    return heading("See also") + fmt::format("{}\n", fmt::join(others, ", "));
}

std::string command_page(const Command& command) {
    const auto name = fmt::format("voicectl-{}", command.name);
    const auto invocation = command.make();
    const auto flags = invocation->flags();
    commands::Globals unused;
    auto text = page_head(name, 1, uncapitalised(command.summary));
    text += heading("Synopsis") + escaped(usage_of(command, flags)) + "\n";
    text += heading("Description") + prose(command.description, ".PP\n");
    if (!command.alias.empty()) text += fmt::format(".PP\nAlso as: voicectl {}\n", command.alias);
    text += heading("Options") + flags_of(flags);
    text += heading("Options of every command") + flags_of(global_flags(unused));
    text +=
        entry("-h, --help", "The most used options, or everything.") + entry("-V, --version", "The version.");
    text += fmt::format(".PP\n\\-\\-format takes: {}\n", command.formats);
    if (command.manual != nullptr) text += sections_of(command.manual());
    text += heading("Environment");
    for (const auto& [variable, sentence] : command.environment())
        text += entry(variable, fmt::format("{}.", sentence));
    text += heading("Examples");
    for (const auto& [line, sentence] : command.examples)
        text += entry(line, fmt::format("{}.", sentence));
    text += heading("Exit status");
    for (const auto& [code, meaning] : exit_codes())
        text += entry(code, fmt::format("{}.", meaning));
    return text + see_also(name);
}

std::string overview_page() {
    commands::Globals unused;
    auto text = page_head("voicectl", 1, "run and check a voice service");
    text += heading("Synopsis") + "voicectl COMMAND [OPTION]…\n";
    text += heading("Description") +
            "A gateway that holds spoken conversations between people and a realtime speech model, and the "
            "tools to "
            "check it, try it and measure it.\n";
    text += heading("Commands");
    for (const auto& command : commands::registry())
        text += entry(command.name, fmt::format("{}.", command.summary));
    text += heading("Helpers");
    for (const auto& [call, meaning] : helpers())
        text += entry(call, fmt::format("{}.", meaning));
    text += heading("Options of every command") + flags_of(global_flags(unused));
    text += heading("Exit status");
    for (const auto& [code, meaning] : exit_codes())
        text += entry(code, fmt::format("{}.", meaning));
    return text + see_also("voicectl");
}

std::string settings_page() {
    return page_head("voicectl.toml", 5, "settings of voicectl") + heading("Description") +
           "A configuration file in TOML, and what else settings come from. No file is read unless "
           "\\-\\-config names "
           "it. voicectl\\-validate\\-config(1) finds what is wrong with one, and prints one to start from "
           "with "
           "\\-\\-print\\-toml\\-template.\n" +
           sections_of(commands::settings_manual()) + see_also("voicectl.toml");
}

}  // namespace

std::vector<std::string> man_pages() {
    std::vector<std::string> names{"voicectl.1"};
    for (const auto& command : commands::registry())
        names.push_back(fmt::format("voicectl-{}.1", command.name));
    names.emplace_back("voicectl.toml.5");
    return names;
}

base::Result<std::string> man_page(const std::string& name) {
    if (name == "voicectl.1") return overview_page();
    if (name == "voicectl.toml.5") return settings_page();
    for (const auto& command : commands::registry())
        if (name == fmt::format("voicectl-{}.1", command.name)) return command_page(command);
    return base::fail(base::Errc::usage, "there is no manual page '{}'{}", name,
                      base::did_you_mean(name, man_pages()));
}

}  // namespace voicectl::cli
