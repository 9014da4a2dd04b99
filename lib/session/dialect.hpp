// SPDX-License-Identifier: Apache-2.0
// The voice.v1 dialect: JSON text to messages and back. Sans-I/O, no state; any thread.
#pragma once

#include "base/error.hpp"
#include "session/message.hpp"

#include <string>
#include <string_view>

namespace voicectl::session {

/// Limits of what a client may put into one message.
constexpr std::size_t text_bytes_max = 16 * 1024;
constexpr std::size_t json_depth_max = 16;

/// Errc::malformed with a sentence for the client's developer.
base::Result<ClientMessage> parse_client_message(std::string_view text);

/// The message's JSON in place of whatever `out` held; its memory is reused.
void render(const ServerMessage& message, std::string& out);

/// AUDIO_DECODE_FAILED and its like.
std::string_view name_of(ErrorCode code) noexcept;

}  // namespace voicectl::session
