// SPDX-License-Identifier: Apache-2.0
// A sound over a reply, from clients that send as they can: what the upstream hears of it.
#include "tests/session/barge_in_fixture.hpp"

namespace voicectl::test {
namespace {

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

TEST_F(BargeInTest, HandsOnWhatIsHeldWhenTheMicrophoneIsClosed) {
    begin(conversation_);
    const auto before = outbox_.samples_upstream();
    hear(tests::voice(200ms));
    client(StopRecording{});
    EXPECT_EQ(outbox_.samples_upstream() - before, audio::samples_in(200ms));
    EXPECT_THAT(said_without_vad(), Contains(HasSubstr("input_audio_buffer.commit")));
}

}  // namespace
}  // namespace voicectl::test
