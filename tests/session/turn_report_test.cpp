// SPDX-License-Identifier: Apache-2.0
// What a turn's times add up to, and what is said of them.
#include "session/turn_report.hpp"

#include "session/turn_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace voicectl::test {
namespace {

using namespace std::chrono_literals;
using namespace session;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr base::Time start{1000h};

TEST(TurnClock, PartsTheWholeBetweenTheUpstreamAndTheGateway) {
    TurnClock clock;
    clock.speech_began(start);
    clock.ended(start + 800ms, start + 900ms, start + 1300ms);  // held for 100 ms, known after a pause
    clock.answered(start + 1500ms);
    clock.sounded(start + 1505ms);
    const auto latency = clock.latency();
    EXPECT_EQ(latency.first_token_ms, 705);
    EXPECT_DOUBLE_EQ(latency.upstream_ms, 600);
    EXPECT_DOUBLE_EQ(latency.added_ms, 105);
}

TEST(TurnClock, CountsTheFirstPartialFromWhatItCovers) {
    TurnClock early;
    early.speech_began(start);
    early.partial(start + 300ms);
    early.ended(start + 800ms, start + 800ms, start + 1300ms);
    early.partial(start + 1400ms);
    EXPECT_EQ(early.latency().partial_ms, 300);
    EXPECT_EQ(early.latency().partial_from, PartialFrom::speech_start);

    TurnClock late;
    late.speech_began(start);
    late.ended(start + 800ms, start + 800ms, start + 1300ms);
    late.partial(start + 1400ms);
    EXPECT_EQ(late.latency().partial_ms, 100);
    EXPECT_EQ(late.latency().partial_from, PartialFrom::commit);
}

TEST(TurnClock, MeasuresNothingOfAReplyThatWaitedBeforeItSounded) {
    TurnClock clock;
    clock.ended(start, start, start);
    clock.answered(start + 100ms);
    clock.kept_waiting();
    clock.sounded(start + 900ms);
    EXPECT_FALSE(clock.latency().first_token_ms);
}

TurnReport report() {
    TurnReport report{"item_1", "completed", 3200, 3200, {}};
    report.latency.first_token_ms = 412;
    report.latency.upstream_ms = 410.9;
    report.latency.added_ms = 1.1;
    return report;
}

TEST(TurnReport, IsOneLine) {
    auto turn = report();
    EXPECT_EQ(describe(turn),
              "item_1 completed, heard 3200 of 3200 ms; first sound after 412 ms "
              "(upstream 410.9, added 1.1)");
    turn.latency.partial_ms = 90;
    turn.latency.barge_in_ms = 23;
    turn.latency.client_had_ms = 180;
    EXPECT_THAT(describe(turn),
                testing::EndsWith("; first words 90 ms after speech_start; silent 23 ms after a "
                                  "voice, 180 ms were with the client"));
}

TEST(TurnReport, NamesEachTargetThatWasMissedAndWhoseTimeItWas) {
    auto turn = report();
    turn.latency.partial_ms = 151;
    turn.latency.partial_from = PartialFrom::commit;
    turn.latency.barge_in_ms = 51;
    EXPECT_THAT(missed_targets(turn, {}),
                ElementsAre("the first sound came after 412 ms, target 300: 411 ms of it the speech model's, "
                            "1 ours",
                            "the first words came 151 ms after commit, target 150: the speech model's time",
                            "the reply went on 51 ms after a voice, target 50: our time"));
}

TEST(TurnReport, HasNoComplaintOfATargetThatIsMetOrNotMeasured) {
    auto turn = report();
    turn.latency.first_token_ms = 300;
    turn.latency.partial_ms = 150;
    turn.latency.barge_in_ms = 50;
    EXPECT_THAT(missed_targets(turn, {}), IsEmpty());
    EXPECT_THAT(missed_targets(TurnReport{}, {}), IsEmpty());
}

}  // namespace
}  // namespace voicectl::test
