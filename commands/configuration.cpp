// SPDX-License-Identifier: Apache-2.0
#include "commands/configuration.hpp"

#include "commands/findings.hpp"
#include "commands/report.hpp"
#include "server/preflight.hpp"

#include <algorithm>
#include <unistd.h>

namespace voicectl::commands {

config::Sources sources_of(const Globals& globals, std::vector<config::FlagValue> flags) {
    config::Sources sources;
    sources.config_file = globals.config_file;
    sources.env_files = globals.env_files;
    sources.dot_env = !globals.no_env_file;
    sources.environment = config::process_environment();
    sources.sets = globals.sets;
    sources.flags = std::move(flags);
    return sources;
}

config::Loaded load_configuration(const config::Sources& sources, config::Level level) {
    auto loaded = config::load(sources, level);
    if (level >= config::Level::files) server::check_files(loaded);
    return loaded;
}

ExitCode report_unusable(const config::Loaded& loaded) {
    if (loaded.usable()) return ExitCode::ok;
    complain("the configuration cannot work:");
    fmt::print(stderr, "{}", findings_text(loaded.findings, colourful(STDERR_FILENO)));
    const bool own_words = std::ranges::all_of(loaded.findings, [](const config::Finding& finding) {
        return finding.severity() != config::Severity::error || finding.origin.layer == config::Layer::set;
    });
    return own_words ? ExitCode::usage : ExitCode::bad_configuration;
}

}  // namespace voicectl::commands
