// SPDX-License-Identifier: Apache-2.0
// What manual pages say beyond options and examples, as data: cli/ renders it.
#pragma once

#include <string>
#include <vector>

namespace voicectl::commands {

struct ManualEntry {
    std::string term;
    std::string text;  ///< paragraphs apart by an empty line
};

struct ManualSection {
    std::string title;
    std::string prose;  ///< before the entries; may be empty
    std::vector<ManualEntry> entries;
};

/// The codes of findings, for voicectl-validate-config(1).
std::vector<ManualSection> findings_manual();

/// voicectl.toml(5): layers, forms of values, and every setting.
std::vector<ManualSection> settings_manual();

}  // namespace voicectl::commands
