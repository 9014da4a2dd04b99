// SPDX-License-Identifier: Apache-2.0
// The built-in conversation: what is said in answer to what was heard. It greets, tells the time and what it
// is, tells a long story to be interrupted, repeats, and calls a declared tool whose name is spoken. Text in,
// text out; the same seed gives the same answers. One thread.
#pragma once

#include "simulator/protocol_error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace voicectl::simulator {

struct FunctionCall {
    std::string name;
    std::string arguments;
};

class Persona {
 public:
    explicit Persona(std::uint32_t seed) : turn_(seed) {}

    /// What to say to `heard`; empty means that nothing was understood.
    std::string answer(std::string_view heard, std::chrono::system_clock::time_point now);
    /// What to say with nothing said before it: the client asked for a response of its own accord.
    std::string opening();
    /// What to say with a tool's output.
    static std::string tell_output(std::string_view output);

 private:
    std::uint32_t turn_;
};

/// The call that `heard` asks for among the session's `tools`, or that `tool_choice` demands; its name is
/// empty where there is none.
FunctionCall choose_call(std::string_view heard, const json::value& tools, const json::value& tool_choice);

}  // namespace voicectl::simulator
