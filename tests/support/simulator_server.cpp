// SPDX-License-Identifier: Apache-2.0
// The simulator alone, for tests in other languages: prints "listening PORT" and serves until SIGTERM, SIGINT
// or the end of its standard input. The control call (lib/simulator/control.hpp) is on.
#include "observe/log.hpp"
#include "simulator/simulator.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <poll.h>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/signalfd.h>
#include <unistd.h>

namespace {

using namespace voicectl;

struct Flags {
    simulator::SimulatorOptions simulator;
    std::string certificate;
    std::string key;
    std::string scenario;
    bool verbose = false;
};

bool parse(int argc, char** argv, Flags& flags) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--verbose") {
            flags.verbose = true;
            continue;
        }
        if (i + 1 == argc) return false;
        const std::string value = argv[++i];
        if (name == "--port") {
            const auto* end = value.data() + value.size();
            if (std::from_chars(value.data(), end, flags.simulator.port).ptr != end) return false;
        } else if (name == "--tls-cert") {
            flags.certificate = value;
        } else if (name == "--tls-key") {
            flags.key = value;
        } else if (name == "--scenario") {
            flags.scenario = value;
        } else if (name == "--record") {
            flags.simulator.record_folder = value;
        } else if (name == "--key") {
            flags.simulator.keys.push_back(value);
        } else {
            return false;
        }
    }
    return flags.certificate.empty() == flags.key.empty();
}

base::Result<void> load(Flags& flags) {
    flags.simulator.control = true;
    flags.simulator.scenario = simulator::built_in_scenario();
    if (!flags.scenario.empty()) {
        auto scenario = simulator::load_scenario(flags.scenario);
        if (!scenario) return scenario.error();
        flags.simulator.scenario = std::move(*scenario);
    }
    if (!flags.certificate.empty()) {
        auto tls = net::TlsContext::server(flags.certificate, flags.key);
        if (!tls) return tls.error();
        flags.simulator.tls = std::move(*tls);
    }
    return {};
}

void wait_for_end(int signals) {
    std::array<pollfd, 2> watched{pollfd{signals, POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
    while (true) {
        if (::poll(watched.data(), watched.size(), -1) < 0) continue;
        if ((watched[0].revents & POLLIN) != 0) return;
        std::array<char, 256> ignored;
        if (watched[1].revents != 0 && ::read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0) return;
    }
}

}  // namespace

int main(int argc, char** argv) {
    Flags flags;
    if (!parse(argc, argv, flags)) {
        std::fputs(
            "usage: simulator_server [--port N] [--tls-cert F --tls-key F] [--scenario F] [--key K]... "
            "[--record FOLDER] [--verbose]\n",
            stderr);
        return 64;
    }
    sigset_t ends{};
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    const int signals = signalfd(-1, &ends, SFD_CLOEXEC);
    observe::start_log(flags.verbose ? observe::LogLevel::debug : observe::LogLevel::warning,
                       observe::LogFormat::text);
    int status = 0;
    if (auto loaded = load(flags); !loaded) {
        std::fprintf(stderr, "simulator_server: %s\n", loaded.error().detail.c_str());
        status = 1;
    } else if (auto started = simulator::Simulator::start(std::move(flags.simulator)); !started) {
        std::fprintf(stderr, "simulator_server: %s\n", started.error().detail.c_str());
        status = 1;
    } else {
        std::printf("listening %u\n", static_cast<unsigned>((*started)->port()));
        std::fflush(stdout);
        wait_for_end(signals);
    }
    observe::stop_log();
    return status;
}
