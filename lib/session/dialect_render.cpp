// SPDX-License-Identifier: Apache-2.0
#include "audio/opus.hpp"
#include "session/dialect.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace voicectl::session {
namespace {

namespace json = boost::json;

std::int64_t unix_ms() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

json::object with_data(std::string_view type, json::object data) {
    return {{"type", type}, {"data", std::move(data)}};
}

json::object format_of(const AudioFormat& format) {
    return {{"codec", name_of(format.codec)}, {"rate", format.rate}, {"frameMs", format.frame_ms}};
}

json::object place_of(std::string_view type, const auto& event) {
    return with_data(type, {{"itemId", event.item_id}, {"playedMs", event.played_ms}});
}

json::object latency_of(const TurnLatency& latency) {
    json::object object;
    if (latency.first_token_ms) {
        // Whole milliseconds that sum to the whole.
        const auto upstream = std::llround(latency.upstream_ms);
        object["firstTokenMs"] = *latency.first_token_ms;
        object["upstreamMs"] = upstream;
        object["addedMs"] = *latency.first_token_ms - upstream;
    }
    if (latency.partial_ms) {
        object["partialMs"] = *latency.partial_ms;
        object["partialFrom"] = name_of(latency.partial_from);
    }
    if (latency.barge_in_ms) {
        object["bargeInMs"] = *latency.barge_in_ms;
        object["clientHadMs"] = latency.client_had_ms;
    }
    return object;
}

struct Render {
    json::object operator()(const Ready& ready) const {
        auto data = format_of(ready.format);
        data["sessionId"] = ready.session_id;
        data["supportedFormats"] = {"opus", "pcm16"};
        data["sampleRates"] = {8000, 16000, 24000, 48000};
        data["maxFrameSize"] = ready.format.codec == Codec::opus ? static_cast<int>(audio::opus_packet_max)
                                                                 : ready.format.rate * 60 / 1000 * 2;
        data["upstream"] = ready.upstream;
        data["version"] = "voice.v1";
        return with_data("ready", std::move(data));
    }
    json::object operator()(const MicOpened&) const { return {{"type", "mic_opened"}}; }
    json::object operator()(const MicClosed& closed) const {
        return with_data("mic_closed", {{"reason", closed.reason}});
    }
    json::object operator()(const SpeechStarted& started) const {
        return with_data("speech_started", {{"atMs", started.at_ms}});
    }
    json::object operator()(const SpeechStopped& stopped) const {
        return with_data("speech_stopped", {{"atMs", stopped.at_ms}});
    }
    // These two are written by render() itself.
    json::object operator()(const Vad&) const { return {}; }
    json::object operator()(const Pong&) const { return {}; }
    json::object operator()(const PartialAsr& partial) const {
        return {{"type", "partial_asr"}, {"text", partial.text}};
    }
    json::object operator()(const FinalAsr& final) const {
        return {{"type", "final_asr"}, {"text", final.text}, {"lang", final.lang}};
    }
    json::object operator()(const AgentDelta& delta) const {
        return with_data("agent_delta", {{"itemId", delta.item_id}, {"text", delta.text}});
    }
    json::object operator()(const AgentTool& tool) const {
        boost::system::error_code ec;
        auto arguments = json::parse(tool.arguments, ec);
        if (ec) arguments = tool.arguments;
        return with_data(
            "agent_tool",
            {{"callId", tool.call_id}, {"name", tool.name}, {"arguments", std::move(arguments)}});
    }
    json::object operator()(const TtsPlay& play) const {
        auto data = format_of(play.format);
        data["itemId"] = play.item_id;
        return with_data("tts_play", std::move(data));
    }
    json::object operator()(const AgentFinal& final) const {
        json::object data{{"itemId", final.item_id}, {"text", final.text}, {"status", final.status}};
        if (final.played_ms) data["playedMs"] = *final.played_ms;
        if (final.usage)
            data["usage"] = {{"inputTokens", final.usage->input_tokens},
                             {"outputTokens", final.usage->output_tokens},
                             {"totalTokens", final.usage->total_tokens}};
        data["latency"] = latency_of(final.latency);
        return with_data("agent_final", std::move(data));
    }
    json::object operator()(const BargedIn& barged_in) const { return place_of("barge_in", barged_in); }
    json::object operator()(const TtsPause& pause) const { return place_of("tts_pause", pause); }
    json::object operator()(const TtsResume& resume) const { return place_of("tts_resume", resume); }
    json::object operator()(const Queued& queued) const {
        return with_data("queued", {{"position", queued.position}, {"etaMs", queued.eta_ms}});
    }
    json::object operator()(const Cleared&) const { return {{"type", "cleared"}}; }
    json::object operator()(const ErrorReport& error) const {
        json::object event{{"type", "error"},
                           {"code", name_of(error.code)},
                           {"message", error.message},
                           {"fatal", error.fatal},
                           {"retryable", error.retryable}};
        if (error.retry_after_ms > 0) event["retryAfterMs"] = error.retry_after_ms;
        return event;
    }
};

}  // namespace

void render(const ServerMessage& message, std::string& out) {
    // Ten a second while somebody speaks: worth no tree.
    if (const auto* vad = std::get_if<Vad>(&message))
        out = fmt::format(R"({{"type":"vad","active":{},"level":{:.2f}}})", vad->active, vad->level);
    else if (const auto* pong = std::get_if<Pong>(&message))
        out = fmt::format(R"({{"type":"pong","timestamp":{}{}{}}})", unix_ms(),
                          pong->id.empty() ? "" : R"(,"id":)", pong->id);
    else
        out = json::serialize(std::visit(Render{}, message));
}

std::string_view name_of(PartialFrom from) noexcept {
    return from == PartialFrom::commit ? "commit" : "speech_start";
}

std::string_view name_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::auth_failed:
            return "AUTH_FAILED";
        case ErrorCode::bad_message:
            return "BAD_MESSAGE";
        case ErrorCode::frame_too_large:
            return "FRAME_TOO_LARGE";
        case ErrorCode::audio_decode_failed:
            return "AUDIO_DECODE_FAILED";
        case ErrorCode::rate_limited:
            return "RATE_LIMITED";
        case ErrorCode::upstream_unavailable:
            return "UPSTREAM_UNAVAILABLE";
        case ErrorCode::upstream_rate_limited:
            return "UPSTREAM_RATE_LIMITED";
        case ErrorCode::upstream_error:
            return "UPSTREAM_ERROR";
        case ErrorCode::session_expired:
            return "SESSION_EXPIRED";
        case ErrorCode::session_limit:
            return "SESSION_LIMIT";
        case ErrorCode::policy_denied:
            return "POLICY_DENIED";
        case ErrorCode::internal:
            return "INTERNAL";
    }
    return "INTERNAL";
}

}  // namespace voicectl::session
