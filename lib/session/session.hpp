// SPDX-License-Identifier: Apache-2.0
// One client's session: the two sockets, the two codecs and the Conversation between them. Lives on one
// worker's thread from the upgrade to the last close; thin on purpose, for every rule is Conversation's.
#pragma once

#include "audio/frame_decoder.hpp"
#include "audio/frame_encoder.hpp"
#include "net/websocket.hpp"
#include "session/conversation.hpp"
#include "session/pulse.hpp"
#include "session/upstream_link.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace voicectl::session {

struct SessionOptions {
    std::string session_id;
    std::string tenant_id;
    std::string upstream_name;  ///< as `ready` says it
    UpstreamLinkOptions upstream;
    ConversationOptions conversation;
    audio::OpusEncoderOptions opus;
    TurnTargets targets;
    bool performance_warnings = true;               ///< a line for each target that a turn misses
    std::function<void(bool reached)> on_upstream;  ///< told once, how the dial ended
};

class Session final : private Outbox, private Pulse::Listener, private UpstreamLink::Listener {
 public:
    Session(SessionOptions options, std::unique_ptr<net::WebSocket> client, Pulse& pulse);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// The whole life of the session; when it returns, both sockets are closed and nothing refers to it.
    net::Task<void> run();

    /// Ends with 1001 as soon as no reply is being heard.
    void drain();
    /// Ends now, after the close frame.
    void end(CloseCode code, std::string_view reason) override;
    /// Ends now, without a word.
    void abort() noexcept;

 private:
    void say_no_upstream(const UpstreamRefusal& refusal);
    net::Task<void> converse();
    net::Task<void> read_client();
    void on_frame(std::span<const std::byte> frame);
    void on_client_text(std::string_view text);

    void to_client(const ServerMessage& message) override;
    base::Time reply_frame(audio::Pcm frame) override;
    void drop_reply_frames() override;
    void to_upstream(const realtime::ClientEvent& event) override;
    void audio_to_upstream(audio::Pcm samples) override;
    void open_upstream() override;
    void swap_upstream() override;
    void turn_is_over(const TurnReport& report) override;
    void on_tick(base::Time now) override;
    void upstream_said(const realtime::ServerEvent& event) override;
    void upstream_lost(std::string_view why) override;
    void upstream_opened() override;
    void upstream_awaited(std::size_t position, std::chrono::milliseconds eta) override;
    void upstream_refused(std::string_view why) override;
    void upstream_failed(std::string_view what) override;

    SessionOptions options_;
    std::unique_ptr<net::WebSocket> client_;
    UpstreamLink upstream_;
    Pulse& pulse_;
    audio::FrameDecoder uplink_;
    audio::FrameEncoder downlink_;
    Conversation conversation_;
    std::string client_text_;    ///< reused by every message
    std::string upstream_text_;  ///< reused by every event
    base::Time started_;
    bool draining_ = false;
    bool ending_ = false;
    bool conversing_ = false;
};

}  // namespace voicectl::session
