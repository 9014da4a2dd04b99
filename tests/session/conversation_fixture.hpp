// SPDX-License-Identifier: Apache-2.0
// A conversation with a virtual clock, its outbox written down, and words for what happens in it.
#pragma once

#include "base/base64.hpp"
#include "session/conversation.hpp"
#include "tests/session/recording_outbox.hpp"
#include "tests/support/signal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace voicectl::test {

using namespace std::chrono_literals;
using namespace session;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

inline std::string encoded(audio::Pcm samples) {
    std::string text;
    base::base64_append(audio::bytes_of(samples), text);
    return text;
}

/// A rising ramp: every sample tells its own place.
inline std::vector<audio::Sample> ramp(std::chrono::milliseconds length, int from = 1) {
    std::vector<audio::Sample> samples(audio::samples_in(length));
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<audio::Sample>((from + static_cast<int>(i)) % 30'000 + 1);
    return samples;
}

class ConversationTest : public testing::Test {
 protected:
    static ConversationOptions options() {
        ConversationOptions options;
        options.idle_timeout = 60s;
        return options;
    }
    base::Time at(std::chrono::milliseconds after) const { return start_ + after; }
    void upstream(const realtime::ServerEvent& event) {
        outbox_.now = now_;
        conversation_.on_upstream(event, now_);
    }
    void client(const ClientMessage& message) { conversation_.on_client(message, now_); }
    /// Time goes by in ticks of a frame.
    void pass(std::chrono::milliseconds span) {
        for (const auto until = now_ + span; now_ < until;) {
            outbox_.now = now_ += 20ms;
            conversation_.on_tick(now_);
        }
    }
    /// The person's microphone, in frames of 20 ms at the pace of life.
    void hear(Conversation& conversation, audio::Pcm samples) {
        constexpr auto frame = audio::samples_in(20ms);
        for (std::size_t at = 0; at < samples.size(); at += frame) {
            outbox_.now = now_ += 20ms;
            conversation.on_audio(samples.subspan(at, std::min(frame, samples.size() - at)), now_);
            conversation.on_tick(now_);
        }
    }
    void hear(audio::Pcm samples) { hear(conversation_, samples); }
    static std::vector<audio::Sample> quiet(std::chrono::milliseconds length) {
        return tests::noise(length, 0.0005, 7);
    }
    std::vector<std::string> said_without_vad() {
        auto lines = outbox_.take();
        std::erase_if(lines, [](const auto& line) { return line.find(R"("vad")") != std::string::npos; });
        return lines;
    }
    void begin_reply(std::string_view response, std::string_view item, std::chrono::milliseconds length) {
        upstream(realtime::ResponseCreated{response});
        upstream(realtime::ReplyDelta{response, item, "words"});
        const auto audio = encoded(ramp(length));
        upstream(realtime::AudioDelta{response, item, audio});
    }
    void end_reply(std::string_view response) {
        upstream(realtime::ResponseDone{response, "completed", "", "", realtime::Usage{3, 4, 7}});
    }

    base::Time start_ = base::Time(1000h);
    base::Time now_ = start_;
    RecordingOutbox outbox_;
    Conversation conversation_{options(), outbox_, start_};
};

}  // namespace voicectl::test
