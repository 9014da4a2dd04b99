// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"
#include "cli/man.hpp"
#include "cli/parser.hpp"
#include "commands/report.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace voicectl;
using commands::ExitCode;

/// A command line that can be pasted anywhere names the binary as it was called, or by its path.
std::string program_name(const std::string& called) {
    if (called.find('/') == std::string::npos) return called;
    std::error_code ec;
    const auto path = std::filesystem::absolute(called, ec).lexically_normal();
    return ec ? called : path.string();
}

/// A page of the manual, or their names.
ExitCode print_manual(const std::string& name) {
    if (name.empty()) {
        commands::print_or_leave(fmt::format("{}\n", fmt::join(cli::man_pages(), "\n")));
        return ExitCode::ok;
    }
    const auto page = cli::man_page(name);
    if (!page) return commands::give_up(page.error());
    commands::print_or_leave(*page);
    return ExitCode::ok;
}

ExitCode run(const std::vector<std::string>& words) {
    auto parsed = cli::parse({words.begin() + 1, words.end()});
    if (!parsed) {
        commands::complain(parsed.error().detail);
        if (words.size() == 1)
            std::fputs(("\n" + cli::overview(false)).c_str(), stderr);
        else
            std::fputs("Try 'voicectl --help'.\n", stderr);
        return ExitCode::usage;
    }
    const bool everything = parsed->ask == cli::Parsed::Ask::long_help;
    switch (parsed->ask) {
        case cli::Parsed::Ask::version:
            commands::print_or_leave(cli::version_text());
            return ExitCode::ok;
        case cli::Parsed::Ask::short_help:
        case cli::Parsed::Ask::long_help:
            commands::print_or_leave(parsed->command == nullptr ? cli::overview(everything)
                                                                : cli::help_of(*parsed->command, everything));
            return ExitCode::ok;
        case cli::Parsed::Ask::man:
            return print_manual(parsed->page);
        case cli::Parsed::Ask::run:
            break;
    }
    parsed->globals.program = program_name(words.front());
    commands::choose_colour(parsed->globals.color);
    if (const auto& file = parsed->globals.output; !file.empty() && file != "-")
        if (auto opened = commands::redirect_output(file); !opened) return commands::give_up(opened.error());
    return parsed->invocation->run(parsed->globals);
}

/// A descriptor that was closed by whoever started this would be given to the next socket, and what is meant
/// for people would go to a peer.
void keep_standard_streams() {
    for (int stream = 0; stream <= 2; ++stream)
        if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", O_RDWR);
}

}  // namespace

int main(int argc, char** argv) {
    keep_standard_streams();
    // A reader that leaves is an error of write(), not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return static_cast<int>(run({argv, argv + argc}));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "voicectl: bug: %s\n", error.what());
        return static_cast<int>(ExitCode::bug);
    }
}
