// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulator.hpp"

#include "net/listener.hpp"
#include "net/worker.hpp"
#include "observe/log.hpp"
#include "simulator/connection.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace voicectl::simulator {

struct Simulator::Impl {
    explicit Impl(SimulatorOptions given)
        : options(std::move(given)),
          faults(options.scenario.faults, base::now()),
          ledger(base::now()),
          control(faults, ledger),
          admissions(options.scenario, options.keys, faults),
          services{worker.io(), options.scenario, options.tls, admissions, speaker} {
        services.record_folder = options.record_folder;
        if (!options.control && !options.scenario.control) return;
        services.control = &control;
        services.ledger = &ledger;
    }

    base::Result<void> open();
    void accept(net::tcp::socket socket);
    void close();

    SimulatorOptions options;
    FaultBook faults;
    Ledger ledger;
    Control control;
    Admissions admissions;
    net::Worker worker{"simulator"};
    Speaker speaker;
    Services services;
    std::unique_ptr<Recogniser> recogniser;
    std::unique_ptr<net::Listener> listener;
    std::vector<std::weak_ptr<Connection>> connections;
    bool closing = false;
};

base::Result<void> Simulator::Impl::open() {
    auto opened = net::Listener::open(worker.io(), options.address, options.port);
    if (!opened) return opened.error();
    listener = std::move(*opened);
    return {};
}

void Simulator::Impl::accept(net::tcp::socket socket) {
    if (closing) return;
    std::erase_if(connections, [](const std::weak_ptr<Connection>& one) { return one.expired(); });
    connections.push_back(Connection::open(services, std::move(socket)));
}

void Simulator::Impl::close() {
    closing = true;
    listener->close();
    for (const auto& one : connections)
        if (const auto connection = one.lock()) connection->stop();
    if (recogniser) recogniser->stop();
}

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

base::Result<std::unique_ptr<Simulator>> Simulator::start(SimulatorOptions options) {
    // The child is forked before the threads that are made here.
    ListeningProcess child;
    if (options.scenario.recognise) {
        if (!can_listen()) {
            observe::log_warning("simulator",
                                 "the speech model of pocketsphinx is not installed "
                                 "(package pocketsphinx-en-us); what is said is not recognised");
        } else if (auto started = start_listening()) {
            child = *started;
        } else {
            observe::log_warning("simulator", "{}; what is said is not recognised", started.error().detail);
        }
    }
    auto impl = std::make_unique<Impl>(std::move(options));
    if (auto opened = impl->open(); !opened) {
        end_listening(child);
        return opened.error();
    }
    if (child.pid > 0) {
        impl->recogniser = std::make_unique<Recogniser>(impl->worker.io(), child);
        impl->services.recogniser = impl->recogniser.get();
    }
    auto* own = impl.get();
    impl->listener->start([own]() -> net::Worker& { return own->worker; },
                          [own](net::Worker&, net::tcp::socket socket) { own->accept(std::move(socket)); });
    impl->worker.start();
    return std::unique_ptr<Simulator>(new Simulator(std::move(impl)));
}

Simulator::~Simulator() {
    impl_->worker.post([impl = impl_.get()] { impl->close(); });
    impl_->worker.finish();
}

std::uint16_t Simulator::port() const noexcept {
    return impl_->listener->port();
}

std::string Simulator::url() const {
    const bool v6 = impl_->options.address.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}/v1/realtime", impl_->options.tls ? "wss" : "ws", v6 ? "[" : "",
                       impl_->options.address, v6 ? "]" : "", port());
}

}  // namespace voicectl::simulator
