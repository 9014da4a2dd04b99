// SPDX-License-Identifier: Apache-2.0
#include "simulator/realtime_session.hpp"

#include "base/base64.hpp"
#include "base/id.hpp"
#include "simulator/service_error.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace voicectl::simulator {
namespace {

constexpr std::chrono::milliseconds transcript_word_pause{30};
constexpr std::size_t decode_kept_max = 256 * 1024;

std::int64_t unix_seconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// The audio of the one event that comes fifty times a second, without building a tree for it; empty if the
/// event is written in any other way. What is not base64 is refused by its decoder.
std::string_view audio_of_plain_append(std::string_view text) noexcept {
    constexpr std::string_view head = R"({"type":"input_audio_buffer.append","audio":")";
    constexpr std::string_view tail = R"("})";
    if (!text.starts_with(head) || !text.ends_with(tail) || text.size() < head.size() + tail.size())
        return {};
    return text.substr(head.size(), text.size() - head.size() - tail.size());
}

std::string cap_message(std::chrono::milliseconds cap) {
    const auto seconds = cap.count() / 1000;
    const bool whole_minutes = seconds >= 60 && seconds % 60 == 0;
    const auto number = whole_minutes ? seconds / 60 : seconds;
    return fmt::format("Your session hit the maximum duration of {} {}{}.", number,
                       whole_minutes ? "minute" : "second", number == 1 ? "" : "s");
}

}  // namespace

RealtimeSession::RealtimeSession(const Scenario& scenario, SessionOptions options, Output& output)
    : scenario_(scenario),
      options_(std::move(options)),
      events_(output),
      conversation_id_(base::make_id("conv_")),
      session_(base::make_id("sess_"), options_.model, options_.transcription_only,
               unix_seconds(options_.started_at + scenario.timing.session_cap)),
      script_(scenario),
      input_(script_.must_recognise()),
      transcripts_(events_, scenario.timing.pace > 0 ? transcript_word_pause : std::chrono::milliseconds(0)) {
    fault_target_.session = text_of(session_.value(), "id");
    fault_target_.key = options_.key;
    if (!options_.allowance)
        options_.allowance = std::make_shared<Allowance>(scenario.limits.each, scenario.limits);
}

RealtimeSession::~RealtimeSession() = default;

void RealtimeSession::start(base::Time now) {
    now_ = now;
    started_ = now;
    cap_at_ = now + scenario_.timing.session_cap;
    fault_target_.began = now;
    input_.configure(session_.turn_detection());
    json::object fields;
    fields["session"] = session_.value();
    events_.send("session.created", fields);
}

void RealtimeSession::on_message(std::string_view text, base::Time now) {
    if (ended_) return;
    now_ = now;
    client_event_id_ = nullptr;
    const auto audio = audio_of_plain_append(text);
    if (!audio.empty() && append_base64(audio)) return;
    boost::system::error_code ec;
    const auto event = json::parse(text, ec);
    if (ec)
        refuse({"invalid_json", fmt::format("The message is not JSON: {}.", ec.message()), ""});
    else
        handle(event);
}

void RealtimeSession::on_binary(base::Time now) {
    if (ended_) return;
    now_ = now;
    client_event_id_ = nullptr;
    refuse({"invalid_event", "Events are JSON in text messages; this message was binary.", ""});
}

bool RealtimeSession::append_base64(std::string_view text) {
    bytes_.resize(base::base64_decoded_max(text.size()));
    const auto length = base::base64_decode(text, bytes_);
    if (!length) return false;
    const auto bytes = std::span<const std::byte>(bytes_).first(*length);
    events_.output().appended(bytes);
    const auto samples = decoder_.decode(bytes);
    input_.append(samples, [this](InputAudio::Change change) { on_voice(change); });
    if (bytes_.capacity() > decode_kept_max) std::vector<std::byte>().swap(bytes_);
    return true;
}

