// SPDX-License-Identifier: Apache-2.0
#include "commands/serve.hpp"

#include "commands/configuration.hpp"
#include "commands/dev_kit.hpp"
#include "commands/findings.hpp"
#include "commands/report.hpp"
#include "config/load.hpp"
#include "config/table.hpp"
#include "observe/log.hpp"
#include "server/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <csignal>
#include <functional>
#include <sys/resource.h>
#include <unistd.h>

namespace voicectl::commands {
namespace {

namespace asio = boost::asio;

class Serve final : public Invocation {
 public:
    std::vector<Flag> flags() override {
        return {
            {"--dev", "",
             "Try it out: loopback only, simulated model, a secret of its own, next commands printed", &dev_},
            {"--upstream", "URL|sim:[FILE]", "The speech model, or the simulator with an optional scenario",
             &upstream_},
            {"--bind", "ADDRESS", "Address to listen on", &bind_},
            {"--ws-port", "PORT", "Port of /voice-ws; 0 for any free one", &ws_port_},
            {"--http-port", "PORT", "Port of /api/voice/health; 0 for any free one", &http_port_},
            {"--workers", "N", "Threads that hold sessions; 0 for one a core", &workers_},
            {"--drain-timeout", "DURATION", "How long live sessions may go on after SIGTERM",
             &drain_timeout_},
            {"--shutdown-delay", "DURATION", "How long new sessions are accepted after SIGTERM",
             &shutdown_delay_},
            {"--check", "", "Only check the configuration, as validate-config does: exit 0 or 78", &check_},
        };
    }
    ExitCode run(const Globals& globals) override;

 private:
    ExitCode serve(const config::Settings& settings, const Globals& globals) const;
    std::vector<config::FlagValue> flag_values() const;

