// SPDX-License-Identifier: Apache-2.0
#include "simulator/scenario.hpp"

#include "audio/resampler.hpp"
#include "audio/sound_file.hpp"
#include "base/suggest.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

namespace voicectl::simulator {
namespace {

using namespace std::string_view_literals;
using base::Errc;
using base::fail;
using std::chrono::milliseconds;

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
    return base::did_you_mean(word, {known.begin(), known.end()});
}

/// "300ms", "5s", "5m", "1h", with a fraction if need be.
std::optional<milliseconds> parse_duration(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, double>, 4> units{
        {{"ms", 1.0}, {"s", 1000.0}, {"m", 60'000.0}, {"h", 3'600'000.0}}};
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& [name, factor] : units)
        if (unit == name) return milliseconds(static_cast<std::int64_t>(number * factor));
    return std::nullopt;
}

/// Reads one file; the first thing that is wrong ends it, as an exception that never leaves this file.
class Reader {
 public:
    explicit Reader(std::string path) : path_(std::move(path)) {}

    Scenario read(const toml::table& root) {
        Scenario scenario;
        check_keys(root, "", std::array{"seed"sv, "timing"sv, "listen"sv, "connect"sv, "faults"sv, "turn"sv});
        if (const auto* seed = root.get("seed"))
            scenario.seed = static_cast<std::uint32_t>(
                whole(*seed, "seed", 0, std::numeric_limits<std::uint32_t>::max()));
        if (const auto* timing = table(root, "timing")) read_timing(*timing, scenario.timing);
        if (const auto* listen = table(root, "listen")) {
            check_keys(*listen, "listen", std::array{"recognise"sv});
            if (const auto* recognise = listen->get("recognise"))
                scenario.recognise = boolean(*recognise, "listen.recognise");
        }
        if (const auto* connect = table(root, "connect")) read_connect(*connect, scenario.connect);
        if (const auto* faults = table(root, "faults")) read_faults(*faults, scenario.faults);
        if (const auto* turns = root.get("turn")) read_turns(*turns, scenario.turns);
        return scenario;
    }

    [[noreturn]] void wrong(const toml::source_region& where, const std::string& what) const {
        throw fail(Errc::malformed, "{}:{}:{}: {}", path_, where.begin.line, where.begin.column, what);
    }

 private:
    void read_timing(const toml::table& timing, Timing& to) {
        check_keys(timing, "timing",
                   std::array{"first_token"sv, "delta"sv, "pace"sv, "transcript_delay"sv, "session_cap"sv});
        read_duration(timing, "timing", "first_token", to.first_token, milliseconds(0));
        read_duration(timing, "timing", "delta", to.delta, milliseconds(50));
        read_duration(timing, "timing", "transcript_delay", to.transcript_delay, milliseconds(0));
        read_duration(timing, "timing", "session_cap", to.session_cap, milliseconds(1));
        if (to.delta.count() % 50 != 0 || to.delta.count() > 2000)
            wrong(timing.get("delta")->source(), "timing.delta must be a multiple of 50 ms, at most 2s");
        if (const auto* pace = timing.get("pace")) {
            const auto number = pace->value<double>();
            if (!number || *number < 0 || *number > 1000)
                wrong(pace->source(), "timing.pace must be a number from 0 to 1000; 0 sends all at once");
            to.pace = *number;
        }
    }

    void read_connect(const toml::table& connect, Connecting& to) {
        check_keys(connect, "connect", std::array{"models"sv, "default_model"sv});
        if (const auto* models = connect.get("models")) {
            const auto* list = models->as_array();
            if (list == nullptr) wrong(models->source(), "connect.models must be an array of texts");
            for (const auto& model : *list)
                to.models.push_back(text(model, "connect.models"));
        }
        if (const auto* model = connect.get("default_model"))
            to.default_model = text(*model, "connect.default_model");
    }

    void read_faults(const toml::table& faults, Faults& to) {
        static constexpr std::array codes{
            "invalid_api_key"sv, "missing_model"sv,      "invalid_model"sv, "beta_api_shape_disabled"sv,
            "model_not_found"sv, "insufficient_quota"sv, "server_error"sv};
        check_keys(faults, "faults", std::array{"connect_error"sv, "http_status"sv});
        if (const auto* code = faults.get("connect_error")) {
            to.connect_error = text(*code, "faults.connect_error");
            if (std::find(codes.begin(), codes.end(), to.connect_error) == codes.end())
                wrong(code->source(), fmt::format("faults.connect_error cannot be '{}'{}", to.connect_error,
                                                  did_you_mean(to.connect_error, codes)));
        }
        if (const auto* status = faults.get("http_status"))
            to.http_status = static_cast<unsigned>(whole(*status, "faults.http_status", 400, 599));
    }

    void read_turns(const toml::node& node, std::vector<Turn>& to) {
        const auto* list = node.as_array();
        if (list == nullptr) wrong(node.source(), "turns are written as [[turn]], with two brackets");
        for (const auto& one : *list) {
            const auto* turn = one.as_table();
            if (turn == nullptr) wrong(one.source(), "a turn is a table: [[turn]]");
            to.push_back(read_turn(*turn));
        }
    }

    Turn read_turn(const toml::table& from) {
        check_keys(
            from, "turn",
            std::array{"when"sv, "heard"sv, "say"sv, "wav"sv, "call"sv, "arguments"sv, "first_token"sv});
        Turn turn;
        const auto take = [&](std::string_view key, std::string& value) {
            if (const auto* node = from.get(key)) value = text(*node, fmt::format("turn.{}", key));
        };
        take("when", turn.when);
        take("heard", turn.heard);
        take("say", turn.say);
        take("call", turn.call);
        take("arguments", turn.arguments);
        std::string wav;
        take("wav", wav);
        if (!wav.empty()) turn.recording = read_wav(*from.get("wav"), wav);
        if (from.contains("first_token")) {
            turn.first_token = milliseconds(0);
            read_duration(from, "turn", "first_token", *turn.first_token, milliseconds(0));
        }
        if (turn.say.empty() && turn.call.empty() && !turn.recording)
            wrong(from.source(), "a turn needs something to do: say, wav or call");
        boost::system::error_code ec;
        const auto arguments = boost::json::parse(turn.arguments, ec);
        if (ec || !arguments.is_object())
            wrong(from.get("arguments")->source(), "turn.arguments must be the text of a JSON object");
        return turn;
    }

    Speech read_wav(const toml::node& node, const std::string& name) {
        const auto file = std::filesystem::path(path_).parent_path() / name;
        auto recording = audio::read_recording(file.string());
        if (!recording) wrong(node.source(), recording.error().detail);
        return std::make_shared<const std::vector<audio::Sample>>(
            audio::resample(recording->samples, recording->rate, audio::pipeline_rate));
    }

    void read_duration(const toml::table& from, std::string_view section, std::string_view key,
                       milliseconds& to, milliseconds least) {
        const auto* node = from.get(key);
        if (node == nullptr) return;
        std::optional<milliseconds> span;
        if (const auto number = node->value_exact<std::int64_t>())
            span = milliseconds(*number);
        else if (const auto words = node->value_exact<std::string>())
            span = parse_duration(*words);
        constexpr milliseconds most = std::chrono::hours(24);
        if (!span || *span < least || *span > most)
            wrong(node->source(), fmt::format("{}.{} must be a duration from {} ms to 24 hours: a number of "
                                              "milliseconds, or \"300ms\", \"5s\", \"5m\", \"1h\"",
                                              section, key, least.count()));
        to = *span;
    }

    void check_keys(const toml::table& from, std::string_view section,
                    std::span<const std::string_view> known) {
        for (const auto& [key, node] : from) {
            if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
            wrong(key.source(), fmt::format("there is no {}{}{}{}", section, section.empty() ? "" : ".",
                                            key.str(), did_you_mean(key.str(), known)));
        }
    }

    const toml::table* table(const toml::table& from, std::string_view key) {
        const auto* node = from.get(key);
        if (node != nullptr && !node->is_table())
            wrong(node->source(), fmt::format("{} is a table: [{}]", key, key));
        return node == nullptr ? nullptr : node->as_table();
    }

    std::string text(const toml::node& node, std::string_view name) {
        const auto value = node.value_exact<std::string>();
        if (!value) wrong(node.source(), fmt::format("{} must be a text in quotes", name));
        return *value;
    }

    bool boolean(const toml::node& node, std::string_view name) {
        const auto value = node.value_exact<bool>();
        if (!value) wrong(node.source(), fmt::format("{} must be true or false", name));
        return *value;
    }

    std::int64_t whole(const toml::node& node, std::string_view name, std::int64_t least, std::int64_t most) {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < least || *value > most)
            wrong(node.source(), fmt::format("{} must be a whole number from {} to {}", name, least, most));
        return *value;
    }

    std::string path_;
};

}  // namespace

base::Result<Scenario> load_scenario(const std::string& path) {
    std::error_code ignored;
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path, ignored))
        return fail(Errc::not_found, "cannot read the scenario {}: there is no such file", path);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    try {
        const auto root = toml::parse(content, path);
        return Reader(path).read(root);
    } catch (const toml::parse_error& error) {
        const auto& where = error.source().begin;
        return fail(Errc::malformed, "{}:{}:{}: {}", path, where.line, where.column, error.description());
    } catch (const base::Error& error) {
        return error;
    }
}

Scenario built_in_scenario() {
    return {};
}

}  // namespace voicectl::simulator
