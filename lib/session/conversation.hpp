// SPDX-License-Identifier: Apache-2.0
// The conversation between one person and one model, as a state machine without I/O: client messages, audio
// frames, upstream events and ticks go in, each with its time; what follows is told to an Outbox before the
// call returns. It owns no socket, no clock and no thread; every rule of turn-taking lives here and is tested
// with a virtual clock.
#pragma once

#include "audio/voice_activity.hpp"
#include "base/time.hpp"
#include "realtime/client_event.hpp"
#include "realtime/server_event.hpp"
#include "session/barge_in.hpp"
#include "session/history.hpp"
#include "session/input_tail.hpp"
#include "session/message.hpp"
#include "session/playout.hpp"
#include "session/renewal.hpp"
#include "session/turn_clock.hpp"
#include "session/turn_report.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::session {

/// What a conversation has decided. The views in its arguments hold for the call only.
class Outbox {
 public:
    virtual ~Outbox() = default;
    virtual void to_client(const ServerMessage& message) = 0;
    /// One frame of the reply, 24 kHz; says when it left.
    virtual base::Time reply_frame(audio::Pcm frame) = 0;
    /// Frames that are still on their way out are not to be heard.
    virtual void drop_reply_frames() = 0;
    virtual void to_upstream(const realtime::ClientEvent& event) = 0;
    virtual void audio_to_upstream(audio::Pcm samples) = 0;
    /// Another upstream is wanted beside the one there is; on_upstream_opened() or on_upstream_refused()
    /// follows.
    virtual void open_upstream() = 0;
    /// The other one takes its place: what is said to the upstream from now on, this one hears.
    virtual void swap_upstream() = 0;
    /// A reply has come to its end, one way or another.
    virtual void turn_is_over(const TurnReport& report) = 0;
    /// The session is to end; nothing else is said after this.
    virtual void end(CloseCode code, std::string_view reason) = 0;
};

struct ConversationOptions {
    realtime::SessionUpdate setup;
    AudioFormat format;
    PlayoutOptions playout;
    audio::VoiceActivityOptions voice_activity;
    BargeInOptions barge_in;
    std::chrono::milliseconds idle_timeout{std::chrono::minutes(5)};
    std::chrono::milliseconds duration_max{std::chrono::hours(1)};
    /// How long the upstream may leave a turn without a word before the turn is given up.
    std::chrono::milliseconds stall_timeout{std::chrono::seconds(30)};
    /// How long the end of a cancelled response is waited for before the next one is asked for.
    std::chrono::milliseconds cancel_timeout{std::chrono::seconds(3)};
    RenewalOptions renewal;
};

class Conversation {
 public:
    Conversation(ConversationOptions options, Outbox& outbox, base::Time now);

    /// The upstream is there: sets it up.
    void start();

    void on_client(const ClientMessage& message, base::Time now);
    /// A decoded input frame, 24 kHz, any length up to 120 ms.
    void on_audio(audio::Pcm frame, base::Time now);
    /// A frame that could not be used; `concealed` stands in for it and may be empty.
    void on_bad_frame(ErrorCode code, std::string_view why, audio::Pcm concealed, base::Time now);
    /// A text that is not a message.
    void on_bad_message(std::string_view why, base::Time now);
    void on_upstream(const realtime::ServerEvent& event, base::Time now);
    /// The upstream has gone; nothing more of it comes.
    void on_upstream_lost(base::Time now);
    /// The other upstream that was asked for is there, and has heard nothing yet.
    void on_upstream_opened(base::Time now);
    /// It cannot be had for now.
    void on_upstream_refused(base::Time now);
    /// To be called every frame or so.
    void on_tick(base::Time now);

    /// Whether a turn is under way (spoken, awaited, answered or heard): the moment is bad for ending.
    bool busy() const noexcept {
        return !replies_.empty() || user_speaking_ || turn_.over() || reply_owed_ || reply_requested_;
    }
    std::uint64_t frames_dropped() const noexcept { return frames_dropped_; }

