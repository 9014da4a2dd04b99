// SPDX-License-Identifier: Apache-2.0
#include "fuzz/claims.hpp"

#include "base/json_text.hpp"
#include "config/mask.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace voicectl::fuzz {

std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(data), size};
}

void claim(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "this does not hold: %s\n", what);
    std::abort();
}

bool is_printable(std::string_view text) noexcept {
    return std::ranges::none_of(text,
                                [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void assign_all(const std::vector<config::Given>& given, config::Findings& findings) {
    config::Settings settings;
    for (const auto& value : given)
        if (auto wrong = config::assign(settings, value))
            findings.push_back(config::to_finding(value, std::move(*wrong)));
}

void check(const config::Findings& findings, std::string_view text) {
    const config::LinedText lines(text);
    for (auto finding : findings) {
        const auto& origin = finding.origin;
        claim(
            origin.line >= 1 && origin.line <= lines.line_count() && origin.column >= 1 && origin.length >= 1,
            "a finding stands in the file");
        config::make_presentable(finding);
        claim(!finding.sentence.empty() && is_printable(finding.sentence) && is_printable(finding.fix) &&
                  is_printable(finding.subject),
              "what a finding says can be printed");
        claim(base::is_utf8(finding.sentence) && base::is_utf8(finding.fix) &&
                  base::is_utf8(finding.excerpt) && base::is_utf8(finding.subject),
              "a finding is UTF-8");
    }
}

}  // namespace voicectl::fuzz
