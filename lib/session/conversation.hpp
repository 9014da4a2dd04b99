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
#include "session/message.hpp"
#include "session/playout.hpp"

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
    /// One frame of the reply, 24 kHz.
    virtual void reply_frame(audio::Pcm frame) = 0;
    /// Frames that are still on their way out are not to be heard.
    virtual void drop_reply_frames() = 0;
    virtual void to_upstream(const realtime::ClientEvent& event) = 0;
    virtual void audio_to_upstream(audio::Pcm samples) = 0;
    /// The session is to end; nothing else is said after this.
    virtual void end(CloseCode code, std::string_view reason) = 0;
};

struct ConversationOptions {
    realtime::SessionUpdate setup;
    AudioFormat format;
    PlayoutOptions playout;
    std::chrono::milliseconds idle_timeout{std::chrono::minutes(5)};
    /// How long the upstream may leave a turn without a word before the turn is given up.
    std::chrono::milliseconds stall_timeout{std::chrono::seconds(30)};
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
    /// To be called every frame or so.
    void on_tick(base::Time now);

    /// Whether a turn is under way (spoken, awaited, answered or heard): the moment is bad for ending.
    bool busy() const noexcept {
        return !replies_.empty() || user_speaking_ || turn_ended_ || reply_owed_ || reply_requested_;
    }
    std::uint64_t frames_dropped() const noexcept { return frames_dropped_; }

 private:
    /// From the upstream's response.created until its last sample is sent.
    struct Reply {
        Reply(std::string id, PlayoutOptions options) : response_id(std::move(id)), playout(options) {}
        std::string response_id;
        std::string item_id;
        std::string text;
        std::string status = "completed";
        std::optional<realtime::Usage> usage;
        Playout playout;
        TurnLatency latency;
        std::optional<base::Time> asked;          ///< when the user's turn ended
        std::optional<std::int64_t> reported_ms;  ///< heard, by the client's own account
        base::Time reported_at{};
        bool whole = false;  ///< response.done was seen
        bool shown = false;  ///< the client has been told of it
    };
    struct Transcript {
        std::string item_id;
        std::string text;
    };
    struct OpenCall {
        std::string response_id;
        std::string call_id;
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
    void handle(const realtime::AudioCommitted&, base::Time) {}
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
    void handle(const realtime::UnknownEvent&, base::Time) {}

    void open_microphone();
    void close_microphone(std::string_view reason);
    void turn_ended(base::Time now);
    void ask_for_reply();
    void ask_if_owed();
    bool upstream_busy() const noexcept;
    void cancel(std::string_view response_id);
    Reply* find_reply(std::string_view response_id) noexcept;
    std::string& transcript_of(std::string_view item_id);
    void forget_transcript(std::string_view item_id);
    void reply_is_whole(Reply& reply, const realtime::ResponseDone& done);
    void play(base::Time now);
    void send_frames(Reply& reply, base::Time now);
    void finish_reply(const Reply& reply, std::string_view status, std::optional<std::int64_t> played_ms);
    std::int64_t heard_ms(const Reply& reply, base::Time now) const noexcept;
    /// Ends every reply that is not heard to its end; `announce` tells a client that did not ask for it.
    void interrupt(base::Time now, bool announce);
    void cut_upstream(const Reply& reply, std::int64_t played_ms);
    void give_up_turn(base::Time now);
    void complain(ErrorCode code, std::string message, base::Time now);

    ConversationOptions options_;
    Outbox& outbox_;
    audio::VoiceActivity activity_;
    Microphone microphone_ = Microphone::untouched;
    std::vector<audio::Sample> decoded_;  ///< a delta on its way into the playout
    std::deque<Reply> replies_;           ///< the front one is heard; others wait for it
    std::vector<Transcript> transcripts_;
    std::vector<std::string> item_ids_;  ///< what clear_session deletes
    std::vector<OpenCall> open_calls_;
    std::string input_item_;      ///< the utterance that is being spoken, or was last
    std::string forgotten_item_;  ///< an utterance that clear_session took back while it was on its way
    bool user_speaking_ = false;
    bool reply_owed_ = false;              ///< response.create waits for the one under way
    bool reply_requested_ = false;         ///< response.create was sent, response.created has not come
    bool discard_next_ = false;            ///< the requested reply was interrupted before it began
    std::vector<std::string> cancelling_;  ///< cancelled responses whose response.done is still to come
    std::optional<base::Time> speech_started_;
    std::optional<std::int64_t> partial_ms_;
    std::optional<base::Time> turn_ended_;   ///< the turn whose reply is awaited
    std::optional<base::Time> stall_after_;  ///< when the upstream's silence becomes an error
    std::uint64_t samples_since_vad_ = 0;
    std::uint64_t frames_dropped_ = 0;
    std::optional<base::Time> last_complaint_;
    base::Time last_activity_;
    bool ended_ = false;
};

}  // namespace voicectl::session