 private:
    /// One item's audio within a reply.
    struct Part {
        std::string item_id;
        std::chrono::milliseconds start{0};  ///< within the reply
        std::chrono::milliseconds length{0};
        bool cut = false;  ///< the upstream remembers less of it than it sent
    };
    /// From the upstream's response.created until its last sample has been heard.
    struct Reply {
        Reply(std::string id, PlayoutOptions options) : response_id(std::move(id)), playout(options) {}
        std::string response_id;
        std::string item_id;  ///< the first one
        std::vector<Part> parts;
        std::string text;
        std::string_view status = "completed";
        std::optional<realtime::Usage> usage;
        Playout playout;
        TurnClock turn;  ///< the turn that it answers
        bool whole =
            false;  ///< response.done was seen, or is not waited for any more; the playout is finished
        bool shown = false;   ///< the client has been told of it
        bool orphan = false;  ///< the upstream that made it is gone; the one there is has not heard of it
    };
    /// What still comes of a response that has ended is late.
    struct Over {
        std::string response_id;
        std::vector<Part> parts;
        bool cancelled = false;  ///< before the upstream had sent all of it
    };
    struct Cancelled {
        std::string response_id;
        base::Time until;
    };
    /// When a stretch of input came in.
    struct Arrival {
        std::uint64_t end = 0;  ///< on the audio clock
        base::Time at{};
    };
    /// A voice over the reply, as it is measured.
    struct Silencing {
        std::int64_t after_ms = 0;
        std::int64_t client_had_ms = 0;
    };
    struct Transcript {
        std::string item_id;
        std::string text;
    };
    struct OpenCall {
        std::string response_id;
        std::string call_id;
        bool orphan = false;  ///< the upstream that made it is gone
    };
    enum class Microphone { untouched, open, closed };

    // client messages
    void handle(const StartRecording& start, base::Time now);
    void handle(const StopRecording& stop, base::Time now);
    void handle(const ClearSession& clear, base::Time now);
    void handle(const InterruptReply& interrupt, base::Time now);
    void handle(const TextInput& input, base::Time now);
    void handle(const ToolResult& result, base::Time now);
    void handle(const PlaybackReport& report, base::Time now);
    void handle(const Ping& ping, base::Time now);

    // upstream events
    void handle(const realtime::SessionCreated&, base::Time) {}
    void handle(const realtime::SessionUpdated&, base::Time) {}
    void handle(const realtime::SpeechStarted& started, base::Time now);
    void handle(const realtime::SpeechStopped& stopped, base::Time now);
    void handle(const realtime::AudioCommitted& committed, base::Time now);
    void handle(const realtime::AudioCleared&, base::Time);
    void handle(const realtime::ItemAdded& added, base::Time now);
    void handle(const realtime::TranscriptionDelta& delta, base::Time now);
    void handle(const realtime::TranscriptionCompleted& completed, base::Time now);
    void handle(const realtime::TranscriptionFailed& failed, base::Time now);
    void handle(const realtime::ResponseCreated& created, base::Time now);
    void handle(const realtime::AudioDelta& delta, base::Time now);
    void handle(const realtime::ReplyDelta& delta, base::Time now);
    void handle(const realtime::ToolCall& call, base::Time now);
    void handle(const realtime::ResponseDone& done, base::Time now);
    void handle(const realtime::ErrorEvent& error, base::Time now);
    void handle(const realtime::RateLimits&, base::Time) {}
    void handle(const realtime::UnknownEvent&, base::Time) {}

    // input audio and barge-in (conversation_barge_in.cpp)
    void note_arrival(std::size_t samples, base::Time now) noexcept;
    base::Time arrival_of(std::uint64_t position) const noexcept;
    void hold(base::Time now);
    void resume(base::Time now);
    /// The input that was held goes on to the upstream.
    void release_input(base::Time now);
    /// In its place, as much silence, so that the upstream's audio clock stays ours.
    void forget_input();
    void measure_silencing(base::Time now) noexcept;

    void open_microphone();
    void close_microphone(std::string_view reason);
    void turn_ended(base::Time said, base::Time passed_on, base::Time now);
    void speech_stopped(std::int64_t at_ms, base::Time now);
    /// The speech under way, if any, without the upstream's word.
    void stop_speech();
    void ask_for_reply();
    void ask_if_owed();
    /// Asked for, or begun and not whole.
    bool reply_under_way() const noexcept;
    bool upstream_busy() const noexcept;
    /// Whether the upstream has something to say that has not come.
    bool awaiting() const noexcept;
    void watch_for_stall(base::Time now);
    void give_up_turn(base::Time now);
    void end_if_over(base::Time now);
    void cancel(std::string_view response_id, base::Time now);
    Reply* find_reply(std::string_view response_id) noexcept;
    std::string& transcript_of(std::string_view item_id);
    /// What an utterance said, as far as anybody will know.
    void note_words(std::string_view item_id, std::string_view words);
    void complain(ErrorCode code, std::string message, base::Time now);

