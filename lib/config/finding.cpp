// SPDX-License-Identifier: Apache-2.0
#include "config/finding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace voicectl::config {

std::string_view name_of(Layer layer) noexcept {
    constexpr std::array<std::string_view, 8> names{"default", "toml",        "env", "env-file",
                                                    "file",    "environment", "set", "flag"};
    return names[static_cast<std::size_t>(layer)];
}

std::string Origin::text() const {
    switch (layer) {
        case Layer::standard:
            return "default";
        case Layer::environment:
            return "environment";
        case Layer::set:
        case Layer::flag:
            return name;
        case Layer::toml:
        case Layer::dot_env:
        case Layer::env_file:
        case Layer::name_file:
            break;
    }
    return line == 0 ? name : fmt::format("{}:{}:{}", name, line, column);
}

void sort(Findings& findings) {
    const auto key = [](const Finding& finding) {
        return std::make_tuple(!finding.origin.is_file(),
                               finding.origin.is_file() ? finding.origin.name : std::string(),
                               finding.origin.line, finding.origin.column, finding.severity(), finding.code);
    };
    std::ranges::stable_sort(findings, [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
}

std::size_t count(const Findings& findings, Severity severity) noexcept {
    return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

}  // namespace voicectl::config
