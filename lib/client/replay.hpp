// SPDX-License-Identifier: Apache-2.0
// Plays a recording to a gateway as a person would speak it: frames leave at their deadlines, silence follows
// the last one, and the replies are listened to until the last turn is answered. One thread.
#pragma once

#include "audio/sound_file.hpp"
#include "client/voice_client.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace voicectl::client {

struct ReplayOptions {
    ConnectOptions connect;
    /// How long an answer may take once the recording has ended.
    std::chrono::milliseconds timeout{30'000};

    ReplayOptions() = default;
};

struct ReplayResult {
    bool speech_heard = false;         ///< the gateway noticed speech in the recording
    std::vector<audio::Sample> reply;  ///< all that came back, 24 kHz
    std::uint64_t frames_sent = 0;
    std::uint64_t frames_received = 0;
    std::uint64_t turns = 0;  ///< replies that came to an end, by themselves or interrupted
    /// How late frames left, against the recording's own clock.
    double pacing_p50_ms = 0;
    double pacing_p99_ms = 0;
};

class ReplayObserver {
 public:
    virtual ~ReplayObserver() = default;
    /// An event as it came, and when: since the connection was open.
    virtual void on_event(std::chrono::microseconds at, const Event& event) = 0;
};

/// Errors as VoiceClient's; ::timed_out if the last turn is not answered in time, ::protocol or ::unavailable
/// if the gateway ends the session, with what it said.
net::Task<base::Result<ReplayResult>> replay(const audio::Recording& recording, ReplayOptions options,
                                             ReplayObserver& observer);

}  // namespace voicectl::client
