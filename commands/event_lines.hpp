// SPDX-License-Identifier: Apache-2.0
// Shows a conversation's events as they come: lines for people, JSON lines, or one JSON document at the end.
#pragma once

#include "client/replay.hpp"
#include "commands/command.hpp"

#include <boost/json/array.hpp>

#include <chrono>
#include <string>

namespace voicectl::commands {

class EventLines final : public client::ReplayObserver {
 public:
    explicit EventLines(const Globals& globals);

    void on_event(std::chrono::microseconds at, const client::Event& event) override;
    /// After the last event; the summary closes what machines read.
    void finish(const boost::json::object& summary);

 private:
    enum class Format { text, json, jsonl };

    Format format_;
    bool show_vad_;
    bool colour_;
    boost::json::array events_;
};

}  // namespace voicectl::commands
