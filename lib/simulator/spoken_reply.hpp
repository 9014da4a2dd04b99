// SPDX-License-Identifier: Apache-2.0
// A reply on its way from text to sound: asks for its sentences one after the other, so that the first can be
// sent while the next is spoken, and knows which words belong to which stretch of audio. No clock; one
// thread.
#pragma once

#include "audio/pcm.hpp"
#include "simulator/scenario.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace voicectl::simulator {

class SpokenReply {
 public:
    /// Assistant audio ends on a multiple of this.
    static constexpr std::size_t grain = audio::samples_in(std::chrono::milliseconds(50));

    SpokenReply() = default;
    /// `recording` takes the voice's place where there is one.
    SpokenReply(std::string text, Speech recording);

    /// The index of the sentence to speak now, if there is one and not enough audio waits already.
    std::optional<std::size_t> next_to_speak();
    /// Its words, without the space between it and the one before.
    std::string sentence(std::size_t index) const;
    void spoken(std::size_t index, Speech speech);

    /// Whether `samples` can be taken, or all there is.
    bool ready(std::size_t samples) const noexcept;
    /// The next samples; at the end fewer, filled with silence up to the grain.
    std::vector<audio::Sample> take(std::size_t samples);
    bool exhausted() const noexcept { return cursor_ == sentences_.size(); }
    /// Samples taken so far.
    std::size_t position() const noexcept { return position_; }

    /// The next word (with the space before it) if its sound begins before `until`; each word is given once.
    std::optional<std::string> next_word(std::size_t until);
    /// The next word, wherever its sound is.
    std::optional<std::string> next_word();

 private:
    struct Sentence {
        std::string text;
        Speech speech;
        std::size_t start = 0;  ///< on the reply's own time line, known once the speech is
    };
    struct Word {
        std::string text;
        std::size_t sentence = 0;
        std::size_t offset = 0;  ///< letters before it in its sentence
    };

    void add_sentence(std::string text);

    std::vector<Sentence> sentences_;
    std::vector<Word> words_;
    std::size_t asked_ = 0;    ///< sentences asked for
    std::size_t arrived_ = 0;  ///< sentences that are there, in order
    std::size_t end_ = 0;      ///< where the last of those ends
    std::size_t cursor_ = 0;   ///< the sentence that is being taken
    std::size_t offset_ = 0;   ///< samples of it that are gone
    std::size_t position_ = 0;
    std::size_t next_word_ = 0;
};

}  // namespace voicectl::simulator
