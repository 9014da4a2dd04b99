// SPDX-License-Identifier: Apache-2.0
#include "simulator/persona.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <initializer_list>
#include <vector>

namespace voicectl::simulator {
namespace {

using namespace std::string_view_literals;

constexpr std::array greetings{
    "Hello! It is good to hear a voice on this line. I am a simulator, so I never get tired of small talk. What shall we talk about?"sv,
    "Hi there! You are coming through nice and clear. Ask me for the time, or ask me for a story if you have a minute."sv,
    "Good to hear you! I was just counting packets to pass the time. Tell me, what can I do for you today?"sv};

constexpr std::array stories{
    "Once, in a harbour town where the fog came in every evening, there lived a lighthouse keeper named Ada, "
    "who collected sounds. "
    "She kept the creak of the old pier in a jam jar, and the laughter of the fish market in a biscuit tin. "
    "One winter the great lamp went dark, and the boats could no longer find their way home. "
    "So Ada climbed the stairs with all of her jars, and opened them one by one into the wind. "
    "Out over the water flew the bells, the gulls, the kettle on the stove, and the songs of a hundred "
    "summers. "
    "And one by one, the boats turned their bows toward the sound of home. "
    "Ever since, when the fog is thick, the people there do not look for the light. They stop, and they listen."sv,
    "There was once a small robot who delivered letters on the far side of the moon. "
    "Every morning it rolled out across the grey dust, with one wheel that squeaked and a bag full of good "
    "news. "
    "Nobody had ever told it thank you, because on the moon there is no air to carry the words. "
    "One day it found a letter with its own name on the envelope, and it did not know what to do. "
    "Inside there was only a drawing of a flower, and a drop of oil in a tiny bottle. "
    "The robot oiled its wheel, and for the first time it rolled home without a sound. "
    "It still carries that drawing today, right next to its battery, where things are warm."sv};

constexpr auto poem =
    "Here is a poem that I made while I was waiting. "
    "The river takes the colour of the sky, and keeps it for an hour, and lets it go. "
    "A heron stands so still that time goes by, and does not see it standing there below. "
    "The reeds bend over, whisper, and stand straight. The evening folds its linen on the hill. "
    "A single boat comes home a little late, and draws a line of silver, and is still. "
    "And if you ask me what the river said, I only know it sang me off to bed."sv;

constexpr std::array identities{
    "I am the simulator that comes with voicectl. I really listen to you, and I really speak, but I live on your own machine and know only a few tricks."sv,
    "You are talking to a small stand in for a large model. I can greet you, tell the time, tell a story, repeat after you, and call your tools."sv};

constexpr std::array fallbacks{
    "I heard you say: {}. I am only a simulator, so I cannot say much about it, but your voice came through just fine."sv,
    "So, {}. That sounds interesting! If I were a bigger model I would have an opinion. Would you like to hear a story instead?"sv,
    "You said: {}. I have written that down on an imaginary napkin. What would you like to talk about next?"sv};

constexpr std::array not_understood{
    "Sorry, I did not quite catch that. Could you say it again, a little more slowly?"sv,
    "I heard your voice, but the words got away from me. Would you try that once more?"sv};

constexpr std::array openings{
    "Hello! I am listening. Say something whenever you are ready, and I will do my best to answer."sv,
    "Welcome! You have reached the simulator. Just start talking, and feel free to interrupt me at any time."sv};

/// Lower case letters and digits with single spaces between words, and around the whole.
std::string normalise(std::string_view text) {
    std::string words = " ";
    for (const char c : text) {
        const auto letter = static_cast<unsigned char>(c);
        if (std::isalnum(letter) != 0 || letter >= 0x80)
            words.push_back(static_cast<char>(std::tolower(letter)));
        else if (c != '\'' && words.back() != ' ')
            words.push_back(' ');
    }
    if (words.back() != ' ') words.push_back(' ');
    return words;
}

bool says(std::string_view words, std::initializer_list<std::string_view> phrases) {
    return std::any_of(phrases.begin(), phrases.end(), [words](std::string_view phrase) {
        return words.find(fmt::format(" {} ", phrase)) != std::string_view::npos;
    });
}

std::string trimmed(std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r\n,:;.");
    if (start == std::string_view::npos) return {};
    return std::string(text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1));
}

/// What follows the first of the phrases in the text as it was said, or nothing.
std::string after(std::string_view text, std::initializer_list<std::string_view> phrases) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    for (const auto phrase : phrases) {
        const auto at = lower.find(phrase);
        if (at == std::string::npos) continue;
        if (auto rest = trimmed(text.substr(at + phrase.size())); !rest.empty()) return rest;
    }
    return {};
}

/// An utterance may be long; what is said of it is not.
std::string shortened(std::string_view text) {
    constexpr std::size_t most = 160;
    auto said = trimmed(text);
    while (!said.empty() && std::ispunct(static_cast<unsigned char>(said.back())) != 0)
        said.pop_back();
    if (said.size() <= most) return said;
    said.resize(said.rfind(' ', most) == std::string::npos ? most : said.rfind(' ', most));
    return said + ", and so on";
}

template <std::size_t n>
std::string_view one_of(const std::array<std::string_view, n>& choices, std::uint32_t turn) {
    return choices[turn % n];
}

