// SPDX-License-Identifier: Apache-2.0
#include "session/barge_in.hpp"

namespace voicectl::session {

BargeIn::Step BargeIn::on_audio(const audio::VoiceActivity& activity, bool over_reply,
                                base::Time now) noexcept {
    if (activity.speech_end() != voice_end_) voice_at_ = now;
    voice_end_ = activity.speech_end();
    if (options_.mode == BargeInMode::off) return Step::none;
    if (holding_) return decide(activity);
    if (!over_reply || !activity.onset()) return Step::none;
    if (options_.mode == BargeInMode::immediate) return Step::commit;
    holding_ = true;
    held_from_ = activity.position();
    held_at_ = now;
    return Step::hold;
}

BargeIn::Step BargeIn::decide(const audio::VoiceActivity& activity) noexcept {
    const auto longer_than = [](std::uint64_t samples, std::chrono::milliseconds span) {
        return audio::duration_of(samples) > span;
    };
    const bool speech = activity.voiced() > options_.voiced_min && activity.voicing() > options_.voicing_min;
    const bool quiet = longer_than(activity.position() - activity.speech_end(), options_.quiet_min);
    const bool undecided = activity.voiced() <= options_.unvoiced_min &&
                           !longer_than(activity.position() - held_from_, options_.hold_max);
    if (!speech && !quiet && undecided) return Step::none;
    holding_ = false;
    return quiet && !speech ? Step::resume : Step::commit;
}

BargeIn::Step BargeIn::on_tick(base::Time now) noexcept {
    const bool stopped = now - voice_at_ > options_.gap_min;
    // Input at the pace of life has its verdict by then.
    const bool slow = now - held_at_ > 2 * options_.hold_max;
    if (!holding_ || (!stopped && !slow)) return Step::none;
    holding_ = false;
    return stopped ? Step::resume : Step::commit;
}

}  // namespace voicectl::session
