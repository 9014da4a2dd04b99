// SPDX-License-Identifier: Apache-2.0
#include "realtime/client_event.hpp"

#include "base/base64.hpp"

#include <boost/json.hpp>

namespace voicectl::realtime {
namespace {

namespace json = boost::json;

json::object pcm_format() {
    return {{"type", "audio/pcm"}, {"rate", audio::pipeline_rate}};
}

json::object item_event(json::object item) {
    return {{"type", "conversation.item.create"}, {"item", std::move(item)}};
}

json::object message_event(std::string_view role, std::string_view type, std::string_view text) {
    return item_event({{"type", "message"},
                       {"role", role},
                       {"content", json::array{json::object{{"type", type}, {"text", text}}}}});
}

struct ToJson {
    json::object operator()(const SessionUpdate& update) const {
        json::object input{{"format", pcm_format()},
                           {"turn_detection",
                            {{"type", "server_vad"},
                             {"threshold", update.threshold},
                             {"silence_duration_ms", update.silence_ms},
                             {"create_response", true},
                             {"interrupt_response", update.interrupt_response}}}};
        if (!update.transcription_model.empty()) {
            json::object transcription{{"model", update.transcription_model}};
            if (!update.language.empty())
                transcription["language"] = update.language.substr(0, update.language.find('-'));
            input["transcription"] = std::move(transcription);
        }
        json::object output{{"format", pcm_format()}};
        if (!update.voice.empty()) output["voice"] = update.voice;
        json::object session{{"type", "realtime"},
                             {"output_modalities", {"audio"}},
                             {"audio", {{"input", std::move(input)}, {"output", std::move(output)}}}};
        if (!update.instructions.empty()) session["instructions"] = update.instructions;
        return {{"type", "session.update"}, {"session", std::move(session)}};
    }
    json::object operator()(const CommitAudio&) const { return {{"type", "input_audio_buffer.commit"}}; }
    json::object operator()(const ClearAudio&) const { return {{"type", "input_audio_buffer.clear"}}; }
    json::object operator()(const CreateUserText& create) const {
        return message_event("user", "input_text", create.text);
    }
    json::object operator()(const CreateAssistantText& create) const {
        return message_event("assistant", "output_text", create.text);
    }
    json::object operator()(const CreateToolCall& call) const {
        return item_event({{"type", "function_call"},
                           {"call_id", call.call_id},
                           {"name", call.name},
                           {"arguments", call.arguments}});
    }
    json::object operator()(const CreateToolOutput& create) const {
        return item_event(
            {{"type", "function_call_output"}, {"call_id", create.call_id}, {"output", create.output}});
    }
    json::object operator()(const DeleteItem& remove) const {
        return {{"type", "conversation.item.delete"}, {"item_id", remove.item_id}};
    }
    json::object operator()(const TruncateItem& truncate) const {
        return {{"type", "conversation.item.truncate"},
                {"item_id", truncate.item_id},
                {"content_index", 0},
                {"audio_end_ms", truncate.audio_end_ms}};
    }
    json::object operator()(const CreateResponse&) const {
        return {{"type", "response.create"}, {"event_id", CreateResponse::event_id}};
    }
    json::object operator()(const CancelResponse& cancel) const {
        return {{"type", "response.cancel"}, {"response_id", cancel.response_id}};
    }
};

}  // namespace

void encode(const ClientEvent& event, std::string& out) {
    out = json::serialize(std::visit(ToJson{}, event));
}

void encode_append(audio::Pcm samples, std::string& out) {
    out = R"({"type":"input_audio_buffer.append","audio":")";
    base::base64_append(audio::bytes_of(samples), out);
    out += "\"}";
}

}  // namespace voicectl::realtime
