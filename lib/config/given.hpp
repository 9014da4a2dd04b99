// SPDX-License-Identifier: Apache-2.0
// What one layer says of one setting, and the judgement of it by the setting's row. Pure; any thread.
#pragma once

#include "config/finding.hpp"
#include "config/table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace voicectl::config {

using List = std::vector<std::string>;
using Keys = std::vector<UpstreamKey>;

struct Given {
    const Row* row = nullptr;
    std::variant<std::string, List, Keys> value;  ///< a text is read by the row's type; a list is one already
    Origin origin;
    std::string subject;  ///< the setting's name as that layer writes it
    std::string excerpt;  ///< the line it stands in, secrets masked
};

struct Judgement {
    Code code;
    std::string sentence;
    std::string fix;
};

/// Writes the value into its field. What is wrong, or nothing; then the field is as it was. No sentence holds
/// the value of a secret.
std::optional<Judgement> assign(Settings& settings, const Given& given);

/// What `judgement` is as a finding.
Finding to_finding(const Given& given, Judgement judgement);

/// What the row's field takes, as a sentence goes on after "it must be": "a whole number".
std::string type_name(const Row& row);

/// A comma-separated text as a list; blanks around elements and empty elements go.
List split_list(std::string_view text);

}  // namespace voicectl::config
