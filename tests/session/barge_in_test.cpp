// SPDX-License-Identifier: Apache-2.0
// A sound over a reply, from the frame that carries it to what becomes of the reply and of the sound.
#include "tests/session/conversation_fixture.hpp"
#include "tests/support/signal.hpp"

#include <algorithm>

namespace voicectl::test {
namespace {

using tests::Signal;

class BargeInTest : public ConversationTest {
 protected:
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
    /// The same from a client that collects its frames and sends them at once.
    void hear_at_once(audio::Pcm samples) {
        constexpr auto frame = audio::samples_in(20ms);
        outbox_.now = now_;
        for (std::size_t at = 0; at < samples.size(); at += frame)
            conversation_.on_audio(samples.subspan(at, std::min(frame, samples.size() - at)), now_);
    }
    static Signal quiet(std::chrono::milliseconds length) { return tests::noise(length, 0.0005, 7); }
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
    std::vector<std::string> said_without_vad() {
        auto lines = outbox_.take();
        std::erase_if(lines, [](const auto& line) { return line.find(R"("vad")") != std::string::npos; });
        return lines;
    }
    static ConversationOptions with(BargeInMode mode) {
        auto options = ConversationTest::options();
        options.barge_in.mode = mode;
        return options;
    }
};

TEST_F(BargeInTest, HoldsTheReplyAtTheFirstSoundOfAVoice) {
    begin(conversation_);
    hear(tests::voice(60ms));
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("tts_pause")));
    const auto sent = outbox_.heard().size();
    hear(tests::voice(100ms));
    EXPECT_EQ(outbox_.heard().size(), sent) << "the reply went on after the pause";
}

TEST_F(BargeInTest, EndsTheReplyWhenTheVoiceGoesOn) {
    begin(conversation_);
    const auto passed_on = outbox_.samples_upstream();
    hear(tests::voice(600ms));
    const auto lines = said_without_vad();
    EXPECT_THAT(lines, ElementsAre(HasSubstr("tts_pause"), "drop", HasSubstr("response.cancel"),
                                   HasSubstr(R"("audio_end_ms":1020)"), HasSubstr("barge_in"),
                                   HasSubstr("\"bargeInMs\"")));
    EXPECT_EQ(outbox_.samples_upstream() - passed_on, audio::samples_in(600ms))
        << "the upstream hears all of it";
}

TEST_F(BargeInTest, GoesOnAfterACoughAtTheVerySampleWhereItHeld) {
    begin(conversation_);
    hear(cough());
    hear(quiet(1s));
    EXPECT_THAT(said_without_vad(),
                ElementsAre(HasSubstr(R"("tts_pause","data":{"itemId":"item_a","playedMs":1020)"),
                            HasSubstr(R"("tts_resume","data":{"itemId":"item_a","playedMs":1020)")));
    hear(quiet(9s));
    auto heard = outbox_.heard();
    const auto whole = ramp(10s);
    ASSERT_GE(heard.size(), whole.size());
    heard.resize(whole.size());
    EXPECT_EQ(heard, whole) << "a gap or a repeat";
}

TEST_F(BargeInTest, KeepsACoughFromTheUpstreamButNotItsTime) {
    begin(conversation_);
    const auto before = outbox_.samples_upstream();
    hear(cough());
    hear(quiet(1s));
    EXPECT_EQ(outbox_.samples_upstream() - before, audio::samples_in(1200ms));
    const auto& audio = outbox_.upstream_audio();
    const auto loud = std::ranges::count_if(audio.begin() + static_cast<std::ptrdiff_t>(before), audio.end(),
                                            [](audio::Sample sample) { return std::abs(sample) > 1000; });
    EXPECT_LT(loud, audio::samples_in(60ms)) << "no more than came before the onset was noticed";
}

TEST_F(BargeInTest, GoesOnWhenTheInputStops) {
    begin(conversation_);
    hear(cough());
    pass(400ms);
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("tts_pause"), HasSubstr("tts_resume")));
}

TEST_F(BargeInTest, IsNotHeldAgainByTheLoneFramesOfACodecThatSendsNoSilence) {
    begin(conversation_);
    hear(cough());
    pass(400ms);
    outbox_.take();
    for (int i = 0; i < 5; ++i) {
        hear(quiet(20ms));
        pass(380ms);
    }
    EXPECT_THAT(said_without_vad(), IsEmpty());
}

TEST_F(BargeInTest, JudgesEachSoundByItself) {
    begin(conversation_);
    for (int i = 0; i < 4; ++i) {
        hear(tests::voice(180ms));
        hear(quiet(300ms));
    }
    // The same from behind a gate, which lets no pause through.
    for (int i = 0; i < 4; ++i) {
        hear(tests::voice(180ms));
        pass(1s);
    }
    EXPECT_THAT(said_without_vad(), Not(Contains(HasSubstr("barge_in"))));
}