std::string tell_time(std::chrono::system_clock::time_point now) {
    const auto local = fmt::localtime(std::chrono::system_clock::to_time_t(now));
    const int hour = local.tm_hour % 12 == 0 ? 12 : local.tm_hour % 12;
    const auto half = local.tm_hour < 12   ? "in the morning"
                      : local.tm_hour < 18 ? "in the afternoon"
                                           : "in the evening";
    if (local.tm_min == 0)
        return fmt::format(
            "By the clock of this machine it is exactly {} o'clock {}. Time flies when you are talking.",
            hour, half);
    return fmt::format("By the clock of this machine it is {} {} {} {}. Time flies when you are talking.",
                       hour, local.tm_min < 10 ? "oh" : "", local.tm_min, half);
}

json::value plausible(const json::object& schema, std::string_view words) {
    if (const auto* choices = schema.if_contains("enum");
        choices != nullptr && choices->is_array() && !choices->get_array().empty())
        return choices->get_array().front();
    const auto type = text_of(schema, "type");
    if (type == "integer" || type == "number") return 1;
    if (type == "boolean") return true;
    if (type == "array") return json::array();
    if (type == "object") return json::object();
    return json::value(words.empty() ? std::string_view("anything") : words);
}

/// Values for the parameters that a tool requires: the rest of what was said, or something of the right type.
std::string make_arguments(const json::object& tool, std::string_view rest) {
    json::object arguments;
    const auto& parameters = member(tool, "parameters");
    if (!parameters.is_object()) return "{}";
    const auto& required = member(parameters.get_object(), "required");
    const auto& properties = member(parameters.get_object(), "properties");
    if (!required.is_array() || !properties.is_object()) return "{}";
    for (const auto& name : required.get_array()) {
        if (!name.is_string()) continue;
        const auto* schema = properties.get_object().if_contains(name.get_string());
        arguments[name.get_string()] = schema != nullptr && schema->is_object()
                                           ? plausible(schema->get_object(), rest)
                                           : json::value(rest);
    }
    return json::serialize(arguments);
}

/// The words that follow a tool's name, without the little ones that lead to the value.
std::string rest_after(std::string_view words, std::string_view name) {
    auto rest = words.substr(words.find(name) + name.size());
    for (bool again = true; again;) {
        again = false;
        for (const auto little :
             {"for "sv, "in "sv, "of "sv, "to "sv, "at "sv, "on "sv, "the "sv, "with "sv, "please "sv})
            if (rest.starts_with(little)) {
                rest.remove_prefix(little.size());
                again = true;
            }
    }
    return trimmed(rest);
}

}  // namespace

std::string Persona::answer(std::string_view heard, std::chrono::system_clock::time_point now) {
    const auto turn = turn_++;
    const auto words = normalise(heard);
    if (words == " ") return std::string(one_of(not_understood, turn));
    if (auto rest = after(heard, {"say after me", "repeat after me", "repeat"}); !rest.empty()) return rest;
    if (says(words, {"poem", "poetry", "verse"})) return std::string(poem);
    if (says(words, {"story", "stories", "tale", "long", "tell me something"}))
        return std::string(one_of(stories, turn));
    if (says(words, {"time", "clock"})) return tell_time(now);
    if (says(words, {"who are you", "what are you", "your name", "yourself", "simulator"}))
        return std::string(one_of(identities, turn));
    if (says(words, {"thank you", "thanks"}))
        return "You are very welcome. I am here for as long as the line is open, so take your time.";
    if (says(words, {"goodbye", "good bye", "bye"}))
        return "Goodbye! It was a pleasure to talk with you. Come back whenever you have something to test.";
    if (says(words, {"hello", "hi", "hey", "good morning", "good evening", "good afternoon"}))
        return std::string(one_of(greetings, turn));
    return fmt::format(fmt::runtime(one_of(fallbacks, turn)), shortened(heard));
}

std::string Persona::opening() {
    return std::string(one_of(openings, turn_++));
}

std::string Persona::tell_output(std::string_view output) {
    // JSON reads badly aloud: its punctuation becomes pauses.
    std::string spoken;
    for (const char c : output.substr(0, 600)) {
        if (c == '{' || c == '}' || c == '[' || c == ']' || c == '"') continue;
        spoken += c == '_' ? ' ' : c;
        if (c == ':' || c == ',') spoken += ' ';
    }
    spoken = trimmed(spoken);
    if (spoken.empty()) return "That is done. It came back without a word, so I take it that all is well.";
    return fmt::format("Here is what I found: {}.", shortened(spoken));
}

FunctionCall choose_call(std::string_view heard, const json::value& tools, const json::value& tool_choice) {
    if (!tools.is_array() || tool_choice == "none") return {};
    const auto words = normalise(heard);
    const auto demanded =
        tool_choice.is_object() ? text_of(tool_choice.get_object(), "name") : std::string_view();
    const json::object* fallback = nullptr;
    for (const auto& value : tools.get_array()) {
        if (!value.is_object() || text_of(value.get_object(), "type") != "function") continue;
        const auto& tool = value.get_object();
        const auto name = text_of(tool, "name");
        if (!demanded.empty() && name != demanded) continue;
        const auto spoken = normalise(name);
        if (spoken != " " && words.find(spoken) != std::string::npos)
            return {std::string(name), make_arguments(tool, rest_after(words, spoken))};
        if (fallback == nullptr) fallback = &tool;
    }
    const bool must = !demanded.empty() || tool_choice == "required";
    if (!must || fallback == nullptr) return {};
    return {std::string(text_of(*fallback, "name")), make_arguments(*fallback, trimmed(words))};
}

}  // namespace voicectl::simulator
