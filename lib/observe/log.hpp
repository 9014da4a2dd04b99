// SPDX-License-Identifier: Apache-2.0
// What the process says about itself, on stderr. Any thread; a line is formatted where it is said and written
// by a thread of the logger's own, whose queue drops the oldest line when it is full: logging never blocks a
// worker.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace voicectl::observe {

enum class LogLevel { trace, debug, info, warning, error, off };
enum class LogFormat { text, json };

/// Starts the logger; before this, and after stop_log(), nothing is written.
void start_log(LogLevel level, LogFormat format);
/// Writes what is queued and ends the thread; no other thread may log any more.
void stop_log();

bool log_enabled(LogLevel level) noexcept;
void log_line(LogLevel level, std::string_view module, std::string_view message);

/// `log_info("server", "listening on {}", address)`. No secret and no transcript above debug.
template <class... Args>
void log_debug(std::string_view module, fmt::format_string<Args...> text, Args&&... args) {
    if (log_enabled(LogLevel::debug))
        log_line(LogLevel::debug, module, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_info(std::string_view module, fmt::format_string<Args...> text, Args&&... args) {
    if (log_enabled(LogLevel::info))
        log_line(LogLevel::info, module, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_warning(std::string_view module, fmt::format_string<Args...> text, Args&&... args) {
    if (log_enabled(LogLevel::warning))
        log_line(LogLevel::warning, module, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(std::string_view module, fmt::format_string<Args...> text, Args&&... args) {
    if (log_enabled(LogLevel::error))
        log_line(LogLevel::error, module, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace voicectl::observe
