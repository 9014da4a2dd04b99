// SPDX-License-Identifier: Apache-2.0
#include "simulator/scenario_toml.hpp"

#include "base/suggest.hpp"
#include "simulator/duration.hpp"

#include <algorithm>
#include <optional>

namespace voicectl::simulator {

using std::chrono::milliseconds;

void TomlReader::wrong(const toml::source_region& where, const std::string& what) const {
    throw base::fail(base::Errc::malformed, "{}:{}:{}: {}", path_, where.begin.line, where.begin.column,
                     what);
}

void TomlReader::check_keys(const toml::table& from, std::string_view section,
                            std::span<const std::string_view> known) const {
    for (const auto& [key, node] : from) {
        if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
        wrong(key.source(),
              fmt::format("there is no {}{}{}{}", section, section.empty() ? "" : ".", key.str(),
                          base::did_you_mean(key.str(), {known.begin(), known.end()})));
    }
}

const toml::table* TomlReader::table(const toml::table& from, std::string_view key) const {
    const auto* node = from.get(key);
    if (node != nullptr && !node->is_table())
        wrong(node->source(), fmt::format("{} is a table: [{}]", key, key));
    return node == nullptr ? nullptr : node->as_table();
}

std::string TomlReader::text(const toml::node& node, std::string_view name) const {
    const auto value = node.value_exact<std::string>();
    if (!value) wrong(node.source(), fmt::format("{} must be a text in quotes", name));
    return *value;
}

std::vector<std::string> TomlReader::texts(const toml::node& node, std::string_view name) const {
    const auto* list = node.as_array();
    if (list == nullptr) wrong(node.source(), fmt::format("{} must be an array of texts", name));
    std::vector<std::string> all;
    for (const auto& one : *list)
        all.push_back(text(one, name));
    return all;
}

bool TomlReader::boolean(const toml::node& node, std::string_view name) const {
    const auto value = node.value_exact<bool>();
    if (!value) wrong(node.source(), fmt::format("{} must be true or false", name));
    return *value;
}

std::int64_t TomlReader::whole(const toml::node& node, std::string_view name, std::int64_t least,
                               std::int64_t most) const {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < least || *value > most)
        wrong(node.source(), fmt::format("{} must be a whole number from {} to {}", name, least, most));
    return *value;
}

void TomlReader::read_duration(const toml::table& from, std::string_view section, std::string_view key,
                               milliseconds& to, milliseconds least) const {
    const auto* node = from.get(key);
    if (node == nullptr) return;
    std::optional<milliseconds> span;
    if (const auto number = node->value_exact<std::int64_t>())
        span = milliseconds(*number);
    else if (const auto words = node->value_exact<std::string>())
        span = parse_duration(*words);
    constexpr milliseconds most = std::chrono::hours(24);
    if (!span || *span < least || *span > most)
        wrong(node->source(), fmt::format("{}.{} must be a duration from {} ms to 24 hours: a number of "
                                          "milliseconds, or \"300ms\", \"5s\", \"5m\", \"1h\"",
                                          section, key, least.count()));
    to = *span;
}

}  // namespace voicectl::simulator
