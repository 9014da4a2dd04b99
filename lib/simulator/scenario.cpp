// SPDX-License-Identifier: Apache-2.0
#include "simulator/scenario.hpp"

#include "audio/resampler.hpp"
#include "audio/sound_file.hpp"
#include "base/suggest.hpp"
#include "simulator/scenario_toml.hpp"
#include "simulator/service_error.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
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

/// Reads one file; the first thing that is wrong ends it, as an exception that never leaves this file.
class Reader : private TomlReader {
 public:
    explicit Reader(std::string path) : TomlReader(std::move(path)) {}

    Scenario read(const toml::table& root) {
        Scenario scenario;
        check_keys(root, "",
                   std::array{"seed"sv, "timing"sv, "listen"sv, "connect"sv, "limits"sv, "control"sv,
                              "faults"sv, "fault"sv, "turn"sv});
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
        if (const auto* limits = table(root, "limits")) read_limits(*limits, scenario.limits);
        if (const auto* control = table(root, "control")) {
            check_keys(*control, "control", std::array{"enabled"sv});
            if (const auto* enabled = control->get("enabled"))
                scenario.control = boolean(*enabled, "control.enabled");
        }
        for_each_table(root, "fault", "[[fault]]",
                       [&](const toml::table& from) { scenario.faults.push_back(read_fault(from)); });
        for_each_table(root, "turn", "[[turn]]",
                       [&](const toml::table& from) { scenario.turns.push_back(read_turn(from)); });
        return scenario;
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
        if (const auto* models = connect.get("models")) to.models = texts(*models, "connect.models");
        if (const auto* model = connect.get("default_model"))
            to.default_model = text(*model, "connect.default_model");
    }

    void read_quota(const toml::table& from, std::string_view section, Quota& to) {
        const auto take = [&](std::string_view key, std::int64_t least, unsigned& value) {
            if (const auto* node = from.get(key))
                value = static_cast<unsigned>(
                    whole(*node, fmt::format("{}.{}", section, key), least, 1'000'000'000));
        };
        take("sessions", 0, to.sessions);
        take("requests", 0, to.requests);
        take("tokens", 1, to.tokens);
    }

    void read_limits(const toml::table& limits, Limits& to) {
        check_keys(limits, "limits",
                   std::array{"sessions"sv, "requests"sv, "tokens"sv, "window"sv, "at_connect"sv, "group"sv});
        read_quota(limits, "limits", to.each);
        read_duration(limits, "limits", "window", to.window, milliseconds(1));
        if (const auto* at_connect = limits.get("at_connect"))
            to.at_connect = boolean(*at_connect, "limits.at_connect");
        for_each_table(limits, "group", "[[limits.group]]", [&](const toml::table& from) {
            check_keys(from, "limits.group", std::array{"keys"sv, "sessions"sv, "requests"sv, "tokens"sv});
            LimitGroup group;
            if (const auto* keys = from.get("keys")) group.keys = texts(*keys, "limits.group.keys");
            if (group.keys.empty()) wrong(from.source(), "a group of limits needs keys");
            read_quota(from, "limits.group", group.quota);
            to.groups.push_back(std::move(group));
        });
    }

    /// The two that refuse every connection.
    void read_faults(const toml::table& faults, std::vector<Fault>& to) {
        check_keys(faults, "faults", std::array{"connect_error"sv, "http_status"sv});
        Fault fault;
        fault.times = 0;
        if (const auto* status = faults.get("http_status")) {
            fault.kind = FaultKind::http_status;
            fault.code = static_cast<unsigned>(whole(*status, "faults.http_status", 400, 599));
            to.push_back(fault);
        }
        const auto* code = faults.get("connect_error");
        if (code == nullptr) return;
        fault.kind = FaultKind::connect_error;
        fault.code = 0;
        fault.error = text(*code, "faults.connect_error");
        std::vector<std::string> codes;
        for (const auto& row : service_errors())
            if (row.close_code != 0) codes.emplace_back(row.code);
        if (std::find(codes.begin(), codes.end(), fault.error) == codes.end())
            wrong(code->source(), fmt::format("faults.connect_error cannot be '{}'{}", fault.error,
                                              base::did_you_mean(fault.error, codes)));
        to.push_back(fault);
    }

    Fault read_fault(const toml::table& from) {
        const auto* name = from.get("name");
        if (name == nullptr) wrong(from.source(), "a fault needs a name");
        Fault fault;
        fault.kind = must(fault_kind(text(*name, "fault.name")), *name);
        for (const auto& [key, node] : from) {
            if (key.str() == "name") continue;
            FaultValue value;
            if (const auto number = node.value_exact<std::int64_t>()) value = *number;
            if (const auto words = node.value_exact<std::string>()) value = *words;
            const bool known = takes(row_of(fault.kind), key.str());
            if (auto set = set_field(fault, key.str(), value); !set)
                wrong(known ? node.source() : key.source(), set.error().detail);
        }
        if (auto checked = check_fault(fault); !checked) wrong(from.source(), checked.error().detail);
        return fault;
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
        const auto file = std::filesystem::path(path()).parent_path() / name;
        auto recording = audio::read_recording(file.string());
        if (!recording) wrong(node.source(), recording.error().detail);
        return std::make_shared<const std::vector<audio::Sample>>(
            audio::resample(recording->samples, recording->rate, audio::pipeline_rate));
    }
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
