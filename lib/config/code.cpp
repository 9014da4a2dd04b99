// SPDX-License-Identifier: Apache-2.0
#include "config/code.hpp"

#include <algorithm>
#include <array>

namespace voicectl::config {
namespace {

using enum Severity;

constexpr auto rows = std::to_array<CodeRow>({
    {Code::toml_syntax, "E101", error, "TOML syntax", "The file is not TOML 1.0.",
     "Mend the line that is shown; text goes in quotes, a section in [brackets]."},
    {Code::env_file_syntax, "E102", error, "dotenv syntax",
     "A line of the environment file is neither NAME=VALUE nor a comment, or a quote is not closed.",
     "Write NAME=VALUE, with the value in quotes where it has blanks, quotes or a # in it."},
    {Code::unreadable, "E103", error, "unreadable file",
     "A file that is to be read is not there, is no file, is over 1 MiB, or may not be read.",
     "Correct the path, or let the user that runs voicectl read the file."},
    {Code::unknown_key, "E104", error, "unknown key", "No setting has this key.",
     "Use the key that is suggested, or take the line out."},
    {Code::wrong_type, "E105", error, "wrong type", "The value's TOML type is not the setting's.",
     "Write it as voicectl.toml(5) shows: numbers and true or false without quotes, text with quotes, lists "
     "in "
     "[brackets]."},
    {Code::not_of_type, "E106", error, "not such a value",
     "The text is not a whole decimal number, not a duration, or neither true nor false.",
     "Write a decimal number, a duration such as 300ms, 5s, 5m or 1h, or true or false."},
    {Code::out_of_range, "E107", error, "out of range",
     "The number or duration is outside the setting's range.", "Choose one inside the range that is named."},
    {Code::not_a_choice, "E108", error, "not a choice", "The setting takes one of a few words.",
     "Use one of those that are named."},
    {Code::malformed, "E109", error, "malformed address",
     "A URL, an origin or an address is not one, or has a scheme that this setting does not take.",
     "Write it in the form that is named."},
    {Code::both_name_and_file, "E110", error, "given twice",
     "Both NAME and NAME_FILE are set, and it cannot be known which was meant.", "Unset one of the two."},
    {Code::kept_comment_or_quotes, "E111", error, "comment or quotes in a value",
     "A variable of the process's environment still carries a comment or quotes: docker run --env-file and "
     "systemd's EnvironmentFile hand them on as they stand.",
     "Take the comment or the quotes out of that file, or give the file to voicectl with --env-file."},
    {Code::service_link, "E112", error, "a Kubernetes service link",
     "Kubernetes has set the variable because a Service has that name: its value is an address such as "
     "tcp://10.0.0.7:8080.",
     "Set enableServiceLinks: false in the pod's spec, or give the Service another name."},
    {Code::forbidden_character, "E113", error, "forbidden character",
     "The value has a control character, bytes that are not UTF-8, or what an HTTP header cannot carry.",
     "Take it out; a line end at the end of a secret is the usual one."},
    {Code::malformed_set, "E114", error, "malformed --set", "--set wants KEY=VALUE.",
     "Write --set server.ws_port=9000."},
    {Code::missing, "E120", error, "missing setting", "A setting without which nothing works is not set.",
     "Set it as the finding says."},
    {Code::short_secret, "E121", error, "short secret",
     "A secret that signs tokens has fewer than 32 bytes and can be guessed from one token.",
     "Make one with: openssl rand -base64 48"},
    {Code::sample_secret, "E122", error, "sample secret",
     "The secret is one that stands in an example for everybody to read.",
     "Make one of your own: openssl rand -base64 48"},
    {Code::ports_clash, "E123", error, "ports clash", "Two listeners are to have the same port.",
     "Give one of them another port."},
    {Code::half_of_tls, "E124", error, "half of TLS",
     "A certificate is set without its key, or a key without it.", "Set both files, or neither."},
    {Code::key_does_not_fit_algorithm, "E125", error, "algorithm without key",
     "An algorithm is allowed for tokens, and the kind of key that it needs is not set.",
     "Set the key, or take the algorithm out."},
    {Code::file_missing, "E140", error, "named file missing", "A file that a setting names cannot be read.",
     "Correct the path, or let the user that runs voicectl read the file."},
    {Code::certificate_unusable, "E141", error, "unusable certificate or key",
     "The file holds no certificate, or no private key, in PEM.",
     "Give the PEM file, the chain's leaf first."},
    {Code::key_does_not_match, "E142", error, "key does not match",
     "The private key is not the one of the certificate.", "Give the two files that belong together."},
    {Code::certificate_expired, "E143", error, "certificate not valid now",
     "The certificate has expired, or is not valid yet.", "Renew it; check the clock if it is new."},
    {Code::public_key_unusable, "E144", error, "unusable public key",
     "The file holds no public key in PEM of the kind that the allowed algorithms need, or a weak one.",
     "Give an RSA key of at least 2048 bits, or a P-256 key, in PEM."},
    {Code::scenario_unusable, "E145", error, "unusable scenario", "The simulator's scenario cannot be read.",
     "Mend the scenario as the finding says."},
    {Code::upstream_unreachable, "E150", error, "upstream unreachable",
     "The speech model's service does not answer.",
     "Check VOICE_UPSTREAM_URL, the network and the firewall."},
    {Code::upstream_refuses, "E151", error, "upstream refuses", "The speech model's service refuses the key.",
     "Check the key, its project and its account."},
    {Code::redis_unreachable, "E152", error, "Redis unreachable", "Redis does not answer.",
     "Check REDIS_URL and that Redis runs."},
    {Code::redis_refuses, "E153", error, "Redis refuses",
     "Redis refuses the user or the password, or is no Redis.",
     "Check the user and the password in REDIS_URL."},
    {Code::database_unreachable, "E154", error, "database unreachable", "PostgreSQL does not answer.",
     "Check DATABASE_URL and that PostgreSQL runs."},
    {Code::database_refuses, "E155", error, "database refuses",
     "PostgreSQL refuses the user, the password or the database.", "Check them in DATABASE_URL."},
    {Code::tls_not_trusted, "E156", error, "TLS not trusted", "The service's certificate is not accepted.",
     "Mend the service's chain, or name its authority with SSL_CERT_FILE."},
    {Code::gateway_broken, "E157", error, "gateway answers wrongly",
     "A gateway is listening on the configured port, and does not answer as it must.",
     "Look whether something else has the port, or what the proxy in front changes."},

    {Code::empty_value, "W201", warning, "empty value", "A variable is set to nothing and counts as not set.",
     "Give it a value, or take it out."},
    {Code::unknown_variable, "W202", warning, "unknown variable",
     "A variable has one of voicectl's prefixes, and no setting has that name.",
     "Use the name that is suggested, or take it out."},
    {Code::quotes_in_text, "W203", warning, "quotes or comment in a text",
     "A text from the process's environment begins and ends with quotes, or has a comment at its end: "
     "docker run --env-file hands them on as they stand.",
     "Take them out, or give the file to voicectl with --env-file."},
    {Code::defined_twice, "W204", warning, "defined twice",
     "A file sets the same name twice; the last one counts.", "Take one of the two lines out."},
    {Code::hash_without_blank, "W205", warning, "# without a blank",
     "An unquoted value has a # in it that is kept; other readers of such files end the value there.",
     "Put the value in quotes."},
    {Code::not_expanded, "W206", warning, "not expanded",
     "The value has ${NAME} or $(command) in it, which is taken as it stands.",
     "Write the value out; single quotes say that it is meant."},
    {Code::readable_by_others, "W207", warning, "readable by others",
     "A file with secrets can be read or changed by every user of the machine.", "chmod 600 the file."},
    {Code::does_nothing_yet, "W210", warning, "not in effect yet",
     "The setting is known and checked, and this version does not do all of what it says.",
     "Do not rely on it; the finding says what is missing."},
    {Code::unusual_key, "W220", warning, "unusual key",
     "A key of OpenAI's starts with sk-, and this one does not.",
     "Check that it is a key, and the whole of it."},
    {Code::low_bitrate, "W221", warning, "low bitrate",
     "Below 12000 bit/s speech in Opus loses its high part.", "Set VOICE_BITRATE to 16000 or more."},
    {Code::target_below_frame, "W222", warning, "target below a frame",
     "The barge-in target is shorter than one frame, and nothing can be decided within a frame.",
     "Raise VOICE_TARGET_BARGE_IN_MS or shorten VOICE_FRAME_MS."},
    {Code::weak_secret, "W223", warning, "weak secret", "The secret looks like words or a pattern.",
     "Make one with: openssl rand -base64 48"},
    {Code::any_origin, "W224", warning, "any origin",
     "Pages of every origin may connect, also with the credentials of a caller who visits them.",
     "Name the origins of your own pages."},
    {Code::any_origin_with_others, "W225", warning, "origins beside *",
     "Origins beside * are never looked at.", "Take the * out, or the others."},
    {Code::idle_beyond_cap, "W226", warning, "idle timeout beyond the session cap",
     "A session ends by its cap before it can be idle for so long.",
     "Set VOICE_SESSION_TIMEOUT below VOICE_MAX_SESSION_DURATION."},
    {Code::renewal_too_late, "W227", warning, "renewal of the upstream too late",
     "The upstream ends its session after 60 minutes, or the time for a quiet change comes after the last "
     "one.",
     "Set VOICE_UPSTREAM_RENEW_AT_LATEST to at most 59m, and VOICE_UPSTREAM_RENEW_AFTER below it."},
    {Code::drain_beyond_cap, "W228", warning, "drain beyond the session cap",
     "No session lives as long as the drain would wait for it.",
     "Set VOICE_DRAIN_TIMEOUT below VOICE_MAX_SESSION_DURATION."},
    {Code::too_few_descriptors, "W229", warning, "too few file descriptors",
     "So many connections need more file descriptors than the process may open.",
     "Raise the limit (ulimit -n, LimitNOFILE=), or lower VOICE_MAX_CONNECTIONS."},
    {Code::too_little_memory, "W230", warning, "too little memory",
     "So many connections need more memory than the machine or its cgroup has.",
     "Give it more memory, or lower VOICE_MAX_CONNECTIONS."},
    {Code::plain_database, "W231", warning, "database without TLS",
     "The database is on another host, and its URL does not demand TLS.",
     "Add sslmode=verify-full to DATABASE_URL."},
    {Code::plain_redis, "W232", warning, "Redis without TLS",
     "Redis is on another host, and the URL is not rediss://.", "Use rediss://."},
    {Code::plain_upstream, "W233", warning, "upstream without TLS",
     "The key and the speech would travel in the clear to another host.", "Use wss://."},
    {Code::simulator_in_production, "W234", warning, "simulator in production",
     "The upstream is the simulator: callers would talk to a script.",
     "Set VOICE_UPSTREAM_URL to a speech model."},
    {Code::memory_in_production, "W235", warning, "memory in production",
     "Sessions in memory end with the process, and cannot move to another node.",
     "Use redis:// or rediss://."},
    {Code::certificate_expires_soon, "W240", warning, "certificate expires soon",
     "The certificate is valid for less than 30 days.", "Renew it."},
    {Code::model_unknown, "W250", warning, "model not listed",
     "The service does not list the configured model.",
     "Check OPENAI_REALTIME_MODEL, and what the key may use."},
    {Code::schema_behind, "W251", warning, "schema behind",
     "The database has not the schema that this version needs.", "Run voicectl migrate-db."},
    {Code::gateway_incomplete, "W252", warning, "gateway incomplete",
     "A gateway is listening on the configured port, and a part of it does not answer as it should.",
     "Look at what the finding names."},

    {Code::online_ok, "N301", note, "answers", "A service answered as it should.", "Nothing."},
    {Code::online_skipped, "N302", note, "not asked", "There was nothing to ask.", "Nothing."},
});

// The enum and the rows are one list.
constexpr bool in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].code != static_cast<Code>(i)) return false;
    return rows.back().code == Code::online_skipped;
}
static_assert(in_order());

}  // namespace

std::string_view name_of(Severity severity) noexcept {
    constexpr std::array<std::string_view, 3> names{"error", "warning", "note"};
    return names[static_cast<std::size_t>(severity)];
}

std::span<const CodeRow> codes() noexcept {
    return rows;
}

const CodeRow& row_of(Code code) noexcept {
    return rows[static_cast<std::size_t>(code)];
}

}  // namespace voicectl::config
