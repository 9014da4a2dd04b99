// SPDX-License-Identifier: Apache-2.0
// The session as the protocol shows it (GA shape): all defaults filled in, changed by session.update, which
// merges what is present and refuses the whole event if one field is wrong. One thread.
#pragma once

#include "simulator/protocol_error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace voicectl::simulator {

/// How the end of an utterance is found.
struct TurnDetection {
    bool automatic = true;  ///< false: the client commits
    double threshold = 0.5;
    std::chrono::milliseconds prefix_padding{300};
    std::chrono::milliseconds silence{500};
    std::chrono::milliseconds idle_timeout{0};  ///< 0 for none
    bool create_response = true;
    bool interrupt_response = true;
};

class SessionObject {
 public:
    /// `expires_at` in Unix seconds. A transcription session has no model and never answers.
    SessionObject(std::string id, std::string model, bool transcription_only, std::int64_t expires_at);

    /// Applies a session.update's `session`, or says why none of it is applied.
    Refusal update(const json::value& session, bool has_spoken);

    const json::object& value() const noexcept { return value_; }
    bool transcription_only() const noexcept { return transcription_only_; }
    bool transcribes() const noexcept;
    bool speaks() const noexcept;  ///< output_modalities is audio, not text
    TurnDetection turn_detection() const;
    /// A member of audio.input or audio.output.
    const json::value& input(std::string_view name) const noexcept;
    const json::value& output(std::string_view name) const noexcept;

 private:
    json::object value_;
    bool transcription_only_;
};

}  // namespace voicectl::simulator
