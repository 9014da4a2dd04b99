// SPDX-License-Identifier: Apache-2.0
#include "commands/replay_audio.hpp"

#include "audio/sound_file.hpp"
#include "base/duration.hpp"
#include "client/replay.hpp"
#include "commands/event_lines.hpp"
#include "commands/report.hpp"
#include "commands/token.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json.hpp>

#include <array>
#include <cmath>
#include <csignal>
#include <optional>

namespace voicectl::commands {
namespace {

namespace json = boost::json;
using base::Errc;
using base::fail;

class ReplayAudio final : public Invocation {
 public:
    std::vector<Flag> flags() override {
        return {
            {"FILE", "", "A recording: WAV, FLAC, Ogg and whatever else libsndfile reads", &file_, "", true},
            {"--url", "URL", "The gateway's /voice-ws (ws://127.0.0.1:8080/voice-ws)", &url_},
            {"--token-file", "FILE", "Holds the caller's JWT; - is stdin", &token_file_},
            {"--codec", "CODEC", "How audio travels: opus or pcm16 (opus)", &codec_, "opus pcm16"},
            {"--rate", "HZ", "Rate of pcm16: 8000, 16000, 24000 or 48000 (24000)", &rate_,
             "8000 16000 24000 48000"},
            {"--frame-ms", "MS", "Length of a frame: 10, 20, 40 or 60 (20)", &frame_ms_, "10 20 40 60"},
            {"--save-audio", "FILE", "Write the replies to this WAV", &save_audio_},
            {"--timeout", "DURATION", "How long an answer may take once the recording has ended (30s)",
             &timeout_},
        };
    }
    ExitCode run(const Globals& globals) override;

 private:
    base::Result<client::ReplayOptions> options() const;
    ExitCode report(const client::ReplayResult& result, const Globals& globals, EventLines& lines);

    std::string file_;
    std::string url_ = "ws://127.0.0.1:8080/voice-ws";
    std::string token_file_;
    std::string codec_ = "opus";
    std::string rate_;
    std::string frame_ms_ = "20";
    std::string save_audio_;
    std::string timeout_ = "30s";
};

base::Result<client::ReplayOptions> ReplayAudio::options() const {
    client::ReplayOptions options;
    auto url = net::parse_url(url_);
    if (!url) return fail(Errc::usage, "--url: {}", url.error().detail);
    options.connect.url = std::move(*url);
    auto& format = options.connect.format;
    if (frame_ms_.empty()) return fail(Errc::usage, "--frame-ms needs a value");
    format.frame_ms = std::stoi(frame_ms_);
    if (codec_ == "pcm16") {
        format.codec = audio::Codec::pcm16;
        format.rate = rate_.empty() ? audio::pipeline_rate : std::stoi(rate_);
    } else if (!rate_.empty()) {
        return fail(Errc::usage, "--rate goes with --codec pcm16; Opus carries its own");
    }
    const auto timeout = base::parse_duration(timeout_);
    if (!timeout || timeout->count() == 0)
        return fail(Errc::usage, "--timeout: '{}' is not a duration such as 500ms, 30s or 2m", timeout_);
    options.timeout = *timeout;
    auto token = read_token(token_file_);
    if (!token) return token.error();
    options.connect.token = std::move(*token);
    return options;
}

ExitCode ReplayAudio::run(const Globals& globals) {
    auto recording = audio::read_recording(file_);
    if (!recording) return give_up(recording.error());
    auto replay_options = options();
    if (!replay_options) return give_up(replay_options.error());
    // What cannot be written is better known before the conversation than after it.
    if (!save_audio_.empty()) {
        if (auto created = audio::write_wav(save_audio_, {}, audio::pipeline_rate); !created)
            return give_up(created.error());
    }
    EventLines lines(globals);
    boost::asio::io_context io{1};
    std::optional<base::Result<client::ReplayResult>> outcome;
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    std::optional<ExitCode> signalled;
    signals.async_wait([&](boost::system::error_code ec, int number) {
        if (ec) return;
        signalled = number == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
        io.stop();
    });
    const auto keep = [&](std::exception_ptr, base::Result<client::ReplayResult> result) {
        outcome = std::move(result);
        signals.cancel();
    };
    boost::asio::co_spawn(io, client::replay(*recording, std::move(*replay_options), lines), keep);
    io.run();
    if (signalled) return *signalled;
    if (!*outcome) return give_up(outcome->error());
    return report(**outcome, globals, lines);
}

ExitCode ReplayAudio::report(const client::ReplayResult& result, const Globals& globals, EventLines& lines) {
    if (!save_audio_.empty()) {
        if (auto written = audio::write_wav(save_audio_, result.reply, audio::pipeline_rate); !written)
            return give_up(written.error());
    }
    const auto reply_seconds = static_cast<double>(result.reply.size()) / audio::pipeline_rate;
    const auto rounded = [](double ms) { return std::round(ms * 1000) / 1000; };
    const json::object summary{
        {"framesSent", result.frames_sent},
        {"framesReceived", result.frames_received},
        {"turns", result.turns},
        {"replySeconds", rounded(reply_seconds)},
        {"pacingMs", {{"p50", rounded(result.pacing_p50_ms)}, {"p99", rounded(result.pacing_p99_ms)}}}};
    lines.finish(summary);
    if (!globals.quiet)
        fmt::print(stderr,
                   "{} frames out ({:.2f} ms late at p50, {:.2f} at p99), {} in: {:.1f} s of speech{}\n",
                   result.frames_sent, result.pacing_p50_ms, result.pacing_p99_ms, result.frames_received,
                   reply_seconds, save_audio_.empty() ? "" : " in " + save_audio_);
    if (result.speech_heard) return ExitCode::ok;
    complain(fmt::format("the gateway heard no speech in {}", file_));
    return ExitCode::verdict_no;
}

std::vector<Variable> environment() {
    return {{token_variable, "The caller's JWT, where no --token-file is given"},
            {"SSL_CERT_FILE", "Certificate authorities to trust for wss:// instead of the system's"}};
}

constexpr std::array examples{
    Example{"voicectl replay-audio question.wav --token-file token --save-audio reply.wav",
            "Ask, and keep the answer"},
    Example{"voicectl replay-audio call.flac --codec pcm16 --rate 8000 --format jsonl | jq -c .",
            "As a telephone would, one event a line"},
};

}  // namespace

Command replay_audio_command() {
    return {"replay-audio",
            "replay",
            "Play a recording to a gateway as a client would",
            "Sends the recording at real-time pace, shows the gateway's events as they come, listens until "
            "the last "
            "turn is answered. Exit 0 when it was, 1 if no speech was heard, 75 if no answer came in time.",
            "text json jsonl",
            environment,
            examples,
            []() -> std::unique_ptr<Invocation> { return std::make_unique<ReplayAudio>(); }};
}

}  // namespace voicectl::commands
