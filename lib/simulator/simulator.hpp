// SPDX-License-Identifier: Apache-2.0
// A server of the OpenAI Realtime protocol (GA dialect) on a real socket, with a thread of its own: it
// listens to the audio it gets, transcribes it and answers with speech, without a network. It serves the
// offline gateway and the tests. Start and destroy it on one thread; everything else happens on its own.
#pragma once

#include "audio/pcm.hpp"
#include "base/error.hpp"
#include "net/tls.hpp"
#include "simulator/scenario.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::simulator {

struct SimulatorOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0 for any that is free
    Scenario scenario;
    std::optional<net::TlsContext> tls;  ///< a server's context, for wss
    std::vector<std::string> keys;       ///< the keys that are accepted; empty: any key that is not empty
    bool control = false;                ///< the control call (control.hpp), whatever the scenario says of it
    std::string record_folder;           ///< that exists, for the audio of every session; empty for none
};

class Simulator {
 public:
    /// Listens on the address. Errc::os if the port is taken. A process that understands speech is forked
    /// here, so this is best called before there are many threads; its model is loaded when the first
    /// utterance ends.
    static base::Result<std::unique_ptr<Simulator>> start(SimulatorOptions options);
    /// Closes every connection, ends the listening process and joins the thread, within a second or two.
    ~Simulator();
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;

    std::uint16_t port() const noexcept;
    /// ws://127.0.0.1:PORT/v1/realtime, or wss.
    std::string url() const;

 private:
    struct Impl;
    explicit Simulator(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// `text` spoken by the simulator's voice, 24 kHz. Any thread; one text is spoken at a time in the whole
/// process.
std::vector<audio::Sample> speak(std::string_view text);

}  // namespace voicectl::simulator
