// SPDX-License-Identifier: Apache-2.0
// The conversation's items in their order, as the protocol shows them, with the lengths of their audio but
// none of its bytes. Bounded: the oldest items are forgotten when the whole grows too large. One thread.
#pragma once

#include "simulator/protocol_error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace voicectl::simulator {

/// What an item or a response costs, as the service counts: audio in by 100 ms, out by 50 ms, text by four
/// letters.
struct Tokens {
    std::int64_t text = 0;
    std::int64_t audio = 0;
};
std::int64_t text_tokens(std::string_view text) noexcept;

/// What the user said with an item, once it is known.
struct Heard {
    bool known = true;  ///< false while recognition is under way
    std::string text;
    std::optional<std::size_t> turn;  ///< the scenario's turn that was taken for it
};

struct Item {
    json::object wire;  ///< without audio bytes
    std::chrono::milliseconds audio{0};
    Heard heard;

    std::string_view id() const noexcept { return text_of(wire, "id"); }
    std::string_view type() const noexcept { return text_of(wire, "type"); }
    std::string_view role() const noexcept { return text_of(wire, "role"); }
    Tokens tokens() const;
};

/// A message item of a speaker, with one content part or none.
json::object message_item(std::string_view id, std::string_view role, std::string_view status,
                          const json::value& part);

class History {
 public:
    /// Appends; the id before it, null for the first.
    json::value append(Item item);
    /// Inserts after `previous` ("root": first). The item must exist.
    json::value insert_after(std::string_view previous, Item item);
    Item* find(std::string_view id) noexcept;
    /// Returns whether it was there.
    bool erase(std::string_view id);
    /// The id of the item before that one, or null.
    json::value previous_of(std::string_view id) const;
    json::value last_id() const;
    Item* last() noexcept { return items_.empty() ? nullptr : &items_.back(); }
    Tokens tokens() const;
    const std::list<Item>& items() const noexcept { return items_; }

 private:
    void forget_oldest();

    std::list<Item> items_;
};

/// Checks a client's item at `path` ("item", "response.input[0]") and completes it: id, object, status. Its
/// audio is taken out of the item into `audio` (base64), where there is any.
Refusal take_client_item(const json::value& value, const std::string& path, Item& item, std::string& audio);

/// The words of an item's text parts.
std::string text_of_parts(const Item& item);

}  // namespace voicectl::simulator
