// SPDX-License-Identifier: Apache-2.0
#include "config/env_trap.hpp"

#include "base/suggest.hpp"
#include "base/words.hpp"
#include "config/address.hpp"
#include "config/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace voicectl::config {
namespace {

constexpr auto prefixes = std::to_array<std::string_view>({"VOICE_", "JWT_", "OPENAI_"});

/// Names that other programs have for the same thing.
struct OtherName {
    std::string_view name;
    std::string_view ours;
};
constexpr auto other_names = std::to_array<OtherName>({
    {"OPENAI_BASE_URL", "VOICE_UPSTREAM_URL"},
    {"OPENAI_API_BASE", "VOICE_UPSTREAM_URL"},
    {"OPENAI_ORGANIZATION", "OPENAI_ORG_ID"},
    {"OPENAI_MODEL", "OPENAI_REALTIME_MODEL"},
    {"OPENAI_PROJECT", "OPENAI_PROJECT_ID"},
    {"OPENAI_VOICE", "VOICE_VOICE"},
    {"VOICE_PORT", "VOICE_WS_PORT"},
    {"VOICE_HOST", "VOICE_BIND_ADDRESS"},
});

/// tcp://10.0.0.7:8080, as Kubernetes and old Docker links write it.
bool is_service_link(std::string_view value) noexcept {
    const auto url = split_url(value);
    return url && base::has_word("tcp udp sctp", url->scheme) && !url->host.empty() && !url->port.empty() &&
           url->rest.empty();
}

/// VOICE_SERVICE_PORT_WS, VOICE_PORT_8080_TCP_ADDR and their like.
bool is_link_name(std::string_view name) noexcept {
    if (name.find("_SERVICE_HOST") != std::string_view::npos ||
        name.find("_SERVICE_PORT") != std::string_view::npos)
        return true;
    const auto port = name.find("_PORT_");
    if (port == std::string_view::npos) return false;
    auto rest = name.substr(port + 6);
    const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    rest.remove_prefix(digits);
    return digits > 0 && (rest.starts_with("_TCP") || rest.starts_with("_UDP") || rest.starts_with("_SCTP"));
}

bool in_quotes(std::string_view value) noexcept {
    return value.size() >= 2 && value.front() == value.back() &&
           std::string_view("\"'`").find(value.front()) != std::string_view::npos;
}

/// Whether any text is a value of it, so that quotes and # may be meant.
bool is_free_text(const Row& row) noexcept {
    return row.choices.empty() && (row.rule == Rule::any || row.rule == Rule::header) &&
           (std::holds_alternative<std::string Settings::*>(row.field) ||
            std::holds_alternative<base::Secret Settings::*>(row.field) || row.is_path());
}

}  // namespace

std::optional<Judgement> find_trap(const Row& row, std::string_view value) {
    if (row.rule != Rule::url && is_service_link(value))
        return Judgement{
            Code::service_link,
            row.secret() ? std::string("is an address, as Kubernetes sets it for a Service of that name")
                         : fmt::format("'{}' is an address that Kubernetes sets for a Service of that name",
                                       shown(value)),
            "set enableServiceLinks: false in the pod's spec, or give the Service another name"};
    const bool quoted = in_quotes(value);
    const bool comment =
        value.find(" #") != std::string_view::npos || value.find("\t#") != std::string_view::npos;
    if (!quoted && !comment) return std::nullopt;
    const auto what = quoted ? "the quotes are part of the value" : "the comment is part of the value";
    if (is_free_text(row)) {
        // In prose a # means nothing.
        if (!quoted && row.env == "VOICE_INSTRUCTIONS") return std::nullopt;
        return Judgement{Code::quotes_in_text, fmt::format("{}; was it meant to be?", what),
                         "take them out of the file that sets it, or give that file with --env-file"};
    }
    return Judgement{Code::kept_comment_or_quotes, fmt::format("{}: docker run --env-file keeps it", what),
                     "take it out of that file, or give the file with --env-file"};
}

bool is_meant_for_us(std::string_view name, std::string_view value) noexcept {
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); }) &&
           !is_link_name(name) && !is_service_link(value);
}

std::string meant_by(std::string_view name) {
    const auto* other = std::ranges::find(other_names, name, &OtherName::name);
    if (other != other_names.end()) return fmt::format("did you mean {}?", other->ours);
    std::vector<std::string> known;
    for (const auto& row : table()) {
        known.emplace_back(row.env);
        if (!row.is_path()) known.push_back(fmt::format("{}_FILE", row.env));
    }
    const auto meant = base::nearest(name, known);
    return meant.empty() ? "take it out; voicectl serve --help lists every variable"
                         : fmt::format("did you mean {}?", meant);
}

}  // namespace voicectl::config