    // replies (conversation_replies.cpp)
    void add_audio(Reply& reply, std::string_view item_id, audio::Pcm samples, base::Time now);
    /// What has come of it is played; the rest is not fetched.
    void cut_short(Reply& reply, base::Time now);
    void reply_is_whole(Reply& reply, const realtime::ResponseDone& done);
    void play(base::Time now);
    void send_frames(Reply& reply, base::Time now);
    void finish_reply(const Reply& reply, std::string_view status, std::optional<std::int64_t> played_ms,
                      base::Time now);
    void note_over(Over over);
    /// Ends every reply that is not heard to its end; `announce` tells a client that did not ask for it.
    void interrupt(base::Time now, bool announce);
    void cut_upstream(Reply& reply, std::chrono::milliseconds heard, base::Time now);
    /// Takes what was on its way when its response was cancelled out of the upstream's memory.
    void cut_late(std::string_view response_id, std::string_view item_id, bool audio);
    void delete_item(std::string_view item_id);

    // the upstream's coming and going (conversation_renewal.cpp)
    /// To the upstream, if there is one: another one is told all of it from the history.
    void tell(const realtime::ClientEvent& event);
    void pass_on(audio::Pcm samples);
    void renew_if_due(base::Time now);
    void take_other_upstream(base::Time now);
    /// What becomes of the replies of an upstream that has gone. Whether one is owed.
    bool inherit_replies(base::Time now);
    /// Another upstream hears the input that has come to nothing yet.
    void tell_input(bool owed, bool was_lost);
    void send_input(std::uint64_t from, std::uint64_t to);
    void utterance_began(std::uint64_t position) noexcept;
    void utterance_committed(bool by_hand) noexcept;
    /// Its words are known, or nobody wants them.
    void utterance_settled() noexcept;
    /// Where on the session's audio clock a time of the upstream's lies.
    std::uint64_t position_of(std::int64_t upstream_ms) const noexcept;

    ConversationOptions options_;
    Outbox& outbox_;
    audio::VoiceActivity activity_;
    BargeIn barge_in_;
    std::vector<audio::Sample> held_input_;  ///< bounded by two of the longest holds
    std::array<Arrival, 64> arrivals_{};     ///< a ring: the last frames
    std::size_t next_arrival_ = 0;
    Renewal renewal_;
    History history_;
    InputTail tail_;
    std::uint64_t upstream_from_ = 0;              ///< on the audio clock: where the upstream's own begins
    std::uint64_t known_to_client_to_ = 0;         ///< speech before it was announced already
    std::uint64_t lost_from_ = 0;                  ///< where the upstream went
    std::optional<std::uint64_t> utterance_from_;  ///< of one that has come to nothing yet
    std::optional<std::uint64_t> utterance_to_;    ///< where it was committed
    bool committed_by_hand_ = false;               ///< not by the upstream, at a pause
    std::optional<base::Time> voiced_at_;          ///< when the last sound of a voice came in
    base::Time voiced_passed_on_{};                ///< and when it went on
    std::optional<base::Time> last_frame_at_;      ///< when the reply's last frame left
    std::optional<Silencing> silencing_;
    Microphone microphone_ = Microphone::untouched;
    std::vector<audio::Sample> decoded_;  ///< a delta on its way into the playout
    std::deque<Reply> replies_;           ///< the front one is heard; others wait for it
    std::vector<Transcript> transcripts_;
    std::vector<std::string> item_ids_;  ///< what clear_session deletes
    std::vector<OpenCall> open_calls_;
    std::string input_item_;                     ///< the utterance that is being spoken, or was last
    std::optional<std::string> forgotten_item_;  ///< taken back by clear_session while it was on its way
    bool user_speaking_ = false;
    bool reply_owed_ = false;            ///< response.create waits for the one under way
    bool reply_requested_ = false;       ///< response.create was sent, response.created has not come
    bool discard_next_ = false;          ///< the requested reply was interrupted before it began
    std::vector<Cancelled> cancelling_;  ///< whose response.done is still to come
    std::deque<Over> over_;
    TurnClock turn_;                         ///< over: its reply is awaited
    base::Time speech_seen_{};               ///< when the upstream's speech last gave a sign
    std::optional<base::Time> stall_after_;  ///< when the upstream's silence becomes an error
    bool stalled_ = false;                   ///< it has, for this turn; another upstream was asked
    std::uint64_t samples_since_vad_ = 0;
    std::uint64_t frames_dropped_ = 0;
    std::optional<base::Time> last_complaint_;
    base::Time began_;
    base::Time last_activity_;
    bool ended_ = false;
};

}  // namespace voicectl::session
