// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "config/table.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <limits>

namespace voicectl::config {
namespace {

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string_view trim(std::string_view text) noexcept {
    const auto start = text.find_first_not_of(" \t");
    return start == std::string_view::npos ? std::string_view()
                                           : text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

bool is_choice(std::string_view choices, std::string_view value) noexcept {
    while (!choices.empty()) {
        const auto space = std::min(choices.find(' '), choices.size());
        if (choices.substr(0, space) == value) return true;
        choices.remove_prefix(std::min(space + 1, choices.size()));
    }
    return false;
}

/// Writes one value into its field; the sentence of what is wrong, or empty.
struct Assign {
    Settings& settings;
    const Row& row;
    std::string_view text;
    bool any_port;

    std::string operator()(std::string Settings::*field) const {
        if (!row.choices.empty() && !is_choice(row.choices, text))
            return fmt::format("'{}' is not one of: {}", text, row.choices);
        settings.*field = text;
        return {};
    }
    std::string operator()(base::Secret Settings::*field) const {
        settings.*field = base::Secret(std::string(text));
        return {};
    }
    std::string operator()(int Settings::*field) const {
        const auto value = parse_integer(text);
        if (!value) return fmt::format("'{}' is not a whole number", text);
        const bool free_port = any_port && row.env.ends_with("_PORT") && *value == 0;
        if (!free_port && (*value < row.min || *value > row.max))
            return fmt::format("{} is outside {} to {}", *value, row.min, row.max);
        if (!row.choices.empty() && !is_choice(row.choices, text))
            return fmt::format("{} is not one of: {}", *value, row.choices);
        settings.*field = static_cast<int>(*value);
        return {};
    }
    std::string operator()(bool Settings::*field) const {
        if (text == "true" || text == "1" || text == "yes" || text == "on")
            settings.*field = true;
        else if (text == "false" || text == "0" || text == "no" || text == "off")
            settings.*field = false;
        else
            return fmt::format("'{}' is neither true nor false", text);
        return {};
    }
    std::string operator()(std::chrono::milliseconds Settings::*field) const {
        const auto value = parse_duration(text);
        if (!value) return fmt::format("'{}' is not a duration such as 300ms, 30s, 5m or 1h", text);
        if (value->count() < row.min || value->count() > row.max)
            return fmt::format("{} is outside {} ms to {} ms", text, row.min, row.max);
        settings.*field = *value;
        return {};
    }
    std::string operator()(std::vector<std::string> Settings::*field) const {
        auto& list = settings.*field;
        list.clear();
        std::string_view rest = text;
        while (!rest.empty()) {
            const auto comma = std::min(rest.find(','), rest.size());
            if (const auto element = trim(rest.substr(0, comma)); !element.empty())
                list.emplace_back(element);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        return {};
    }
};

void assign(Loaded& loaded, const Row& row, std::string_view where, std::string_view text, bool any_port) {
    auto wrong = std::visit(Assign{loaded.settings, row, text, any_port}, row.field);
    if (!wrong.empty()) loaded.problems.push_back({std::string(where), std::move(wrong)});
}

void check_secret(Loaded& loaded) {
    constexpr std::size_t bytes_min = 32;
    const auto size = loaded.settings.jwt_secret.size();
    if (size == 0)
        loaded.problems.push_back(
            {"JWT_SECRET", "is missing; set at least 32 random bytes (openssl rand -base64 48)"});
    else if (size < bytes_min)
        loaded.problems.push_back(
            {"JWT_SECRET", fmt::format("has {} bytes; it needs at least {}", size, bytes_min)});
}

void check_together(Loaded& loaded, Demands demands) {
    const auto& settings = loaded.settings;
    check_secret(loaded);
    if (demands.upstream_key && settings.openai_api_key.empty() && !is_simulator(settings.upstream_url))
        loaded.problems.push_back(
            {"OPENAI_API_KEY",
             "is missing; set the model's key, or VOICE_UPSTREAM_URL=sim: to try without one"});
    if (settings.ws_port == settings.http_port && settings.ws_port != 0)
        loaded.problems.push_back(
            {"VOICE_HTTP_PORT",
             fmt::format("is {}, which is VOICE_WS_PORT too; choose another", settings.http_port)});
}

}  // namespace

Loaded load(const Environment& environment, const std::vector<Override>& overrides, Demands demands) {
    Loaded loaded;
    for (const auto& row : table())
        if (const auto value = environment(row.env); value && !value->empty())
            assign(loaded, row, row.env, *value, demands.any_port);
    for (const auto& [env, flag, value] : overrides)
        if (const auto* row = find_row(env)) assign(loaded, *row, flag, value, demands.any_port);
    check_together(loaded, demands);
    return loaded;
}

Environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        if (value == nullptr) return std::nullopt;
        return value;
    };
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
    const auto unit_start = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_integer(text.substr(0, unit_start));
    if (!number) return std::nullopt;
    const auto unit = text.substr(unit_start);
    const std::int64_t scale = unit.empty() || unit == "ms" ? 1
                               : unit == "s"                ? 1000
                               : unit == "m"                ? 60'000
                               : unit == "h"                ? 3'600'000
                                                            : 0;
    if (scale == 0 || *number > std::numeric_limits<std::int64_t>::max() / scale) return std::nullopt;
    return std::chrono::milliseconds(*number * scale);
}

bool is_simulator(std::string_view upstream_url) noexcept {
    return upstream_url.starts_with("sim:");
}

}  // namespace voicectl::config
