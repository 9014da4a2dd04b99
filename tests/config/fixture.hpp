// SPDX-License-Identifier: Apache-2.0
// Loading settings from texts, as the tests of config do it.
#pragma once

#include "config/load.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace voicectl::test {

inline const std::string good_secret = "kV7+qZ3mW9xT1rB5nD8hG2jL6pS4uY0c";

/// Everything that production needs.
inline config::Sources complete() {
    config::Sources sources;
    sources.dot_env = false;
    sources.environment = {{"JWT_SECRET", good_secret},
                           {"OPENAI_API_KEY", "sk-a-key"},
                           {"REDIS_URL", "memory:"},
                           {"DATABASE_URL", "sqlite:voice.db"}};
    return sources;
}

/// The same with one variable more, or another value for one.
inline config::Sources with(std::string name, std::string value) {
    auto sources = complete();
    std::erase_if(sources.environment, [&](const auto& variable) { return variable.first == name; });
    sources.environment.emplace_back(std::move(name), std::move(value));
    return sources;
}

inline config::Loaded load(const config::Sources& sources) {
    return config::load(sources, config::Level::semantics);
}

/// "E107 VOICE_WS_PORT" of each finding, but for those that say that something is not in effect yet.
inline std::vector<std::string> summary(const config::Findings& findings) {
    std::vector<std::string> lines;
    for (const auto& finding : findings)
        if (finding.code != config::Code::does_nothing_yet &&
            finding.code != config::Code::memory_in_production)
            lines.push_back(std::string(config::row_of(finding.code).id) + " " + finding.subject);
    return lines;
}

}  // namespace voicectl::test
