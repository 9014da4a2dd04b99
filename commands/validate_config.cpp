// SPDX-License-Identifier: Apache-2.0
#include "commands/validate_config.hpp"

#include "base/duration.hpp"
#include "commands/configuration.hpp"
#include "commands/findings.hpp"
#include "commands/report.hpp"
#include "config/print.hpp"
#include "server/preflight.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <tuple>
#include <unistd.h>

namespace voicectl::commands {
namespace {

using config::Findings;
using config::Level;
using config::Severity;

class ValidateConfig final : public Invocation {
 public:
    std::vector<Flag> flags() override {
        return {
            {"FILE", "…",
             "Configurations of their own: TOML files, or .env files by their name; - for TOML on stdin",
             &files_, "", true},
            {"--level", "LEVEL", "How far to look: syntax, semantics, files (as serve does), or online",
             &level_, "syntax semantics files online"},
            {"--fail-on", "SEVERITY", "What makes the exit code 1: error, warning or never", &fail_on_,
             "error warning never"},
            {"--print", "", "Print the settings in effect, secrets redacted", &print_},
            {"--show-origin", "", "With --print: where each value comes from", &show_origin_},
            {"--print-schema", "", "Print the JSON Schema of a configuration file", &print_schema_},
            {"--print-env-template", "", "Print every variable, explained", &print_env_template_},
            {"--print-toml-template", "", "Print every setting as a TOML file, explained",
             &print_toml_template_},
            {"--connect-timeout", "DURATION", "With --level online: for connecting to a service",
             &connect_timeout_},
            {"--timeout", "DURATION", "With --level online: for all that is asked of a service", &timeout_},
        };
    }
    ExitCode run(const Globals& globals) override;

 private:
    base::Result<server::OnlineLimits> limits() const;
    std::vector<config::Sources> configurations(const Globals& globals) const;
    std::string complaint(const Globals& globals) const;
    ExitCode verdict(const Findings& findings) const;
    ExitCode show(const Findings& findings, const Globals& globals) const;

    std::vector<std::string> files_;
    std::string level_ = "files";
    std::string fail_on_ = "error";
    std::string connect_timeout_ = "3s";
    std::string timeout_ = "10s";
    bool print_ = false;
    bool show_origin_ = false;
    bool print_schema_ = false;
    bool print_env_template_ = false;
    bool print_toml_template_ = false;
};

Level level_of(std::string_view name) {
    constexpr std::array<std::string_view, 4> names{"syntax", "semantics", "files", "online"};
    return static_cast<Level>(std::ranges::find(names, name) - names.begin());
}

/// .env, .env.production, staging.env: what is to be read as an environment file.
bool is_env_file(const std::string& path) {
    const auto name = std::filesystem::path(path).filename().string();
    return name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
}

/// A file that was named is what must be mended where a setting is missing.
void blame_file(Findings& findings, const std::string& file) {
    for (auto& finding : findings)
        if (finding.origin.layer == config::Layer::standard)
            finding.origin = config::Origin(config::Layer::toml, file == "-" ? "<stdin>" : file);
}

/// Gathers findings; what two configurations have in common is said once.
class Gathered {
 public:
    void add(Findings&& more) {
        for (auto& finding : more)
            if (seen_.emplace(finding.code, finding.origin.text(), finding.subject, finding.sentence).second)
                findings_.push_back(std::move(finding));
    }
    Findings take() { return std::move(findings_); }

