// SPDX-License-Identifier: Apache-2.0
// How a response is shown in its events, and what it has used.
#include "simulator/response.hpp"

namespace voicectl::simulator {

json::object Response::wire(std::string_view status, const json::value& details,
                            const json::value& spent) const {
    json::array output;
    if (!item_.empty()) output.push_back(item_);
    json::array modalities;
    modalities.emplace_back(options_.speaks ? "audio" : "text");
    json::object audio;
    audio["output"] = json::object{{"format", options_.format}, {"voice", options_.voice}};
    json::object response{{"object", "realtime.response"}, {"id", id()}, {"status", status}};
    response["status_details"] = details;
    response["output"] = output;
    response["conversation_id"] = nullptr;
    if (in_conversation()) response["conversation_id"] = options_.conversation_id;
    response["output_modalities"] = modalities;
    response["max_output_tokens"] = options_.max_output_tokens;
    response["audio"] = audio;
    response["usage"] = spent;
    response["metadata"] = options_.metadata;
    return response;
}

Tokens Response::tokens() const {
    Tokens total = options_.input;
    total.text += text_tokens(transcript_) + text_tokens(plan_.call.arguments);
    total.audio += audio_sent_.count() / 50;
    return total;
}

std::int64_t Response::output_tokens() const {
    const auto all = tokens();
    return all.text + all.audio - input_tokens();
}

json::object Response::usage() const {
    const auto& in = options_.input;
    const auto& cached = options_.cached;
    const auto all = tokens();
    json::object cached_details{
        {"text_tokens", cached.text}, {"audio_tokens", cached.audio}, {"image_tokens", 0}};
    json::object input{{"text_tokens", in.text}, {"audio_tokens", in.audio}, {"image_tokens", 0}};
    input["cached_tokens"] = cached.text + cached.audio;
    input["cached_tokens_details"] = cached_details;
    const json::object output{{"text_tokens", all.text - in.text}, {"audio_tokens", all.audio - in.audio}};
    json::object usage{{"total_tokens", all.text + all.audio},
                       {"input_tokens", in.text + in.audio},
                       {"output_tokens", all.text - in.text + all.audio - in.audio}};
    usage["input_token_details"] = input;
    usage["output_token_details"] = output;
    return usage;
}

}  // namespace voicectl::simulator