void RealtimeSession::on_voice(InputAudio::Change change) {
    const auto turn = session_.turn_detection();
    if (change == InputAudio::Change::started) {
        utterance_id_ = base::make_id("item_");
        idle_at_.reset();
        if (script_.must_recognise()) events_.output().expect_speech();
        events_.send(
            "input_audio_buffer.speech_started",
            json::object{{"audio_start_ms", input_.speech_start().count()}, {"item_id", utterance_id_}});
        if (turn.interrupt_response) interrupt("turn_detected");
        return;
    }
    events_.send("input_audio_buffer.speech_stopped",
                 json::object{{"audio_end_ms", input_.speech_end().count()}, {"item_id", utterance_id_}});
    commit(input_.speech_end() - input_.speech_start(),
           turn.create_response && !session_.transcription_only());
}

void RealtimeSession::commit(std::chrono::milliseconds length, bool respond) {
    const auto id = utterance_id_.empty() ? base::make_id("item_") : std::exchange(utterance_id_, {});
    auto samples = input_.commit();
    Item item;
    item.wire =
        message_item(id, "user", "completed", json::object{{"type", "input_audio"}, {"transcript", nullptr}});
    item.audio = length;
    const auto wire = item.wire;
    const auto previous = history_.append(std::move(item));
    json::object committed;
    committed["previous_item_id"] = previous;
    committed["item_id"] = id;
    events_.send("input_audio_buffer.committed", committed);
    events_.item("conversation.item.added", previous, wire);
    events_.item("conversation.item.done", previous, wire);
    hear(id, std::move(samples));
    if (respond) respond_to_turn(id);
}

void RealtimeSession::hear(std::string_view item_id, std::vector<audio::Sample> samples) {
    auto* item = history_.find(item_id);
    if (!script_.must_recognise() || samples.empty()) return heard(*item, {}, now_);
    item->heard.known = false;
    const auto token = ++last_token_;
    listening_[token] = {std::string(item_id), now_};
    events_.output().recognise(token, std::move(samples));
}

void RealtimeSession::on_recognised(std::uint64_t token, const std::optional<std::string>& text,
                                    base::Time now) {
    now_ = now;
    const auto at = listening_.find(token);
    if (ended_ || at == listening_.end()) return;
    const auto [item_id, turn_ended] = at->second;
    listening_.erase(at);
    if (auto* item = history_.find(item_id)) heard(*item, text.value_or(std::string()), turn_ended);
    plan_waiting();
}

void RealtimeSession::heard(Item& item, std::string_view recognised, base::Time turn_ended) {
    item.heard = script_.hear(recognised);
    if (!session_.transcribes()) return;
    auto& part = item.wire.at("content").as_array().front().as_object();
    if (text_of(part, "type") != "input_audio") return;
    part["transcript"] = item.heard.text;
    transcripts_.start(item.id(), item.heard.text, item.audio,
                       std::max(now_, turn_ended + scenario_.timing.transcript_delay));
}

void RealtimeSession::on_tick(base::Time now) {
    if (ended_) return;
    now_ = now;
    client_event_id_ = nullptr;
    if (now >= cap_at_) {
        const auto expired = service_error("session_expired", cap_message(scenario_.timing.session_cap));
        refuse(expired);
        return end(close_code_of(expired), close_reason_of(expired));
    }
    strike_due();
    if (ended_) return;
    transcripts_.on_tick(now);
    for (std::size_t i = 0; i < responses_.size(); ++i)
        responses_[i]->on_tick(now);
    sweep();
    if (idle_at_ && now >= *idle_at_) on_idle();
}

void RealtimeSession::on_idle() {
    idle_at_.reset();
    if (input_.speaking() || active() != nullptr) return;
    utterance_id_ = base::make_id("item_");
    const auto end = input_.clock();
    const auto length = std::min(input_.buffered(), session_.turn_detection().idle_timeout);
    events_.send("input_audio_buffer.timeout_triggered",
                 json::object{{"audio_start_ms", (end - length).count()},
                              {"audio_end_ms", end.count()},
                              {"item_id", utterance_id_}});
    commit(length, true);
}

std::optional<base::Time> RealtimeSession::due() const {
    if (ended_) return std::nullopt;
    auto next = cap_at_;
    const auto sooner = [&next](const std::optional<base::Time>& time) {
        if (time) next = std::min(next, *time);
    };
    sooner(transcripts_.due());
    sooner(idle_at_);
    if (options_.faults != nullptr) sooner(options_.faults->due(fault_target_, replying()));
    for (const auto& response : responses_)
        sooner(response->due());
    return next;
}

}  // namespace voicectl::simulator
