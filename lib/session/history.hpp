// SPDX-License-Identifier: Apache-2.0
// What both sides have said, for an upstream that begins anew: the texts of both, and tool calls with their
// results. No audio, which would be billed again. Bounded: the oldest goes first. Values; one thread.
#pragma once

#include "realtime/client_event.hpp"

#include <chrono>
#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace voicectl::session {

class History {
 public:
    /// An utterance of the person's takes its place; what was said comes later, or never.
    void utterance(std::string_view item_id);
    void heard(std::string_view item_id, std::string_view transcript);
    void typed(std::string_view text);
    /// As much of a reply as was heard of it.
    void replied(std::string_view text);
    void called(std::string_view call_id, std::string_view name, std::string_view arguments);
    void answered(std::string_view call_id, std::string_view output);
    void clear();

    /// The call, if it is known and has not been answered.
    const realtime::CreateToolCall* open_call(std::string_view call_id) const noexcept;
    /// What tells an upstream all of it, in order. A call whose result is not there is left out: it comes
    /// with it.
    std::vector<realtime::ClientEvent> events() const;

 private:
    static constexpr std::size_t entries_max = 400;
    static constexpr std::size_t bytes_max = 128 * 1024;

    struct Utterance {
        std::string item_id;
        std::string text;  ///< empty until it is known
    };
    struct Reply {
        std::string text;
    };
    struct Call {
        realtime::CreateToolCall call;
        std::string output;
        bool answered = false;
    };
    using Entry = std::variant<Utterance, Reply, Call>;

    static std::size_t bytes_of(const Entry& entry) noexcept;
    void add(Entry entry);
    void make_room();

    std::deque<Entry> entries_;
    std::size_t bytes_ = 0;
};

/// The words of a reply that had been said when `heard` of its `length` had sounded, as far as its pace is
/// even. Whole words.
std::string_view words_heard(std::string_view text, std::chrono::milliseconds heard,
                             std::chrono::milliseconds length) noexcept;

}  // namespace voicectl::session
