// SPDX-License-Identifier: Apache-2.0
// Any bytes as an environment file: first the grammar, then what its values mean.
#include "config/dotenv.hpp"
#include "config/env_source.hpp"
#include "fuzz/claims.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace voicectl;
    const auto text = fuzz::text_of(data, size);
    const auto parsed = config::parse_env_file(text);
    std::size_t last = 0;
    for (const auto& entry : parsed.entries) {
        fuzz::claim(!entry.name.empty() && text.substr(entry.name_at).starts_with(entry.name),
                    "a name stands where it is said to stand");
        fuzz::claim(last <= entry.name_at && entry.name_at < entry.value_at &&
                        entry.value_at <= entry.value_end && entry.value_end <= text.size(),
                    "entries are in order");
        last = entry.value_end;
    }
    for (const auto& problem : parsed.problems)
        fuzz::claim(problem.at <= text.size() && !problem.sentence.empty(), "a problem has a place");

    // NAME_FILE would open whatever the input names.
    if (text.find("_FILE") != std::string_view::npos) return 0;
    std::vector<config::Given> given;
    config::Findings findings;
    config::read_env_file(text, config::Layer::env_file, "fuzz.env", given, findings);
    fuzz::assign_all(given, findings);
    fuzz::check(findings, text);
    return 0;
}
