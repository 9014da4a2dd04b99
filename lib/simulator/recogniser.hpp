// SPDX-License-Identifier: Apache-2.0
// Asks the listening process what was said, one utterance at a time, in order. Lives on one worker's thread.
// The queue is bounded and every utterance has a deadline: when listening is full, slow or dead, the answer
// is "nothing understood" and the conversation goes on.
#pragma once

#include "audio/pcm.hpp"
#include "net/task.hpp"
#include "simulator/listening.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace voicectl::simulator {

class Recogniser {
 public:
    /// Nothing if it was not understood in time; the text may be empty.
    using Heard = std::function<void(std::optional<std::string>)>;

    /// Takes the process over.
    Recogniser(net::asio::io_context& io, ListeningProcess process);
    ~Recogniser();
    Recogniser(const Recogniser&) = delete;
    Recogniser& operator=(const Recogniser&) = delete;

    /// `samples` at listening_rate. `heard` is called later, never from within, at most once; not after
    /// stop().
    void recognise(std::vector<audio::Sample> samples, Heard heard);
    /// Has the model loaded, if it is not yet, while the first utterance is still being spoken.
    void prepare();
    /// Ends the process; what waits is not answered.
    void stop() noexcept;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace voicectl::simulator
