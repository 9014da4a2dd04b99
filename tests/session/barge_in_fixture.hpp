// SPDX-License-Identifier: Apache-2.0
// A person before the microphone while a reply is being heard.
#pragma once

#include "tests/session/conversation_fixture.hpp"
#include "tests/support/signal.hpp"

#include <algorithm>

namespace voicectl::test {

using tests::Signal;

class BargeInTest : public ConversationTest {
 protected:
    /// What a client that collects its frames sends at once.
    void hear_at_once(audio::Pcm samples) {
        constexpr auto frame = audio::samples_in(20ms);
        outbox_.now = now_;
        for (std::size_t at = 0; at < samples.size(); at += frame)
            conversation_.on_audio(samples.subspan(at, std::min(frame, samples.size() - at)), now_);
    }
    static Signal cough() { return tests::noise(200ms, 0.3, 3); }
    /// A long reply that has been heard for a second, in a quiet room.
    void begin(Conversation& conversation) {
        outbox_.now = now_;
        conversation.on_upstream(realtime::ResponseCreated{"resp_1"}, now_);
        conversation.on_upstream(realtime::ReplyDelta{"resp_1", "item_a", "words"}, now_);
        const auto audio = encoded(ramp(10s));
        conversation.on_upstream(realtime::AudioDelta{"resp_1", "item_a", audio}, now_);
        hear(conversation, quiet(1s));
        outbox_.take();
    }
    static ConversationOptions with(BargeInMode mode) {
        auto options = ConversationTest::options();
        options.barge_in.mode = mode;
        return options;
    }
};

}  // namespace voicectl::test
