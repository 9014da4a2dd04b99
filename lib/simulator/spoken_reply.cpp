// SPDX-License-Identifier: Apache-2.0
#include "simulator/spoken_reply.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace voicectl::simulator {
namespace {

/// Enough to bridge the synthesis of the next sentence many times over.
constexpr std::size_t ahead = audio::samples_in(std::chrono::seconds(6));
constexpr std::size_t sentence_max = 300;

/// The length of the first sentence of `text`; the space after it begins the next.
std::size_t sentence_length(std::string_view text) noexcept {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const bool ends = text[i] == '.' || text[i] == '!' || text[i] == '?' || text[i] == '\n';
        if (ends && text[i + 1] == ' ') return i + 1;
        if (i >= sentence_max && text[i + 1] == ' ') return i + 1;
    }
    return text.size();
}

}  // namespace

SpokenReply::SpokenReply(std::string text, Speech recording) {
    if (recording) {
        add_sentence(std::move(text));
        if (sentences_.empty()) sentences_.emplace_back();
        asked_ = 1;
        spoken(0, std::move(recording));
        return;
    }
    for (std::string_view rest = text; !rest.empty();) {
        const auto length = sentence_length(rest);
        add_sentence(std::string(rest.substr(0, length)));
        rest.remove_prefix(length);
    }
}

void SpokenReply::add_sentence(std::string text) {
    if (text.empty()) return;
    // A word carries the spaces before it, so that the words in a row are the text.
    for (std::size_t from = 0; from < text.size();) {
        const auto letter = std::min(text.find_first_not_of(' ', from), text.size());
        const auto to = std::min(text.find(' ', letter), text.size());
        words_.push_back({text.substr(from, to - from), sentences_.size(), from});
        from = to;
    }
    Sentence sentence;
    sentence.text = std::move(text);
    sentences_.push_back(std::move(sentence));
}

std::optional<std::size_t> SpokenReply::next_to_speak() {
    const bool waiting = asked_ > arrived_;
    if (waiting || asked_ == sentences_.size() || end_ > position_ + ahead) return std::nullopt;
    return asked_++;
}

std::string SpokenReply::sentence(std::size_t index) const {
    const auto& text = sentences_[index].text;
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

void SpokenReply::spoken(std::size_t index, Speech speech) {
    if (index != arrived_ || index >= sentences_.size()) return;
    auto& sentence = sentences_[index];
    sentence.start = end_;
    sentence.speech = std::move(speech);
    if (sentence.speech) end_ += sentence.speech->size();
    ++arrived_;
}

bool SpokenReply::ready(std::size_t samples) const noexcept {
    return arrived_ == sentences_.size() || end_ - position_ >= samples;
}

std::vector<audio::Sample> SpokenReply::take(std::size_t samples) {
    std::vector<audio::Sample> out;
    out.reserve(samples);
    while (cursor_ < arrived_ && out.size() < samples) {
        auto& speech = sentences_[cursor_].speech;
        const auto size = speech ? speech->size() : 0;
        const auto count = std::min(size - offset_, samples - out.size());
        if (count > 0)
            out.insert(out.end(), speech->begin() + static_cast<std::ptrdiff_t>(offset_),
                       speech->begin() + static_cast<std::ptrdiff_t>(offset_ + count));
        offset_ += count;
        if (offset_ < size) continue;
        ++cursor_;
        offset_ = 0;
        speech.reset();
    }
    position_ += out.size();
    out.resize((out.size() + grain - 1) / grain * grain);
    return out;
}

std::optional<std::string> SpokenReply::next_word(std::size_t until) {
    if (next_word_ == words_.size()) return std::nullopt;
    const auto& word = words_[next_word_];
    if (word.sentence >= arrived_) return std::nullopt;
    const auto& sentence = sentences_[word.sentence];
    const auto end = word.sentence + 1 < arrived_ ? sentences_[word.sentence + 1].start : end_;
    const auto begins = sentence.start +
                        (end - sentence.start) * word.offset / std::max<std::size_t>(sentence.text.size(), 1);
    if (begins >= until) return std::nullopt;
    return next_word();
}

std::optional<std::string> SpokenReply::next_word() {
    if (next_word_ == words_.size()) return std::nullopt;
    return std::move(words_[next_word_++].text);
}

}  // namespace voicectl::simulator
