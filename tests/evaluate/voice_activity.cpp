// SPDX-License-Identifier: Apache-2.0
// How soon, how surely and how often in vain VoiceActivity hears speech in noise, beside WebRTC's detector in
// each of its modes. Prints a table, and fails where ours is worse at 10 dB or above: more false
// alarms, more missed (by a twentieth), a later onset, or an utterance confirmed later by a tenth.
//   evaluate_voice_activity [first seed] [seeds]
#include "evaluate/listener.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace voicectl::evaluate {
namespace {

constexpr int modes = 4;
constexpr std::array ratios_db{20.0, 10.0, 5.0, 0.0};
constexpr double judged_from_db = 10;

/// Both detectors on one question, in one kind of noise.
struct Duel {
    Score ours;
    std::array<Score, modes> theirs;

    /// Their best mode: the one that is least often wrong. Those that let more through fire at noise many
    /// times a minute.
    const Score& rival() const {
        return *std::min_element(theirs.begin(), theirs.end(),
                                 [](auto& a, auto& b) { return a.false_alarms < b.false_alarms; });
    }
};

void print(std::string_view who, const Score& score) {
    fmt::print(
        "  {:7} delay {:6.1f} ms, p95 {:7.1f} ms; missed {:2} of {}; firing before {:2}; false {:6.2f}/min\n",
        who, score.delay_ms(0.5), score.delay_ms(0.95), score.missed, score.utterances,
        score.utterances - static_cast<int>(score.delays_ms.size()), score.false_alarms_per_minute());
}

/// What is wrong with ours beside theirs; empty if nothing is. `delay_ratio`: how late ours may be.
std::string fault(const Duel& duel, double delay_ratio) {
    const auto& ours = duel.ours;
    const auto& rival = duel.rival();
    // One that was firing already before most utterances says nothing of delays and misses.
    const bool rival_hears = 2 * rival.delays_ms.size() >= static_cast<std::size_t>(rival.utterances);
    if (ours.false_alarms > rival.false_alarms) return "more false alarms";
    if (!rival_hears) return 2 * ours.false_alarms > rival.false_alarms ? "false alarms not halved" : "";
    if (ours.missed > rival.missed + ours.utterances / 20) return "more missed";
    if (ours.delay_ms(0.5) > delay_ratio * rival.delay_ms(0.5)) return "later";
    return "";
}

/// Prints a duel and judges it.
bool conclude(std::string_view title, const Duel& duel, double delay_ratio, bool judged) {
    const auto wrong = fault(duel, delay_ratio);
    fmt::print("{}: {}\n", title, !judged ? "not judged" : wrong.empty() ? "passed" : "FAILED, " + wrong);
    print("ours", duel.ours);
    for (std::size_t mode = 0; mode < modes; ++mode)
        print(fmt::format("mode {}{}", mode, &duel.theirs[mode] == &duel.rival() ? "*" : ""),
              duel.theirs[mode]);
    return !judged || wrong.empty();
}

bool evaluate(const Corpus& corpus, Noise noise, double ratio_db, unsigned seed, unsigned seeds) {
    Duel onset;
    Duel started;
    for (unsigned i = 0; i < seeds; ++i) {
        const auto scene = make_scene(corpus, noise, ratio_db, seed + i);
        const auto heard = hear_with_voice_activity(scene.samples);
        add(onset.ours, heard.onset, scene);
        add(started.ours, heard.started, scene);
        for (std::size_t mode = 0; mode < modes; ++mode) {
            const auto theirs = hear_with_webrtc(scene.samples, static_cast<int>(mode));
            add(onset.theirs[mode], theirs.onset, scene);
            add(started.theirs[mode], theirs.started, scene);
        }
    }
    const auto title = fmt::format("{} noise at {:.0f} dB", name_of(noise), ratio_db);
    const bool judged = ratio_db >= judged_from_db;
    const bool quick = conclude(title + ", onset", onset, 1, judged);
    // The attack is the same for both and most of the delay.
    const bool sure = conclude(title + ", started", started, 1.1, judged);
    return quick && sure;
}

unsigned number(const char* text) {
    unsigned value = 0;
    const std::string_view digits(text);
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

}  // namespace
}  // namespace voicectl::evaluate

int main(int count, char** words) {
    using namespace voicectl::evaluate;
    const unsigned seed = count > 1 ? number(words[1]) : 1;
    const unsigned seeds = count > 2 ? number(words[2]) : 4;
    const auto corpus = read_corpus();
    bool good = seeds > 0;
    for (const auto noise : {Noise::white, Noise::pink, Noise::babble})
        for (const double ratio_db : ratios_db)
            good = evaluate(corpus, noise, ratio_db, seed, seeds) && good;
    return good ? 0 : 1;
}
