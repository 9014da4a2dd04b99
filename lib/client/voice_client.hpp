// SPDX-License-Identifier: Apache-2.0
// A voice.v1 client's connection: what a browser or a phone would hold. Lives on one thread.
#pragma once

#include "audio/format.hpp"
#include "base/secret.hpp"
#include "net/dial.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace voicectl::client {

struct ConnectOptions {
    net::Url url;  ///< of /voice-ws; codec and rate are added
    base::Secret token;
    audio::AudioFormat format;
    std::chrono::milliseconds timeout{10'000};

    ConnectOptions() = default;
};

/// A frame of the reply; valid until the next read().
using Frame = std::span<const std::byte>;
using Event = boost::json::object;

class VoiceClient {
 public:
    /// Errc::unavailable if nothing answers, ::unauthorized if the token is refused.
    static net::Task<base::Result<std::unique_ptr<VoiceClient>>> connect(ConnectOptions options);

    /// The next frame or event. Errc::closed at the end, ::protocol for what voice.v1 does not know.
    net::Task<base::Result<std::variant<Frame, Event>>> read();

    void send_frame(Frame frame);
    void send_control(std::string_view action);
    void close();
    void abort() noexcept;
    const net::CloseReason& close_reason() const noexcept;

 private:
    explicit VoiceClient(std::unique_ptr<net::WebSocket> socket) : socket_(std::move(socket)) {}
    std::unique_ptr<net::WebSocket> socket_;
};

}  // namespace voicectl::client
