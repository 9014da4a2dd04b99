// SPDX-License-Identifier: Apache-2.0
// The codes of findings. A code that was published keeps its meaning; voicectl-validate-config(1) and SARIF
// are made from these rows.
#pragma once

#include <span>
#include <string_view>

namespace voicectl::config {

enum class Severity { error, warning, note };

std::string_view name_of(Severity severity) noexcept;

enum class Code {
    toml_syntax,
    env_file_syntax,
    unreadable,
    unknown_key,
    wrong_type,
    not_of_type,
    out_of_range,
    not_a_choice,
    malformed,
    both_name_and_file,
    kept_comment_or_quotes,
    service_link,
    forbidden_character,
    malformed_set,
    missing,
    short_secret,
    sample_secret,
    ports_clash,
    half_of_tls,
    key_does_not_fit_algorithm,
    file_missing,
    certificate_unusable,
    key_does_not_match,
    certificate_expired,
    public_key_unusable,
    scenario_unusable,
    upstream_unreachable,
    upstream_refuses,
    redis_unreachable,
    redis_refuses,
    database_unreachable,
    database_refuses,
    tls_not_trusted,
    gateway_broken,

    empty_value,
    unknown_variable,
    quotes_in_text,
    defined_twice,
    hash_without_blank,
    not_expanded,
    readable_by_others,
    does_nothing_yet,
    unusual_key,
    low_bitrate,
    target_below_frame,
    weak_secret,
    any_origin,
    any_origin_with_others,
    idle_beyond_cap,
    renewal_too_late,
    drain_beyond_cap,
    too_few_descriptors,
    too_little_memory,
    plain_database,
    plain_redis,
    plain_upstream,
    simulator_in_production,
    memory_in_production,
    certificate_expires_soon,
    model_unknown,
    schema_behind,
    gateway_incomplete,

    online_ok,
    online_skipped,
};

struct CodeRow {
    Code code;
    std::string_view id;  ///< E101, W201, N301
    Severity severity;
    std::string_view title;  ///< a few words
    std::string_view cause;  ///< when it is given, a sentence
    std::string_view cure;   ///< what to do, a sentence
};

/// In the order of the ids.
std::span<const CodeRow> codes() noexcept;

const CodeRow& row_of(Code code) noexcept;

}  // namespace voicectl::config
