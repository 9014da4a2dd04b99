// SPDX-License-Identifier: Apache-2.0
// Decides what is heard and what is replied, from the scenario's turns and, where there is none to take, from
// the built-in conversation. Holds the place in the scenario for one session. One thread.
#pragma once

#include "simulator/history.hpp"
#include "simulator/persona.hpp"
#include "simulator/scenario.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace voicectl::simulator {

/// What a response is going to be.
struct Plan {
    std::string text;
    Speech recording;   ///< instead of a synthesised voice
    FunctionCall call;  ///< instead of a message, where it has a name
    std::chrono::milliseconds first_token{0};
};

/// What the plan depends on, besides the scenario.
struct Request {
    const json::value* tools = nullptr;
    const json::value* tool_choice = nullptr;
    Item* trigger = nullptr;      ///< the item that is answered; null for none
    bool in_conversation = true;  ///< false leaves the scenario's turns alone
};

class Script {
 public:
    explicit Script(const Scenario& scenario) : scenario_(scenario), persona_(scenario.seed) {}

    /// Whether the next utterance must be recognised, or its text is known without.
    bool must_recognise() const noexcept;
    /// Takes the turn for an utterance; `recognised` is empty where nothing was understood.
    Heard hear(std::string_view recognised);
    Plan plan(const Request& request, std::chrono::system_clock::time_point now);

 private:
    std::optional<std::size_t> take_turn(std::string_view heard);
    Plan plan_turn(const Turn& turn);

    const Scenario& scenario_;
    Persona persona_;
    std::size_t next_ = 0;                ///< in order, wraps around
    std::optional<std::size_t> calling_;  ///< the turn whose call's output is awaited
};

}  // namespace voicectl::simulator
