// SPDX-License-Identifier: Apache-2.0
// The messages of one websocket that wait for its writer, in order. The bound is the owner's to keep: it asks for the
// bytes and drops what may be dropped. One thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/websocket.hpp"

namespace voicectl::net {

/// The strings are kept and filled again, so that a warm session allocates nothing.
class SendQueue {
 public:
    struct Entry {
        std::string bytes;
        bool binary = false;
        Delivery delivery = Delivery::must_arrive;
    };

    bool empty() const noexcept { return entries_.empty(); }
    std::size_t bytes() const noexcept { return bytes_; }

    void push(std::string_view bytes, bool binary, Delivery delivery) {
        Entry entry = take_spare();
        entry.bytes.assign(bytes);
        entry.binary = binary;
        entry.delivery = delivery;
        bytes_ += bytes.size();
        entries_.push_back(std::move(entry));
    }
    Entry pop() {
        Entry entry = std::move(entries_.front());
        entries_.pop_front();
        bytes_ -= entry.bytes.size();
        return entry;
    }
    void recycle(Entry entry) {
        if (spare_.size() < spare_max) spare_.push_back(std::move(entry));
    }
    /// Drops the oldest message that may be lost; false if there is none.
    bool drop_one() {
        for (auto it = entries_.begin(); it != entries_.end(); ++it) {
            if (it->delivery != Delivery::may_drop) continue;
            bytes_ -= it->bytes.size();
            recycle(std::move(*it));
            entries_.erase(it);
            return true;
        }
        return false;
    }

 private:
    static constexpr std::size_t spare_max = 16;

    Entry take_spare() {
        if (spare_.empty()) return {};
        Entry entry = std::move(spare_.back());
        spare_.pop_back();
        return entry;
    }

    std::deque<Entry> entries_;
    std::vector<Entry> spare_;
    std::size_t bytes_ = 0;
};

}  // namespace voicectl::net
