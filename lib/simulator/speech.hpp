// SPDX-License-Identifier: Apache-2.0
// The simulator's voice. Synthesis runs on a thread of its own behind a bounded queue, because a sentence
// takes tens of milliseconds; what was said lately is kept, so that many sessions that hear the same answer
// share it. `say` may be called from one thread; its answer is called on the speaker's thread, which posts it
// home.
#pragma once

#include "simulator/scenario.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace voicectl::simulator {

class Speaker {
 public:
    using Said = std::function<void(Speech)>;

    Speaker();
    /// Ends after the sentence under way; what is queued is not spoken and not answered.
    ~Speaker();
    Speaker(const Speaker&) = delete;
    Speaker& operator=(const Speaker&) = delete;

    /// Speaks `text`. When too much is queued the answer is an empty recording, at once.
    void say(std::string text, Said said);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace voicectl::simulator
