// SPDX-License-Identifier: Apache-2.0
// Transcripts of what the user said on their way out, word by word, beside the conversation. Time comes as
// arguments; one thread.
#pragma once

#include "base/time.hpp"
#include "simulator/events.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace voicectl::simulator {

class Transcripts {
 public:
    /// `word_pause` zero sends a transcript at once.
    Transcripts(EventWriter& events, std::chrono::milliseconds word_pause)
        : events_(events), word_pause_(word_pause) {}

    /// The first word leaves at `from`.
    void start(std::string_view item_id, std::string_view text, std::chrono::milliseconds length,
               base::Time from);
    void forget(std::string_view item_id);
    void on_tick(base::Time now);
    std::optional<base::Time> due() const noexcept;

 private:
    struct Transcript {
        std::string item_id;
        std::string text;
        std::size_t sent = 0;
        std::chrono::milliseconds length{0};
        base::Time next;
    };

    void send_word(Transcript& transcript);
    void complete(const Transcript& transcript);

    EventWriter& events_;
    std::chrono::milliseconds word_pause_;
    std::deque<Transcript> running_;
};

}  // namespace voicectl::simulator
