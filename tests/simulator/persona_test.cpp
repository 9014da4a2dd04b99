// SPDX-License-Identifier: Apache-2.0
#include "simulator/persona.hpp"

#include "simulator/script.hpp"
#include "simulator/spoken_reply.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace voicectl::simulator {
namespace {

std::string answer(std::string_view heard) {
    return Persona(1).answer(heard, {});
}

TEST(Persona, AnswersWhatItIsAsked) {
    EXPECT_EQ(answer("please say after me the tide is high"), "the tide is high");
    EXPECT_EQ(answer("Repeat: one, two."), "one, two.");
    EXPECT_GT(answer("tell me a story").size(), 400U) << "long enough to be interrupted";
    EXPECT_GT(answer("read me a poem").size(), 400U);
    EXPECT_NE(answer("what time is it").find("clock"), std::string::npos);
    EXPECT_NE(answer("the cat sat on the mat").find("the cat sat on the mat"), std::string::npos);
    EXPECT_NE(answer("who are you?"), answer("hello"));
    EXPECT_FALSE(answer("").empty());
    EXPECT_NE(answer("something {} with {braces}").find("braces"), std::string::npos);
}

TEST(Persona, CallsTheToolWhoseNameIsSaid) {
    const auto tools = json::parse(R"([{"type":"function","name":"get_weather","parameters":{"type":"object",
        "properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city","days"]}},
        {"type":"function","name":"hang-up"}])");
    auto call = choose_call("Please Get Weather for Paris", tools, "auto");
    EXPECT_EQ(call.name, "get_weather");
    EXPECT_EQ(call.arguments, R"({"city":"paris","days":1})");
    call = choose_call("now hang up", tools, "auto");
    EXPECT_EQ(call.name, "hang-up");
    EXPECT_EQ(call.arguments, "{}");
    EXPECT_TRUE(choose_call("nothing of the kind", tools, "auto").name.empty());
    EXPECT_TRUE(choose_call("get weather", tools, "none").name.empty());
    EXPECT_EQ(choose_call("whatever", tools, "required").name, "get_weather");
    EXPECT_EQ(choose_call("whatever", tools, json::parse(R"({"type":"function","name":"hang-up"})")).name,
              "hang-up");
}

TEST(Script, TakesTurnsInOrderAndStartsOver) {
    Scenario scenario;
    for (const std::string say : {"first", "second"}) {
        Turn turn;
        turn.say = say;
        scenario.turns.push_back(turn);
    }
    Turn weather;
    weather.when = "Weather";
    weather.say = "sunny";
    scenario.turns.push_back(weather);
    Script script(scenario);
    const auto said = [&](std::string_view heard) { return scenario.turns.at(*script.hear(heard).turn).say; };
    EXPECT_EQ(said("x"), "first");
    EXPECT_EQ(said("how is the weather"), "sunny");
    EXPECT_EQ(said("x"), "second");
    EXPECT_EQ(said("x"), "first");
}

TEST(SpokenReply, ItsWordsAreItsText) {
    const std::string text = "Hello there. How are you?  Fine! ";
    SpokenReply reply(text, nullptr);
    std::size_t sentences = 0;
    while (const auto index = reply.next_to_speak()) {
        ++sentences;
        EXPECT_FALSE(reply.sentence(*index).starts_with(' '));
        reply.spoken(*index, std::make_shared<const std::vector<audio::Sample>>(1000));
    }
    EXPECT_EQ(sentences, 4U);
    std::string words;
    EXPECT_FALSE(reply.next_word(0));
    while (const auto word = reply.next_word(1000))
        words += *word;
    EXPECT_EQ(words, "Hello there.");
    while (const auto word = reply.next_word())
        words += *word;
    EXPECT_EQ(words, text);
    std::size_t samples = 0;
    while (!reply.exhausted())
        samples += reply.take(2400).size();
    EXPECT_EQ(samples, 4800U) << "filled up to 50 ms";
}

}  // namespace
}  // namespace voicectl::simulator