TEST_F(BargeInTest, HoldsNothingAgainstAReplyThatWasSaidBeforeIt) {
    hear(quiet(1s));
    hear(tests::voice(1s));
    hear(quiet(300ms));  // no pause that ends an utterance, for our ear
    begin_reply("resp_1", "item_a", 5s);
    outbox_.take();
    hear(tests::noise(30ms, 0.3, 3));
    hear(quiet(1s));
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("tts_pause"), HasSubstr("tts_resume")));
}

TEST_F(BargeInTest, IsMeasuredFromTheReplyWhereTheVoiceWasThereFirst) {
    hear(quiet(1s));
    hear(tests::voice(1s));
    begin_reply("resp_1", "item_a", 5s);
    hear(tests::voice(600ms));
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr(R"("bargeInMs":0)")));
}

TEST_F(BargeInTest, HearsAllOfAVoiceThatComesInBursts) {
    begin(conversation_);
    const auto before = static_cast<std::ptrdiff_t>(outbox_.samples_upstream());
    const auto voice = tests::voice(1000ms);
    for (int i = 0; i < 4; ++i) {
        hear_at_once(audio::Pcm(voice).subspan(audio::samples_in(250ms) * i, audio::samples_in(250ms)));
        pass(250ms);
    }
    EXPECT_THAT(said_without_vad(), Not(Contains(HasSubstr("tts_resume"))));
    const auto& audio = outbox_.upstream_audio();
    EXPECT_TRUE(std::equal(audio.begin() + before, audio.end(), voice.begin(), voice.end()));
}

TEST_F(BargeInTest, HearsAllOfAVoiceThatTheNetworkStalls) {
    begin(conversation_);
    const auto before = static_cast<std::ptrdiff_t>(outbox_.samples_upstream());
    const auto voice = tests::voice(1200ms);
    hear(audio::Pcm(voice).first(audio::samples_in(100ms)));
    pass(500ms);
    hear_at_once(audio::Pcm(voice).subspan(audio::samples_in(100ms), audio::samples_in(500ms)));
    hear(audio::Pcm(voice).subspan(audio::samples_in(600ms)));
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("barge_in")));
    const auto& audio = outbox_.upstream_audio();
    EXPECT_TRUE(std::equal(audio.begin() + before, audio.end(), voice.begin(), voice.end()));
}

TEST_F(BargeInTest, KeepsACoughFromTheUpstreamWhoseInputStops) {
    begin(conversation_);
    const auto before = outbox_.samples_upstream();
    const auto loud = [&] {
        const auto& audio = outbox_.upstream_audio();
        return std::ranges::count_if(audio.begin() + static_cast<std::ptrdiff_t>(before), audio.end(),
                                     [](audio::Sample sample) { return std::abs(sample) > 1000; });
    };
    hear(cough());
    pass(1s);
    hear(quiet(20ms));
    EXPECT_EQ(outbox_.samples_upstream() - before, audio::samples_in(220ms));
    EXPECT_LT(loud(), audio::samples_in(60ms));
    hear(cough());
    pass(3s);  // too long for a stall
    EXPECT_EQ(outbox_.samples_upstream() - before, audio::samples_in(420ms));
    EXPECT_LT(loud(), audio::samples_in(60ms));
}

TEST_F(BargeInTest, DoesNotWaitForAVoiceThatHardlyComes) {
    begin(conversation_);
    hear(tests::voice(40ms));
    outbox_.take();
    const auto voice = tests::voice(10ms);
    for (int i = 0; i < 20; ++i) {
        pass(200ms);
        hear_at_once(voice);
    }
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("barge_in")));
}

TEST_F(BargeInTest, TakesNothingFromTheLatencyOfAReplyThatHasSounded) {
    client(TextInput{"typed", ""});
    pass(100ms);
    begin(conversation_);
    hear(cough());
    hear(quiet(1s));
    hear(tests::voice(600ms));
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr(R"("firstTokenMs":100)")));
}

TEST_F(BargeInTest, CountsNoLatencyFromAVoiceOfTheTurnBefore) {
    hear(quiet(1s));
    hear(tests::voice(1s));
    client(StopRecording{});
    begin_reply("resp_1", "item_a", 20ms);
    end_reply("resp_1");
    pass(10s);
    client(StartRecording{});
    upstream(realtime::SpeechStarted{2000, "item_v"});  // a whisper, for the upstream's ear only
    upstream(realtime::SpeechStopped{2500, "item_v"});
    pass(100ms);
    outbox_.take();
    begin_reply("resp_2", "item_b", 20ms);
    end_reply("resp_2");
    pass(100ms);
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr(R"("firstTokenMs":100)")));
}

TEST_F(BargeInTest, GoesOnAfterALongCough) {
    begin(conversation_);
    hear(tests::noise(450ms, 0.3, 3));
    hear(quiet(1s));
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("tts_pause"), HasSubstr("tts_resume")));
}

TEST_F(BargeInTest, EndsTheReplyForASoundWithoutAPitchThatDoesNotEnd) {
    begin(conversation_);
    hear(tests::noise(700ms, 0.3, 3));
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("barge_in")));
}

