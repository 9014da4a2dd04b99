// SPDX-License-Identifier: Apache-2.0
// Writes server events. Everything goes out as one JSON object with its type and an event_id of its own;
// audio takes a shorter way, because it is most of the bytes. One thread.
#pragma once

#include "audio/pcm.hpp"
#include "simulator/protocol_error.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::simulator {

/// What a session asks of the world around it. Answers to `synthesise` and `recognise` come back to the
/// session with the same token, later, never from within the call.
class Output {
 public:
    virtual ~Output() = default;
    virtual void send(std::string_view event) = 0;
    /// Nothing is sent after it.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// Ends the connection without a close frame.
    virtual void drop() = 0;
    /// Audio that was appended, as it came: its bytes in the input's format.
    virtual void appended(std::span<const std::byte>) {}
    virtual void synthesise(std::uint64_t token, std::string text) = 0;
    /// Somebody has begun to speak: `recognise` will follow.
    virtual void expect_speech() {}
    /// Samples at 24 kHz.
    virtual void recognise(std::uint64_t token, std::vector<audio::Sample> samples) = 0;
};

/// Where a part of a response belongs.
struct Place {
    std::string response_id;
    std::string item_id;
    int output_index = 0;
    int content_index = 0;
};

class EventWriter {
 public:
    explicit EventWriter(Output& output) : output_(output) {}

    /// Nothing leaves from now on.
    void mute() noexcept { muted_ = true; }
    /// Whatever it is, JSON or not.
    void send_raw(std::string_view text);

    void send(std::string_view type, const json::object& fields);
    /// `fields` with the place before them.
    void send(std::string_view type, const Place& place, const json::object& fields = {});
    void audio_delta(const Place& place, std::span<const std::byte> audio);
    /// `client_event_id` null where the event had none.
    void error(const ProtocolError& error, const json::value& client_event_id);
    /// An item event: conversation.item.added or .done.
    void item(std::string_view type, const json::value& previous_item_id, const json::object& item);

    Output& output() noexcept { return output_; }

 private:
    Output& output_;
    std::string line_;
    bool muted_ = false;
};

}  // namespace voicectl::simulator
