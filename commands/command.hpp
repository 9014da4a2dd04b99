// SPDX-License-Identifier: Apache-2.0
// A subcommand as data: its flags are rows, from which parsing, help, man pages and completions are made. A
// command knows neither argv nor the library that parses it.
#pragma once

#include "commands/manual.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace voicectl::commands {

/// One table for the whole binary; voicectl(1) prints it.
enum class ExitCode : int {
    ok = 0,
    verdict_no = 1,
    usage = 64,
    bad_input = 65,
    no_input = 66,
    unavailable = 69,
    bug = 70,
    os_error = 71,
    cannot_create = 73,
    io_error = 74,
    temporary = 75,
    protocol = 76,
    unauthorized = 77,
    bad_configuration = 78,
    interrupted = 130,
    terminated = 143,
};

/// Where a flag's value goes; a bool* is a switch without a value, a list takes every time it is given.
using Target = std::variant<bool*, std::string*, std::vector<std::string>*>;

struct Flag {
    std::string name;         ///< "--codec", or a positional's "FILE"
    std::string placeholder;  ///< "opus|pcm16"; empty for a switch
    std::string help;         ///< one sentence, no full stop
    Target target;
    std::string choices = {};  ///< space-separated; others are refused. Empty: any
    bool positional = false;   ///< and then required, unless it is a list
};

/// What every command is given.
struct Globals {
    std::string format = "text";
    std::string output;  ///< a file in place of stdout
    std::string color = "auto";
    std::string config_file;
    std::vector<std::string> env_files;
    std::vector<std::string> sets;  ///< KEY=VALUE
    bool no_env_file = false;
    bool no_progress = false;
    std::string log_level;
    std::string log_format;
    std::string program;  ///< how the binary was called, for commands that print commands
    bool quiet = false;
    bool verbose = false;
};

/// One run of a command: options are filled in, then run() does it.
class Invocation {
 public:
    virtual ~Invocation() = default;
    virtual std::vector<Flag> flags() = 0;
    virtual ExitCode run(const Globals& globals) = 0;
};

struct Variable {
    std::string_view name;
    std::string_view sentence;
};

struct Example {
    std::string_view command;
    std::string_view sentence;
};

struct Command {
    std::string_view name;
    std::string_view alias;
    std::string_view summary;
    std::string_view description;
    std::string_view formats;  ///< what --format takes, space-separated
    std::vector<Variable> (*environment)();
    std::span<const Example> examples;
    std::unique_ptr<Invocation> (*make)();
    std::vector<ManualSection> (*manual)() = nullptr;  ///< what its manual page has beside that
};

/// In the order of the help.
std::span<const Command> registry() noexcept;

}  // namespace voicectl::commands