 private:
    Findings findings_;
    std::set<std::tuple<config::Code, std::string, std::string, std::string>> seen_;
};

base::Result<server::OnlineLimits> ValidateConfig::limits() const {
    const auto connect = base::parse_duration(connect_timeout_);
    const auto total = base::parse_duration(timeout_);
    if (!connect || !total || connect->count() == 0 || total->count() == 0)
        return base::fail(base::Errc::usage,
                          "--connect-timeout and --timeout want durations such as 500ms or 10s");
    return server::OnlineLimits{*connect, *total};
}

/// What makes no sense together; empty if all does.
std::string ValidateConfig::complaint(const Globals& globals) const {
    const auto readers = std::ranges::count(files_, "-") + std::ranges::count(globals.env_files, "-") +
                         (globals.config_file == "-" ? 1 : 0);
    if (readers > 1) return "- is given more than once, and stdin can be read only once";
    if (readers == 1 && ::isatty(STDIN_FILENO) == 1)
        return "- reads the configuration from stdin, which is a terminal; pipe a file into it";
    if (show_origin_ && !print_) return "--show-origin goes with --print";
    if (print_ && files_.size() > 1) return "--print shows one configuration; give it one FILE";
    if (print_ && globals.format != "text" && globals.format != "json")
        return fmt::format("--print goes with --format text or json, not {}", globals.format);
    const bool another = std::ranges::any_of(files_, [](const auto& file) { return !is_env_file(file); });
    if (another && !globals.config_file.empty())
        return "give the TOML file as FILE or with --config, not both";
    return {};
}

std::vector<config::Sources> ValidateConfig::configurations(const Globals& globals) const {
    const auto shared = sources_of(globals);
    if (files_.empty()) return {shared};
    std::vector<config::Sources> all;
    for (const auto& file : files_) {
        auto& sources = all.emplace_back(shared);
        if (is_env_file(file))
            sources.env_files.push_back(file);
        else
            sources.config_file = file;
    }
    return all;
}

ExitCode ValidateConfig::verdict(const Findings& findings) const {
    const auto errors = count(findings, Severity::error);
    const auto warnings = count(findings, Severity::warning);
    const bool bad = (fail_on_ == "error" && errors > 0) || (fail_on_ == "warning" && errors + warnings > 0);
    return bad ? ExitCode::verdict_no : ExitCode::ok;
}

/// For people: findings on stderr below the headings that scripts look for, the good news on stdout.
void show_text(const Findings& findings, bool passed, bool silent_result, const Globals& globals) {
    const bool colour = colourful(STDERR_FILENO);
    const auto part = [&](Severity severity, std::string_view heading) {
        const auto text = findings_text(findings, severity, colour);
        if (!text.empty()) fmt::print(stderr, "{}{}\n", heading, text);
    };
    part(Severity::error, "❌ Configuration Errors:\n");
    // What makes it fail is said even where little is to be said.
    const bool failed_by_warnings = !passed && count(findings, Severity::error) == 0;
    if (!globals.quiet || failed_by_warnings) part(Severity::warning, "⚠️  Configuration Warnings:\n");
    if (!globals.quiet) part(Severity::note, "");
    if (!passed) fmt::print(stderr, "{}\n", count_text(findings));
    if (passed && !silent_result && !globals.quiet)
        print_or_leave(fmt::format("✅ Configuration validation passed ({})\n", count_text(findings)));
}

ExitCode ValidateConfig::show(const Findings& findings, const Globals& globals) const {
    const auto code = verdict(findings);
    const bool valid = count(findings, Severity::error) == 0;
    if (globals.format == "json" && !print_)
        print_or_leave(findings_json(findings, valid), code);
    else if (globals.format == "github")
        print_or_leave(findings_github(findings), code);
    else if (globals.format == "sarif")
        print_or_leave(findings_sarif(findings), code);
    else
        show_text(findings, valid && code == ExitCode::ok, print_, globals);
    return code;
}

ExitCode ValidateConfig::run(const Globals& globals) {
    if (print_schema_ || print_env_template_ || print_toml_template_) {
        print_or_leave(print_schema_         ? config::json_schema()
                       : print_env_template_ ? config::env_template()
                                             : config::toml_template());
        return ExitCode::ok;
    }
    const auto online = limits();
    if (!online) return give_up(online.error());
    if (const auto wrong = complaint(globals); !wrong.empty()) {
        complain(wrong);
        return ExitCode::usage;
    }
    Gathered gathered;
    for (const auto& sources : configurations(globals)) {
        auto loaded = load_configuration(sources, level_of(level_));
        if (level_of(level_) == Level::online && loaded.usable()) server::check_online(loaded, *online);
        if (print_)
            print_or_leave(globals.format == "json" ? config::print_json(loaded)
                                                    : config::print_toml(loaded, show_origin_),
                           verdict(loaded.findings));
        if (!files_.empty())
            blame_file(loaded.findings,
                       sources.config_file.empty() ? sources.env_files.back() : sources.config_file);
        gathered.add(std::move(loaded.findings));
    }
    auto findings = gathered.take();
    config::sort(findings);
    return show(findings, globals);
}

std::vector<Variable> environment() {
    return {
        {"every setting's", "voicectl serve --help lists them; NAME_FILE in place of NAME reads a file"},
        {"SSL_CERT_FILE", "Certificate authorities to trust with --level online instead of the system's"}};
}

constexpr std::array examples{
    Example{"voicectl validate-config", "What serve would run with: the environment and ./.env"},
    Example{"voicectl validate-config voicectl.toml --env-file production.env --fail-on warning",
            "Before a rollout"},
    Example{"voicectl validate-config voicectl.toml --level syntax --format github",
            "In a workflow that has no secrets"},
    Example{"voicectl validate-config -c voicectl.toml --print --show-origin",
            "What is in effect, and where each value comes from"},
    Example{"voicectl validate-config -c voicectl.toml --level online", "Whether every service answers"},
};

}  // namespace

Command validate_config_command() {
    return {"validate-config",
            "validate",
            "Find everything that is wrong with a configuration",
            "Reads the configuration as serve does, and says in one run all that is wrong with it, where, "
            "and how "
            "to mend it. It binds nothing and writes nothing; below --level online it connects to nothing. "
            "Exit 1 "
            "if there are errors, 0 with warnings only. Each finding has a code, explained in the manual.",
            "text json github sarif",
            environment,
            examples,
            []() -> std::unique_ptr<Invocation> { return std::make_unique<ValidateConfig>(); },
            findings_manual};
}

}  // namespace voicectl::commands
