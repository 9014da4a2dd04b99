// SPDX-License-Identifier: Apache-2.0
// A session of the simulator without socket, speaker or recogniser, on a clock that only the test moves.
// Speech is a tone of a known length; recognition answers what the test says.
#pragma once

#include "base/base64.hpp"
#include "simulator/realtime_session.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voicectl::simulator {

using std::chrono::milliseconds;

inline std::vector<audio::Sample> tone(milliseconds length, int amplitude = 8000) {
    std::vector<audio::Sample> samples(audio::samples_in(length));
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<audio::Sample>(amplitude * std::sin(static_cast<double>(i) * 0.1));
    return samples;
}

struct Seen {
    json::object event;
    milliseconds at{0};
    std::string type() const { return std::string(text_of(event, "type")); }
};

class VirtualCall : public Output {
 public:
    VirtualCall() : VirtualCall(quick("one two three four")) {}
    explicit VirtualCall(Scenario given, bool transcription_only = false)
        : scenario(std::move(given)), faults(scenario.faults, now()) {
        SessionOptions options;
        options.model = "gpt-realtime";
        options.transcription_only = transcription_only;
        options.key = "sk-virtual";
        options.faults = &faults;
        session.emplace(scenario, options, *this);
        session->start(now());
        take();
    }

    /// Turns of one scripted answer, no recognition, the paces of the defaults.
    static Scenario quick(std::string say) {
        Scenario scenario;
        scenario.recognise = false;
        Turn turn;
        turn.say = std::move(say);
        scenario.turns.push_back(turn);
        return scenario;
    }

    void tell(const std::string& text) {
        session->on_message(text, now());
        settle();
    }
    void append(const std::vector<audio::Sample>& samples, std::size_t chunk = 480) {
        for (std::size_t at = 0; at < samples.size(); at += chunk) {
            const auto part = audio::Pcm(samples).subspan(at, std::min(chunk, samples.size() - at));
            std::string text = R"({"type":"input_audio_buffer.append","audio":")";
            base::base64_append(audio::bytes_of(part), text);
            tell(text + "\"}");
        }
    }
    void say(milliseconds length, std::size_t chunk = 480) { append(tone(length), chunk); }
    void silence(milliseconds length, std::size_t chunk = 480) {
        append(std::vector<audio::Sample>(audio::samples_in(length)), chunk);
    }
    /// Quiet, half a second of voice, quiet: one turn of the user.
    void speak_turn() {
        silence(milliseconds(500));
        say(milliseconds(500));
        silence(milliseconds(700));
    }
    /// Moves the clock, with a tick at every time that something is due.
    void run(milliseconds span) {
        const auto end = clock + span;
        while (true) {
            const auto due = session->due();
            if (!due || *due > base::Time() + end) break;
            clock = std::max(clock, std::chrono::ceil<milliseconds>(due->time_since_epoch()));
            session->on_tick(now());
            settle();
        }
        clock = end;
    }
    /// What was sent since the last call.
    std::vector<Seen> take() { return std::exchange(seen, {}); }
    /// The types of that, in order, repetitions of one type once.
    static std::vector<std::string> types(const std::vector<Seen>& events) {
        std::vector<std::string> names;
        for (const auto& event : events)
            if (names.empty() || names.back() != event.type()) names.push_back(event.type());
        return names;
    }
    static const Seen* find(const std::vector<Seen>& events, std::string_view type) {
        const auto at = std::find_if(events.begin(), events.end(),
                                     [type](const Seen& one) { return one.type() == type; });
        return at == events.end() ? nullptr : &*at;
    }
    /// The code of the one error among the events, or "none".
    static std::string error_code(const std::vector<Seen>& events) {
        const auto* error = find(events, "error");
        return error == nullptr ? "none" : std::string(text_of(error->event.at("error").as_object(), "code"));
    }
    static std::string error_param(const std::vector<Seen>& events) {
        return std::string(text_of(find(events, "error")->event.at("error").as_object(), "param"));
    }
    base::Time now() const { return base::Time() + clock; }

    void send(std::string_view event) override {
        boost::system::error_code ec;
        const auto value = json::parse(event, ec);
        if (ec)
            not_json.emplace_back(event);
        else
            seen.push_back({value.as_object(), clock});
        longest = std::max(longest, event.size());
    }
    void close(std::uint16_t code, std::string_view reason) override { closed = {code, std::string(reason)}; }
    void drop() override { dropped = true; }
    void appended(std::span<const std::byte> audio) override { bytes_appended += audio.size(); }
    void synthesise(std::uint64_t token, std::string) override { to_speak.push_back(token); }
    void recognise(std::uint64_t token, std::vector<audio::Sample> samples) override {
        to_recognise.emplace_back(token, samples.size());
    }

    /// A fault by control call, at once.
    void arm(const Fault& fault) {
        ASSERT_TRUE(faults.arm(fault, now()));
        session->on_faults(now());
        settle();
    }

    milliseconds clock{10'000};
    Scenario scenario;
    FaultBook faults;
    milliseconds speech_length{1000};
    bool speaker_works = true;
    std::vector<Seen> seen;
    std::deque<std::uint64_t> to_speak;
    std::deque<std::pair<std::uint64_t, std::size_t>> to_recognise;
    std::optional<std::pair<std::uint16_t, std::string>> closed;
    std::vector<std::string> not_json;
    std::size_t longest = 0;
    std::size_t bytes_appended = 0;
    bool dropped = false;
    std::optional<RealtimeSession> session;

 private:
    void settle() {
        while (speaker_works && !to_speak.empty()) {
            const auto token = to_speak.front();
            to_speak.pop_front();
            session->on_speech(token, std::make_shared<const std::vector<audio::Sample>>(tone(speech_length)),
                               now());
        }
    }
};

}  // namespace voicectl::simulator
