// SPDX-License-Identifier: Apache-2.0
// The only file that includes CLI11.
#include "cli/parser.hpp"

#include "base/suggest.hpp"
#include "base/words.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace voicectl::cli {
namespace {

using base::Errc;
using base::fail;
using commands::Command;
using commands::Flag;

struct Asked {
    bool short_help = false;
    bool long_help = false;
    bool version = false;
};

std::vector<Flag> asking_flags(Asked& asked) {
    return {{"-h", "", "The most used options", &asked.short_help},
            {"--help", "", "Everything: options, environment, examples", &asked.long_help},
            {"-V,--version", "", "The version", &asked.version}};
}

void add(CLI::App& app, const Flag& flag) {
    if (auto* const* on = std::get_if<bool*>(&flag.target))
        app.add_flag(flag.name, **on);
    else if (auto* const* text = std::get_if<std::string*>(&flag.target))
        app.add_option(flag.name, **text);
    else
        app.add_option(flag.name, *std::get<std::vector<std::string>*>(flag.target))
            ->expected(1)
            ->take_all()
            ->allow_extra_args(flag.positional);
}

std::string comma_separated(std::string_view list) {
    return fmt::format("{}", fmt::join(base::words(list), ", "));
}

/// What one command's values have wrong; empty if nothing.
std::string complaint(const std::vector<Flag>& flags) {
    for (const auto& flag : flags) {
        const auto* const* text = std::get_if<std::string*>(&flag.target);
        if (text == nullptr) continue;
        if (flag.positional && (*text)->empty()) return fmt::format("{} is missing", flag.name);
        if (!flag.choices.empty() && !(*text)->empty() && !base::has_word(flag.choices, **text))
            return fmt::format("{}: '{}' is not one of {}", flag.name, **text, comma_separated(flag.choices));
    }
    return {};
}

std::vector<std::string> option_names(std::span<const std::vector<Flag>> groups) {
    std::vector<std::string> names;
    for (const auto& group : groups)
        for (const auto& flag : group)
            if (!flag.positional) names.push_back(flag.name.substr(flag.name.rfind(',') + 1));
    return names;
}

std::vector<std::string> command_names() {
    std::vector<std::string> names{"help", "man", "version"};
    for (const auto& command : commands::registry()) {
        names.emplace_back(command.name);
        if (!command.alias.empty()) names.emplace_back(command.alias);
    }
    return names;
}

const Command* find_command(std::string_view name) {
    for (const auto& command : commands::registry())
        if (name == command.name || (!command.alias.empty() && name == command.alias)) return &command;
    return nullptr;
}

base::Error unknown_command(std::string_view word) {
    return fail(Errc::usage, "there is no command '{}'{}", word, base::did_you_mean(word, command_names()));
}

/// The word of the command, where there is one: the first that is neither an option nor an option's value.
std::optional<std::size_t> command_position(const std::vector<std::string>& arguments,
                                            const std::vector<Flag>& globals) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& word = arguments[i];
        if (!word.starts_with('-') || word == "-") return i;
        const auto takes_value = std::ranges::any_of(globals, [&](const Flag& flag) {
            return !std::holds_alternative<bool*>(flag.target) &&
                   (flag.name == word || flag.name.ends_with("," + word) ||
                    flag.name.starts_with(word + ","));
        });
        if (takes_value) ++i;
    }
    return std::nullopt;
}

base::Result<Parsed> parse_helper(std::string_view word, const std::vector<std::string>& rest) {
    Parsed parsed;
    if (word == "man") {
        parsed.ask = Parsed::Ask::man;
        if (!rest.empty()) parsed.page = rest.front();
        return parsed;
    }
    parsed.ask = word == "version" ? Parsed::Ask::version : Parsed::Ask::long_help;
    if (word == "version" || rest.empty()) return parsed;
    parsed.command = find_command(rest.front());
    if (parsed.command == nullptr) return unknown_command(rest.front());
    parsed.invocation = parsed.command->make();
    return parsed;
}

