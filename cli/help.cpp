// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include "base/words.hpp"
#include "cli/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace voicectl::cli {
namespace {

using commands::Command;
using commands::Flag;

constexpr std::size_t width = 100;

/// A term and its explanation; a term too long for its column gets a line of its own.
std::string row(std::string_view term, std::string_view text, std::size_t column) {
    std::string line = fmt::format("  {}", term);
    if (line.size() + 2 > column)
        line += '\n' + std::string(column, ' ');
    else
        line.resize(column, ' ');
    return line + base::wrapped(text, std::string(column, ' '), column, width) + '\n';
}

bool is_list(const Flag& flag) {
    return std::holds_alternative<std::vector<std::string>*>(flag.target);
}

std::string rows_of(const std::vector<Flag>& flags) {
    std::string text;
    for (const auto& flag : flags)
        text += row(term_of(flag), flag.help, 30);
    return text;
}

std::string global_rows() {
    commands::Globals unused;
    auto text = rows_of(global_flags(unused));
    text += row("-h, --help", "The most used options, or everything", 30);
    text += row("-V, --version", "The version", 30);
    return text;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> codes{{
    {"0", "done"},
    {"1", "the verdict is no"},
    {"64", "usage"},
    {"65, 66", "input malformed, or not there"},
    {"69", "a needed service cannot be reached"},
    {"70, 71, 73, 74", "a bug, the system, an output, input or output"},
    {"75", "temporary: a timeout or an overload; worth a retry"},
    {"76, 77", "the peer broke the protocol, or refused the token"},
    {"78", "the configuration is invalid"},
    {"130, 143", "ended by SIGINT, by SIGTERM"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> helper_rows{{
    {"help [COMMAND]", "Everything about a command"},
    {"man [PAGE]", "A page of the manual for man(1), or the names of all"},
    {"version", "The version"},
}};

std::string exit_code_rows() {
    std::string text;
    for (const auto& [code, meaning] : codes)
        text += row(code, meaning, 20);
    return text;
}

}  // namespace

std::string term_of(const Flag& flag) {
    std::string name = flag.name;
    if (const auto comma = name.find(','); comma != std::string::npos) name.insert(comma + 1, " ");
    if (!name.starts_with("--") && !flag.positional && name.size() > 2)
        return name + (flag.placeholder.empty() ? "" : " " + flag.placeholder);
    return flag.placeholder.empty() ? name : name + " " + flag.placeholder;
}

std::string usage_of(const Command& command, const std::vector<Flag>& flags) {
    auto line = fmt::format("voicectl {} [OPTION]…", command.name);
    for (const auto& flag : flags)
        if (flag.positional) line += is_list(flag) ? fmt::format(" [{}]…", flag.name) : " " + flag.name;
    return line;
}

std::span<const std::pair<std::string_view, std::string_view>> helpers() noexcept {
    return helper_rows;
}

std::span<const std::pair<std::string_view, std::string_view>> exit_codes() noexcept {
    return codes;
}

std::string overview(bool everything) {
    std::string text =
        "voicectl runs and checks a voice service: a gateway between people and a speech model.\n\n"
        "Usage: voicectl COMMAND [OPTION]…\n\nCommands:\n";
    for (const auto& command : commands::registry())
        text += row(command.name, command.summary, 20);
    if (everything) {
        text += "\nHelpers:\n";
        for (const auto& [call, meaning] : helper_rows)
            text += row(call, meaning, 20);
    }
    text += "\nOptions of every command:\n" + global_rows();
    if (everything) text += "\nExit codes:\n" + exit_code_rows();
    text += "\nTry it:  voicectl serve --dev\nMore:    voicectl COMMAND --help\n";
    return text;
}

std::string help_of(const Command& command, bool everything) {
    const auto invocation = command.make();
    const auto flags = invocation->flags();
    std::string text =
        fmt::format("Usage: {}\n\n", usage_of(command, flags)) + std::string(command.summary) + ".\n";
    if (everything) text += '\n' + base::wrapped(command.description, "", 0, width) + '\n';
    if (!command.alias.empty()) text += fmt::format("\nAlso as: voicectl {}\n", command.alias);
    text += "\nOptions:\n" + rows_of(flags);
    if (!everything) return text + fmt::format("\nMore: voicectl {} --help\n", command.name);
    text += "\nOptions of every command:\n" + global_rows();
    text += fmt::format("\n--format takes: {}\n", command.formats);
    text += "\nEnvironment:\n";
    for (const auto& [name, sentence] : command.environment())
        text += row(name, sentence, 30);
    text += "\nExamples:\n";
    for (const auto& [line, sentence] : command.examples)
        text += fmt::format("  {}\n      {}\n", line, sentence);
    return text + "\nExit codes:\n" + exit_code_rows();
}

std::string version_text() {
    std::string text = fmt::format("voicectl {}", VOICECTL_VERSION);
    std::string build = VOICECTL_BUILD;
    if (const std::string_view sanitize = VOICECTL_SANITIZE; !sanitize.empty())
        build += fmt::format(", {}", sanitize);
    if (const std::string_view commit = VOICECTL_COMMIT; !commit.empty())
        build = fmt::format("{}, {}", commit, build);
    return fmt::format("{} ({})\n", text, build);
}

}  // namespace voicectl::cli
