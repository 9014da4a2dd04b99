// SPDX-License-Identifier: Apache-2.0
#include "simulator/script.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <utility>

namespace voicectl::simulator {

bool Script::must_recognise() const noexcept {
    if (!scenario_.recognise) return false;
    const auto& turns = scenario_.turns;
    if (turns.empty()) return true;
    // A turn that waits for a word needs the words; so does one that does not say what is heard.
    return std::any_of(turns.begin(), turns.end(),
                       [](const Turn& turn) { return !turn.when.empty() || turn.heard.empty(); });
}

Heard Script::hear(std::string_view recognised) {
    Heard heard;
    heard.turn = take_turn(recognised);
    heard.text = recognised;
    if (heard.turn && !scenario_.turns[*heard.turn].heard.empty())
        heard.text = scenario_.turns[*heard.turn].heard;
    return heard;
}

std::optional<std::size_t> Script::take_turn(std::string_view heard) {
    const auto& turns = scenario_.turns;
    for (std::size_t i = 0; i < turns.size(); ++i)
        if (!turns[i].when.empty() && boost::icontains(heard, turns[i].when)) return i;
    for (std::size_t step = 0; step < turns.size(); ++step) {
        const auto i = next_++ % turns.size();
        if (turns[i].when.empty()) return i;
    }
    return std::nullopt;
}

Plan Script::plan_turn(const Turn& turn) {
    Plan plan;
    plan.first_token = turn.first_token.value_or(scenario_.timing.first_token);
    if (!turn.call.empty()) {
        plan.call = {turn.call, turn.arguments};
        return plan;
    }
    plan.text = turn.say;
    plan.recording = turn.recording;
    return plan;
}

Plan Script::plan(const Request& request, std::chrono::system_clock::time_point now) {
    Plan plan;
    plan.first_token = scenario_.timing.first_token;
    auto* item = request.trigger;
    if (item != nullptr && item->type() == "function_call_output") {
        const auto turn = std::exchange(calling_, std::nullopt);
        const bool scripted = turn && !scenario_.turns[*turn].say.empty();
        plan.text =
            scripted ? scenario_.turns[*turn].say : Persona::tell_output(text_of(item->wire, "output"));
        if (scripted) plan.recording = scenario_.turns[*turn].recording;
        return plan;
    }
    const auto said = item == nullptr ? std::string() : item->heard.text;
    if (request.in_conversation) {
        auto turn = item == nullptr ? std::nullopt : std::exchange(item->heard.turn, std::nullopt);
        if (!turn && (item == nullptr || item->audio.count() == 0)) turn = take_turn(said);
        if (turn) {
            if (!scenario_.turns[*turn].call.empty()) calling_ = turn;
            return plan_turn(scenario_.turns[*turn]);
        }
    }
    plan.call = choose_call(said, *request.tools, *request.tool_choice);
    if (!plan.call.name.empty()) return plan;
    plan.text = item == nullptr ? persona_.opening() : persona_.answer(said, now);
    return plan;
}

}  // namespace voicectl::simulator
