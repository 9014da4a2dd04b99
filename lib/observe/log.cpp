// SPDX-License-Identifier: Apache-2.0
#include "observe/log.hpp"

#include "base/json_text.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <string>

namespace voicectl::observe {
namespace {

constexpr std::size_t queue_lines = 8192;

struct Logger {
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> sink;
    LogFormat format = LogFormat::text;
};

// Set by start_log before any other thread exists, cleared by stop_log after the last one.
Logger logger;
std::atomic<LogLevel> threshold{LogLevel::off};

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::trace:
            return spdlog::level::trace;
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
        case LogLevel::off:
            return spdlog::level::off;
    }
    return spdlog::level::off;
}

/// A line must stay one line and must not drive a terminal, whatever a peer put into it.
std::string printable(std::string_view message) {
    std::string text;
    text.reserve(message.size());
    for (const char c : message) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            text += c;
    }
    return text;
}

}  // namespace

void start_log(LogLevel level, LogFormat format) {
    logger.format = format;
    logger.pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
    logger.sink = std::make_shared<spdlog::async_logger>("voicectl", std::move(sink), logger.pool,
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger.sink->set_level(spdlog::level::trace);
    logger.sink->set_pattern(
        format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                  : "%H:%M:%S.%e %^%-7l%$ %v",
        format == LogFormat::json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local);
    threshold = level;
}

void stop_log() {
    threshold = LogLevel::off;
    if (logger.sink) logger.sink->flush();
    logger.sink.reset();
    logger.pool.reset();
}

bool log_enabled(LogLevel level) noexcept {
    return level >= threshold.load(std::memory_order_relaxed);
}

void log_line(LogLevel level, std::string_view module, std::string_view message) {
    if (!logger.sink) return;
    std::string line;
    if (logger.format == LogFormat::json) {
        line += "\"module\":";
        base::append_json_string(module, line);
        line += ",\"message\":";
        base::append_json_string(message, line);
    } else {
        line = fmt::format("{}: {}", module, printable(message));
    }
    logger.sink->log(to_spdlog(level), spdlog::string_view_t(line));
}

}  // namespace voicectl::observe
