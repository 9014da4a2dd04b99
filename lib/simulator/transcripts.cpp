// SPDX-License-Identifier: Apache-2.0
#include "simulator/transcripts.hpp"

#include "simulator/history.hpp"

#include <algorithm>
#include <utility>

namespace voicectl::simulator {

void Transcripts::start(std::string_view item_id, std::string_view text, std::chrono::milliseconds length,
                        base::Time from) {
    Transcript transcript;
    transcript.item_id = item_id;
    transcript.text = text;
    transcript.length = length;
    transcript.next = from;
    running_.push_back(std::move(transcript));
}

void Transcripts::forget(std::string_view item_id) {
    std::erase_if(running_,
                  [item_id](const Transcript& transcript) { return transcript.item_id == item_id; });
}

void Transcripts::on_tick(base::Time now) {
    for (auto& transcript : running_) {
        while (transcript.next <= now && transcript.sent < transcript.text.size()) {
            send_word(transcript);
            if (transcript.sent < transcript.text.size()) transcript.next += word_pause_;
        }
        if (transcript.next <= now && transcript.sent == transcript.text.size()) {
            complete(transcript);
            transcript.next = base::Time::max();
        }
    }
    std::erase_if(running_,
                  [](const Transcript& transcript) { return transcript.next == base::Time::max(); });
}

std::optional<base::Time> Transcripts::due() const noexcept {
    if (running_.empty()) return std::nullopt;
    const auto earlier = [](const Transcript& a, const Transcript& b) { return a.next < b.next; };
    return std::min_element(running_.begin(), running_.end(), earlier)->next;
}

void Transcripts::send_word(Transcript& transcript) {
    const auto letter = transcript.text.find_first_not_of(' ', transcript.sent);
    const auto end = std::min(transcript.text.find(' ', letter), transcript.text.size());
    json::object fields{{"item_id", transcript.item_id}, {"content_index", 0}};
    fields["delta"] = std::string_view(transcript.text).substr(transcript.sent, end - transcript.sent);
    events_.send("conversation.item.input_audio_transcription.delta", fields);
    transcript.sent = end;
}

void Transcripts::complete(const Transcript& transcript) {
    const auto audio = (transcript.length.count() + 99) / 100;
    const auto words = text_tokens(transcript.text);
    json::object usage{{"type", "tokens"}, {"total_tokens", audio + words}, {"input_tokens", audio}};
    usage["input_token_details"] = json::object{{"text_tokens", 0}, {"audio_tokens", audio}};
    usage["output_tokens"] = words;
    json::object fields{
        {"item_id", transcript.item_id}, {"content_index", 0}, {"transcript", transcript.text}};
    fields["usage"] = usage;
    events_.send("conversation.item.input_audio_transcription.completed", fields);
}

}  // namespace voicectl::simulator