TEST_F(BargeInTest, HoldsNoLongerThanASecondAndAHalf) {
    begin(conversation_);
    const auto clatter = [this](int clicks) {
        for (int i = 0; i < clicks; ++i) {
            hear(tests::noise(20ms, 0.3, 3));
            hear(quiet(140ms));
        }
    };
    clatter(9);
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("tts_pause")));
    clatter(2);
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("barge_in")));
}

TEST_F(BargeInTest, MeasuresWhatLeftAfterTheVoiceCameIn) {
    begin(conversation_);
    outbox_.now = now_ + 50ms;  // the frame takes its time to leave
    conversation_.on_tick(now_ += 20ms);
    const auto voice = tests::voice(400ms);
    constexpr auto small = audio::samples_in(5ms);  // the first of them tells nothing yet
    for (std::size_t at = 0; at < voice.size(); at += small)
        conversation_.on_audio(audio::Pcm(voice).subspan(at, small), now_ += 5ms);
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr(R"("bargeInMs":25)")));
}

TEST_F(BargeInTest, MeasuresNothingOfASoundThatWasNothing) {
    begin(conversation_);
    hear(cough());
    hear(quiet(1s));
    client(InterruptReply{});
    EXPECT_THAT(said_without_vad(), Not(Contains(HasSubstr("bargeInMs"))));
}

TEST_F(BargeInTest, PassesOnWhatIsHeldWhenTheClientEndsTheReply) {
    begin(conversation_);
    const auto before = outbox_.samples_upstream();
    hear(tests::voice(100ms));
    client(InterruptReply{});
    hear(tests::voice(40ms));
    EXPECT_EQ(outbox_.samples_upstream() - before, audio::samples_in(140ms));
}

TEST_F(BargeInTest, CommitsWhatIsHeldThoughNobodyIsSureYetThatItIsSpeech) {
    begin(conversation_);
    hear(tests::voice(40ms));
    client(StopRecording{});
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("input_audio_buffer.commit")));
}

TEST_F(BargeInTest, EndsAtOnceWhereThatIsAsked) {
    Conversation conversation(with(BargeInMode::immediate), outbox_, now_);
    begin(conversation);
    hear(conversation, tests::voice(60ms));
    EXPECT_THAT(said_without_vad(), ElementsAre("drop", HasSubstr("response.cancel"), HasSubstr("truncate"),
                                                HasSubstr("barge_in"), HasSubstr("interrupted")));
}

TEST_F(BargeInTest, PlaysToTheEndWhereThatIsAsked) {
    Conversation conversation(with(BargeInMode::off), outbox_, now_);
    begin(conversation);
    hear(conversation, tests::voice(1s));
    conversation.on_upstream(realtime::SpeechStarted{1000, "item_u"}, now_);
    EXPECT_THAT(said_without_vad(), ElementsAre(HasSubstr("speech_started")));
}

TEST_F(BargeInTest, TakesTheUpstreamsWordForSpeechThatItMissed) {
    begin(conversation_);
    upstream(realtime::SpeechStarted{500, "item_u"});
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("barge_in")));
}

TEST_F(BargeInTest, HandsOnWhatIsHeldWhenTheMicrophoneIsClosed) {
    begin(conversation_);
    const auto before = outbox_.samples_upstream();
    hear(tests::voice(200ms));
    client(StopRecording{});
    EXPECT_EQ(outbox_.samples_upstream() - before, audio::samples_in(200ms));
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("input_audio_buffer.commit")));
}

TEST_F(BargeInTest, IsABargeInUntilTheLastSampleHasBeenHeard) {
    begin_reply("resp_1", "item_a", 1000ms);
    end_reply("resp_1");
    pass(860ms);  // all is sent, the last 140 ms are still to be heard
    ASSERT_EQ(outbox_.heard().size(), audio::samples_in(1000ms));
    outbox_.take();
    upstream(realtime::SpeechStarted{500, "item_u"});
    EXPECT_THAT(outbox_.take(), Contains(HasSubstr(R"("audio_end_ms":860)")));
}

TEST_F(BargeInTest, CutsEachItemOfAReplyToWhatWasHeardOfIt) {
    upstream(realtime::ResponseCreated{"resp_1"});
    const auto audio = encoded(ramp(1000ms));
    upstream(realtime::AudioDelta{"resp_1", "item_a", audio});
    upstream(realtime::AudioDelta{"resp_1", "item_b", audio});
    upstream(realtime::AudioDelta{"resp_1", "item_c", audio});
    pass(1500ms);
    outbox_.take();
    client(InterruptReply{});
    EXPECT_THAT(outbox_.take(),
                ElementsAre("drop", HasSubstr("response.cancel"),
                            HasSubstr(R"("item_id":"item_b","content_index":0,"audio_end_ms":500)"),
                            HasSubstr(R"("conversation.item.delete","item_id":"item_c")"),
                            HasSubstr(R"("playedMs":1500)")));
}

}  // namespace
}  // namespace voicectl::test
