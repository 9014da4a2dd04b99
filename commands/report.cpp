// SPDX-License-Identifier: Apache-2.0
#include "commands/report.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace voicectl::commands {

using base::Errc;

namespace {

enum class Choice { automatic, always, never };
/// Of the whole process: set once from the command line.
Choice choice = Choice::automatic;

}  // namespace

void complain(std::string_view sentence) {
    fmt::print(stderr, "voicectl: {}\n", sentence);
}

ExitCode give_up(const base::Error& error) {
    complain(error.detail);
    return exit_code_of(error.code);
}

ExitCode exit_code_of(Errc code) noexcept {
    switch (code) {
        case Errc::usage:
            return ExitCode::usage;
        case Errc::malformed:
            return ExitCode::bad_input;
        case Errc::not_found:
            return ExitCode::no_input;
        case Errc::unavailable:
        case Errc::untrusted:
            return ExitCode::unavailable;
        case Errc::os:
            return ExitCode::os_error;
        case Errc::cannot_create:
            return ExitCode::cannot_create;
        case Errc::io:
            return ExitCode::io_error;
        case Errc::timed_out:
        case Errc::overloaded:
            return ExitCode::temporary;
        case Errc::protocol:
        case Errc::too_large:
            return ExitCode::protocol;
        case Errc::unauthorized:
        case Errc::forbidden:
            return ExitCode::unauthorized;
        case Errc::closed:
            return ExitCode::unavailable;
        case Errc::bad_configuration:
            return ExitCode::bad_configuration;
        case Errc::internal:
            return ExitCode::bug;
    }
    return ExitCode::bug;
}

bool print(std::string_view text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    return std::fflush(stdout) == 0 && written;
}

void print_or_leave(std::string_view text, ExitCode verdict) {
    if (print(text)) return;
    if (errno == EPIPE) std::_Exit(static_cast<int>(verdict));
    complain(fmt::format("cannot write to stdout: {}", std::strerror(errno)));
    std::_Exit(static_cast<int>(ExitCode::io_error));
}

void choose_colour(std::string_view when) noexcept {
    choice = when == "always" ? Choice::always : when == "never" ? Choice::never : Choice::automatic;
}

bool colourful(int stream) noexcept {
    if (choice != Choice::automatic) return choice == Choice::always;
    const char* no_color = std::getenv("NO_COLOR");
    return (no_color == nullptr || *no_color == '\0') && ::isatty(stream) == 1;
}

base::Result<void> redirect_output(const std::string& file) {
    const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    const bool done = opened >= 0 && ::dup2(opened, STDOUT_FILENO) == STDOUT_FILENO;
    const int error = errno;
    if (opened >= 0) ::close(opened);
    if (done) return {};
    return base::fail(Errc::cannot_create, "cannot write to {}: {}", file, std::strerror(error));
}

}  // namespace voicectl::commands
