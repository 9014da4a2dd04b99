// SPDX-License-Identifier: Apache-2.0
#include "commands/manual.hpp"

#include "config/code.hpp"
#include "config/print.hpp"
#include "config/rules.hpp"
#include "config/table.hpp"

#include <fmt/format.h>

namespace voicectl::commands {
namespace {

using config::Row;

ManualSection section_of(config::Severity severity, std::string title, std::string prose) {
    ManualSection section{std::move(title), std::move(prose), {}};
    for (const auto& row : config::codes())
        if (row.severity == severity)
            section.entries.push_back({fmt::format("{}  {}", row.id, row.title),
                                       row.severity == config::Severity::note
                                           ? std::string(row.cause)
                                           : fmt::format("{}\n\n{}", row.cause, row.cure)});
    return section;
}

std::string text_of(const Row& row) {
    auto text = fmt::format("{}.", row.sentence);
    if (const auto values = config::values_of(row); !values.empty())
        text += fmt::format(" Takes {}.", values);
    if (const auto value = config::sample_value(row, true); !value.empty() && !row.default_text.empty())
        text += fmt::format(" Default: {}.", value);
    if (!row.pending.empty()) text += fmt::format("\n\nNot in effect in this version: {}.", row.pending);
    return text;
}

ManualSection layers_section() {
    return {"Where values come from",
            "A setting that is given in several places has the value of the first of these that names it:",
            {{"1. a flag", "such as --ws-port."},
             {"2. --set KEY=VALUE", "with a key of this page or a variable's name; the last one wins."},
             {"3. the environment",
              "by the variable's name. A variable that is set to nothing counts as not set."},
             {"4. NAME_FILE",
              "in the environment: the file that it names holds the value, without its last line end. "
              "NAME and NAME_FILE together are an error."},
             {"5. --env-file FILE", "NAME=VALUE lines; the last file wins."},
             {"6. ./.env", "where it is there and no --env-file is given; --no-env-file leaves it out."},
             {"7. --config FILE", "TOML 1.0, as this page says."},
             {"8. the default", ""}}};
}

ManualSection forms_section() {
    return {
        "Forms of values",
        "",
        {{"numbers", "are whole and decimal; shares are decimal fractions from 0 to 1."},
         {"durations", "are 300ms, 5s, 5m or 1h, in quotes in TOML; a bare number is in milliseconds."},
         {"lists", "are [\"a\", \"b\"] in TOML, and a,b in the environment and for --set."},
         {"secrets",
          "never stand on a command line: environment, NAME_FILE, or a file. No output shows them."},
         {"environment files",
          "have NAME=VALUE lines, with export before the name if you like. An unquoted value ends at a # "
          "behind "
          "a blank. 'Single quotes' and `backticks` hold text as it stands; \"double quotes\" know \\n \\r "
          "\\t "
          "\\\" \\\\ \\$ and \\`; all three may span lines. Nothing is expanded and no command is run."}}};
}

ManualSection keys_section() {
    return {"Keys by the table",
            "openai.keys takes plain texts, or a table for each key:\n\n"
            "keys = [{ key = \"sk-…\", project = \"proj_…\", weight = 2 }]",
            {{"key", "the key itself; required."},
             {"project", "the project whose limits it shares."},
             {"weight", "how much of the load it takes beside the others; 1."},
             {"requests_per_minute, tokens_per_minute", "its limits; 0: what the service says."}}};
}

ManualSection presets_section() {
    return {"Presets",
            "examples/presets has three files of the settings that make a conversation quick or patient: "
            "session.vad_threshold, session.vad_hang_time, audio.frame, audio.bitrate and the targets. Copy "
            "one's lines into the configuration.",
            {{"high-performance.toml", "the quickest answers, for headsets and quiet rooms."},
             {"balanced.toml", "the defaults, written out: for browsers and phones in ordinary rooms."},
             {"conservative.toml", "for loudspeakers, cars and halls, people who pause, and thin lines."}}};
}

ManualSection capacity_section() {
    constexpr std::uint64_t sessions = 1000;
    return {"Capacity",
            fmt::format(
                "So that it can be known before the rollout, validate-config compares VOICE_MAX_CONNECTIONS "
                "with this machine. A session takes two file descriptors; {} sessions take {} with those "
                "that are there anyway. It takes up to 320 KiB of memory, codecs included: {} sessions take "
                "{} MiB.",
                sessions, config::descriptors_for(sessions), sessions, config::memory_for(sessions) >> 20U),
            {}};
}

}  // namespace

std::vector<ManualSection> findings_manual() {
    return {section_of(config::Severity::error, "Errors", "serve refuses a configuration with one of them."),
            section_of(config::Severity::warning, "Warnings", "serve starts all the same, and logs them."),
            section_of(config::Severity::note, "Notes", "From --level online.")};
}

std::vector<ManualSection> settings_manual() {
    std::vector<ManualSection> sections{layers_section(), forms_section()};
    for (const auto& row : config::table()) {
        const auto title = row.in_section() ? fmt::format("[{}]", row.section()) : std::string("Settings");
        if (sections.back().title != title) sections.push_back({title, "", {}});
        sections.back().entries.push_back({fmt::format("{}, {}", row.name(), row.env), text_of(row)});
    }
    sections.push_back(keys_section());
    sections.push_back(presets_section());
    sections.push_back(capacity_section());
    return sections;
}

}  // namespace voicectl::commands
