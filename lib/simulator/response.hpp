// SPDX-License-Identifier: Apache-2.0
// One response: from response.created to response.done, with its item, its transcript and its audio in the
// protocol's order and at the scenario's pace. Audio is as the session's output format wants it. Time comes
// as arguments; one thread.
#pragma once

#include "base/time.hpp"
#include "simulator/events.hpp"
#include "simulator/history.hpp"
#include "simulator/script.hpp"
#include "simulator/spoken_reply.hpp"
#include "simulator/wire_audio.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace voicectl::simulator {

struct ResponseOptions {
    std::uint32_t number = 0;     ///< distinguishes its speech from that of others
    std::string conversation_id;  ///< empty for one out of band
    bool speaks = true;           ///< false: text only
    json::value metadata;
    json::value voice;
    json::value format;
    json::value max_output_tokens;
    Tokens input;   ///< what the model reads
    Tokens cached;  ///< how much of that it has read before
};

class Response {
 public:
    Response(ResponseOptions options, const Timing& timing, EventWriter& events, History& history);

    /// Sends response.created.
    void announce();
    /// What it will be; the first token is due `plan.first_token` after `turn_ended`, if it can be spoken by
    /// then.
    void begin(Plan plan, base::Time turn_ended, base::Time now);
    void on_speech(std::uint64_t token, Speech speech, base::Time now);
    void on_tick(base::Time now);
    std::optional<base::Time> due() const noexcept;
    /// Ends it now; reason "turn_detected" or "client_cancelled". One that was stalled ends without a word.
    void cancel(std::string_view reason);
    /// Ends it with status failed.
    void fail(const ProtocolError& error);
    /// From now on it says nothing, and is under way until it is cancelled.
    void stall() noexcept { stalled_ = true; }
    /// Stops once that much of its audio was sent, or before its end, until it is told where to stop next.
    void hold_at(std::optional<std::chrono::milliseconds> audio) noexcept;

    bool begun() const noexcept { return begun_; }
    bool done() const noexcept { return done_; }
    bool held() const noexcept { return held_ && !done_ && !stalled_; }
    bool stalled() const noexcept { return stalled_; }
    bool in_conversation() const noexcept { return !options_.conversation_id.empty(); }
    bool owns(std::uint64_t token) const noexcept { return token >> 32 == options_.number; }
    const std::string& id() const noexcept { return place_.response_id; }
    std::chrono::milliseconds audio_sent() const noexcept { return audio_sent_; }
    /// Input and output, to be counted as cached by the next one.
    Tokens tokens() const;
    std::int64_t input_tokens() const noexcept { return options_.input.text + options_.input.audio; }
    std::int64_t output_tokens() const;

 private:
    bool hold(bool at_end) noexcept;
    bool step();
    bool step_text();
    bool step_audio();
    void ask_for_speech();
    void open_message();
    void close_message(std::string_view item_status);
    void send_call();
    void send_words(std::size_t until);
    void send_word(const std::string& word);
    void update_history();
    void finish(std::string_view status, const json::value& details);
    json::object wire(std::string_view status, const json::value& details, const json::value& usage) const;
    json::object usage() const;

    ResponseOptions options_;
    const Timing& timing_;
    EventWriter& events_;
    History& history_;
    Place place_;
    Plan plan_;
    SpokenReply reply_;
    WireEncoder encoder_;
    json::object item_;  ///< as it is shown; empty before there is one
    json::value previous_item_;
    std::string transcript_;
    std::chrono::milliseconds audio_sent_{0};
    base::Time next_;
    bool begun_ = false;
    bool waiting_for_speech_ = false;
    bool done_ = false;
    bool stalled_ = false;
    bool held_ = false;
    std::optional<std::chrono::milliseconds> hold_at_;
};

}  // namespace voicectl::simulator
