// SPDX-License-Identifier: Apache-2.0
// Who held a session, when, on which key, and what arrived in it: for those who prove things about a gateway
// from outside. Bounded: the oldest reports and log lines are forgotten and counted. Only where the control
// call is on. One thread.
#pragma once

#include "base/time.hpp"
#include "simulator/audio_record.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace voicectl::simulator {

namespace json = boost::json;

/// A session's connection.
class Watched {
 public:
    virtual ~Watched() = default;
    /// What the session holds.
    virtual json::object report() const = 0;
    /// A fault was armed.
    virtual void on_faults(base::Time now) = 0;
};

class Ledger {
 public:
    explicit Ledger(base::Time began) : began_(began) {}

    /// `key` is a label. The session stays until `closed`.
    void opened(Watched& session, const std::string& id, const std::string& key, base::Time now);
    /// Nothing if it was closed before.
    void closed(const Watched& session, base::Time now);
    /// Of any session, in the order of arrival.
    void appended(std::span<const std::byte> audio) { audio_.add(audio); }
    void tell_of_faults(base::Time now);

    /// {"sessions": [oldest first], "forgotten", "audio": that of all sessions one after the other}
    json::object sessions() const;
    /// {"log": [{"event": "open" or "close", "session", "key", "sessions" (of the key, after it), "ms" (since
    /// the start), "at"}], "forgotten"}
    json::object log() const;

 private:
    struct Open {
        Watched* session;
        std::string id;
        std::string key;
    };
    void note(const char* event, const Open& open, base::Time now);

    base::Time began_;
    std::vector<Open> open_;
    std::map<std::string, unsigned> on_key_;
    std::deque<json::object> ended_;
    std::deque<json::object> log_;
    std::uint64_t ended_forgotten_ = 0;
    std::uint64_t log_forgotten_ = 0;
    AudioRecord audio_;
};

}  // namespace voicectl::simulator
