// SPDX-License-Identifier: Apache-2.0
// Any bytes as a configuration file, as far as the settings.
#include "config/toml_source.hpp"
#include "fuzz/claims.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace voicectl;
    const auto text = fuzz::text_of(data, size);
    std::vector<config::Given> given;
    config::Findings findings;
    config::read_toml(text, "fuzz.toml", given, findings);
    fuzz::assign_all(given, findings);
    fuzz::check(findings, text);
    return 0;
}