/// Lets CLI11 fill the flags in; what it does not know is ours to explain.
base::Result<void> fill(std::vector<std::string> arguments, std::span<const std::vector<Flag>> groups) {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    for (const auto& group : groups)
        for (const auto& flag : group)
            add(app, flag);
    std::ranges::reverse(arguments);  // as CLI11 wants it
    try {
        app.parse(arguments);
    } catch (const CLI::ParseError& error) {
        return fail(Errc::usage, "{}", error.what());
    }
    const auto extras = app.remaining();
    if (extras.empty()) return {};
    const auto& word = extras.front();
    if (!word.starts_with('-')) return fail(Errc::usage, "'{}' is one argument too many", word);
    const auto name = word.substr(0, word.find('='));
    return fail(Errc::usage, "there is no option '{}'{}", name,
                base::did_you_mean(name, option_names(groups)));
}

}  // namespace

std::vector<Flag> global_flags(commands::Globals& globals) {
    return {
        {"-c,--config", "FILE", "Settings in TOML; - for stdin", &globals.config_file},
        {"--env-file", "FILE", "Settings as NAME=VALUE lines in place of ./.env; may be repeated",
         &globals.env_files},
        {"--no-env-file", "", "Do not read ./.env", &globals.no_env_file},
        {"--set", "KEY=VALUE", "One setting; wins over the files and the environment; may be repeated",
         &globals.sets},
        {"-f,--format", "FORMAT", "How results are written", &globals.format},
        {"-o,--output", "FILE", "Write the result to a file; - for stdout", &globals.output},
        {"--color", "WHEN", "auto, always or never; NO_COLOR is honoured", &globals.color,
         "auto always never"},
        {"--no-progress", "", "Do not show how far a long run is", &globals.no_progress},
        {"--log-level", "LEVEL", "Least severity that is logged", &globals.log_level,
         "trace debug info warning error off"},
        {"--log-format", "FORMAT", "Log lines for people or for machines", &globals.log_format, "text json"},
        {"-q,--quiet", "", "Say nothing beside the result and errors", &globals.quiet},
        {"-v,--verbose", "", "Say more", &globals.verbose},
    };
}

base::Result<Parsed> parse(const std::vector<std::string>& arguments) {
    Parsed parsed;
    // What an unset variable leaves behind must not be taken for what was not said.
    const auto is_empty = [](const std::string& word) {
        return word.empty() || (word.starts_with("--") && word.find('=') == word.size() - 1);
    };
    if (const auto found = std::ranges::find_if(arguments, is_empty); found != arguments.end())
        return fail(Errc::usage, "{} is empty; is a variable not set?",
                    found->empty() ? std::string("an argument") : found->substr(0, found->size() - 1));
    Asked asked;
    const auto shared = global_flags(parsed.globals);
    const auto position = command_position(arguments, shared);
    std::vector<std::string> words = arguments;
    std::vector<Flag> own;
    if (position) {
        const auto word = words[*position];
        words.erase(words.begin() + static_cast<std::ptrdiff_t>(*position));
        if (word == "help" || word == "version" || word == "man") return parse_helper(word, words);
        parsed.command = find_command(word);
        if (parsed.command == nullptr) return unknown_command(word);
        parsed.invocation = parsed.command->make();
        own = parsed.invocation->flags();
    }
    const std::array groups{own, shared, asking_flags(asked)};
    if (auto filled = fill(std::move(words), groups); !filled) return filled.error();
    parsed.ask = asked.version      ? Parsed::Ask::version
                 : asked.long_help  ? Parsed::Ask::long_help
                 : asked.short_help ? Parsed::Ask::short_help
                                    : Parsed::Ask::run;
    if (parsed.ask != Parsed::Ask::run) return parsed;
    if (parsed.command == nullptr) return fail(Errc::usage, "no command was given");
    for (const auto& group : groups)
        if (auto wrong = complaint(group); !wrong.empty()) return base::Error(Errc::usage, std::move(wrong));
    if (!base::has_word(parsed.command->formats, parsed.globals.format))
        return fail(Errc::usage, "--format: '{}' is not one of {}", parsed.globals.format,
                    comma_separated(parsed.command->formats));
    return parsed;
}

}  // namespace voicectl::cli