    bool dev_ = false;
    bool check_ = false;
    std::string upstream_;
    std::string bind_;
    std::string ws_port_;
    std::string http_port_;
    std::string workers_;
    std::string drain_timeout_;
    std::string shutdown_delay_;
};

std::vector<config::FlagValue> Serve::flag_values() const {
    std::vector<config::FlagValue> given;
    const auto add = [&](std::string_view env, std::string_view flag, const std::string& value) {
        if (!value.empty()) given.push_back({env, flag, value});
    };
    if (dev_) {
        add("VOICE_UPSTREAM_URL", "--dev", "sim:");
        add("VOICE_BIND_ADDRESS", "--dev", "127.0.0.1");
        add("JWT_SECRET", "--dev", make_secret());
        add("NODE_ENV", "--dev", "development");
        add("REDIS_URL", "--dev", "memory:");
    }
    add("VOICE_UPSTREAM_URL", "--upstream", upstream_);
    add("VOICE_BIND_ADDRESS", "--bind", bind_);
    add("VOICE_WS_PORT", "--ws-port", ws_port_);
    add("VOICE_HTTP_PORT", "--http-port", http_port_);
    add("VOICE_WORKERS", "--workers", workers_);
    add("VOICE_DRAIN_TIMEOUT", "--drain-timeout", drain_timeout_);
    add("VOICE_SHUTDOWN_DELAY", "--shutdown-delay", shutdown_delay_);
    return given;
}

/// Two sockets a session: what the system allows is used, not what the shell happened to start with.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

observe::LogLevel level_of(const config::Settings& settings, const Globals& globals) {
    constexpr std::array names{"trace", "debug", "info", "warning", "error", "off"};
    const auto& name = !globals.log_level.empty() ? globals.log_level : settings.log_level;
    if (globals.log_level.empty() && (settings.debug || globals.verbose)) return observe::LogLevel::debug;
    if (globals.log_level.empty() && globals.quiet) return observe::LogLevel::error;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (name == names[i]) return static_cast<observe::LogLevel>(i);
    return observe::LogLevel::info;
}

/// Runs until the first TERM or INT has been obeyed; a second one ends it at once.
ExitCode serve_until_told(asio::io_context& home, asio::signal_set& signals, server::Server& server) {
    auto verdict = ExitCode::ok;
    bool told = false;
    std::function<void(boost::system::error_code, int)> on_signal = [&](boost::system::error_code ec,
                                                                        int number) {
        if (ec) return;
        if (std::exchange(told, true)) {
            verdict = ExitCode::terminated;
            home.stop();
            return;
        }
        observe::log_info("serve", "{}: ending; a second signal ends at once",
                          number == SIGINT ? "SIGINT" : "SIGTERM");
        signals.async_wait(on_signal);
        server.shut_down([&] {
            signals.cancel();
            home.stop();
        });
    };
    signals.async_wait(on_signal);
    home.run();
    return verdict;
}

ExitCode Serve::run(const Globals& globals) {
    const auto loaded = load_configuration(sources_of(globals, flag_values()), config::Level::files);
    const auto usable = report_unusable(loaded);
    if (check_ && usable == ExitCode::ok && !globals.quiet)
        fmt::print(stderr, "{}", findings_text(loaded.findings, colourful(STDERR_FILENO)));
    if (check_ || usable != ExitCode::ok) return usable;
    const auto& settings = loaded.settings;
    observe::start_log(
        level_of(settings, globals),
        globals.log_format == "json" || (globals.log_format.empty() && settings.log_format == "json")
            ? observe::LogFormat::json
            : observe::LogFormat::text);
    for (const auto& finding : loaded.findings)
        observe::log_warning("config", "{}: {}: {}: {}", finding.origin.text(),
                             config::row_of(finding.code).id, finding.subject, finding.sentence);
    raise_descriptor_limit();
    const auto verdict = serve(settings, globals);
    observe::stop_log();
    return verdict;
}

ExitCode Serve::serve(const config::Settings& settings, const Globals& globals) const {
    // The simulator forks its listener: before the workers exist.
    auto upstream = server::open_upstream(settings);
    if (!upstream) return give_up(upstream.error());
    asio::io_context home{1};
    // From here on a signal is kept until it can be obeyed, also one that comes before all is up.
    asio::signal_set signals(home, SIGTERM, SIGINT);
    auto server = server::Server::start(home, settings, std::move(*upstream));
    if (!server) return give_up(server.error());
    auto announced = announce(**server, settings, globals, dev_);
    if (!announced) return give_up(announced.error());
    const auto verdict = serve_until_told(home, signals, **server);
    observe::log_info("serve", "ended");
    if (verdict == ExitCode::terminated) {
        // At once: the workers are left in the middle of what they do, so nothing of theirs is taken apart.
        announced->reset();
        std::_Exit(static_cast<int>(verdict));
    }
    return verdict;
}

std::vector<Variable> environment() {
    std::vector<Variable> variables;
    for (const auto& row : config::table())
        variables.push_back({row.env, row.sentence});
    return variables;
}

constexpr std::array examples{
    Example{"voicectl serve --dev",
            "A gateway on this machine with a simulated model: nothing else is needed"},
    Example{"OPENAI_API_KEY=… JWT_SECRET=… voicectl serve",
            "A gateway for real callers on ports 8080 and 3000"},
    Example{"voicectl serve --dev --upstream sim:examples/scenario.toml",
            "The conversation that a file scripts"},
};

}  // namespace

Command serve_command() {
    return {"serve",
            "",
            "Hold spoken conversations between people and a speech model",
            "Listens for voice.v1 clients at /voice-ws, holds a session with the speech model for each of "
            "them, and "
            "answers /api/voice/health. SIGTERM or SIGINT ends it: health turns to 503, live sessions end "
            "once no "
            "reply is being heard, exit 0. A second signal ends it at once, exit 143.",
            "text json",
            environment,
            examples,
            []() -> std::unique_ptr<Invocation> { return std::make_unique<Serve>(); }};
}

}  // namespace voicectl::commands
