// SPDX-License-Identifier: Apache-2.0
// Any bytes as what happens to a conversation: a letter is a step, what follows it is what it needs. Texts go
// through the parsers that read them in the gateway, broken or not. Whatever came, a conversation that is
// left in silence waits for nothing, plays the next reply, and ends when it has been idle.
#include "base/base64.hpp"
#include "fuzz/claims.hpp"
#include "session/dialect.hpp"
#include "support/signal.hpp"
#include "tests/session/referee.hpp"

#include <fmt/format.h>

namespace {

using namespace voicectl;
using namespace std::chrono_literals;

class Schedule {
 public:
    explicit Schedule(std::string_view bytes) : bytes_(bytes) { conversation_.start(); }

    void run() {
        while (!bytes_.empty() && now_ < begun + 5min)
            step(take());
    }
    void fall_silent() {
        now_ = test::fall_silent(conversation_, referee_, now_);
        fuzz::claim(!conversation_.busy(), "whatever is waited for ends");
        fuzz::claim(!referee_.playing, "a reply that is held is resumed or ended");
        fuzz::claim(referee_.samples_upstream <= samples_in_, "no input is doubled");
    }
    void play_another() {
        pass(options().cancel_timeout);
        const auto asked = referee_.asked;
        client(R"({"type":"text_input","text":"still there?"})");
        fuzz::claim(referee_.asked == asked + 1, "a question is asked at once when all is quiet");
        const auto sent = referee_.samples_to_client;
        upstream(R"({"type":"response.created","response":{"id":"the_last"}})");
        deliver("the_last", "of_the_last", 25);
        pass(1s);
        fuzz::claim(referee_.samples_to_client == sent + audio::samples_in(500ms), "a new reply is played");
        done("the_last", "completed");
        pass(40ms);
        fuzz::claim(!conversation_.busy(), "a reply that has been heard is over");
    }
    void be_idle() {
        conversation_.on_tick(now_ + options().idle_timeout);
        fuzz::claim(referee_.ended, "who is idle is let go");
    }

 private:
    static constexpr base::Time begun{1000h};

    static session::ConversationOptions options() {
        session::ConversationOptions options;
        options.idle_timeout = 10min;
        return options;
    }
    char take() {
        if (bytes_.empty()) return '0';
        const char byte = bytes_.front();
        bytes_.remove_prefix(1);
        return byte;
    }
    /// Digits and letters as themselves, so that a schedule can be written by hand.
    unsigned number(unsigned bound) { return static_cast<unsigned char>(take() - '0') % bound; }
    std::string line() {
        const auto end = bytes_.find('\n');
        const std::string text(bytes_.substr(0, end));
        bytes_.remove_prefix(end == std::string_view::npos ? bytes_.size() : end + 1);
        return text;
    }
    std::string response() { return fmt::format("resp_{}", number(16)); }
    std::string item() { return fmt::format("item_{}", number(16)); }

    void pass(std::chrono::milliseconds span) {
        for (const auto until = now_ + span; now_ < until;) {
            referee_.now = now_ += 20ms;
            if (std::exchange(referee_.wanted, false)) conversation_.on_upstream_opened(now_);
            conversation_.on_tick(now_);
        }
    }
    void client(std::string_view text) {
        const auto message = session::parse_client_message(text);
        if (message)
            conversation_.on_client(*message, now_);
        else
            conversation_.on_bad_message(message.error().detail, now_);
    }
    void upstream(std::string_view text) {
        const auto event = decoder_.decode(text);
        if (!event) return;
        if (const auto* delta = std::get_if<realtime::AudioDelta>(&*event)) {
            const std::string item(delta->item_id);
            // An id that comes again in another response is another item.
            auto& owner = owners_[item];
            if (std::exchange(owner, delta->response_id) != delta->response_id)
                referee_.cut_items.erase(item);
            referee_.samples_of[item] += delta->audio.size() / 4 * 3 / sizeof(audio::Sample);
        }
        conversation_.on_upstream(*event, now_);
    }
    void hear(audio::Pcm frame) {
        for (auto frames = number(64) + 1; frames > 0; --frames) {
            referee_.now = now_ += 20ms;
            samples_in_ += frame.size();
            conversation_.on_audio(frame, now_);
            conversation_.on_tick(now_);
        }
    }
    void miss() {
        const std::vector<audio::Sample> concealed(number(2) * 480);
        samples_in_ += concealed.size();
        conversation_.on_bad_frame(session::ErrorCode::audio_decode_failed, "not a packet", concealed, now_);
    }
    void deliver(const std::string& response, const std::string& item, unsigned frames) {
        std::string text = fmt::format(
            R"({{"type":"response.output_audio.delta","response_id":"{}","item_id":"{}","delta":")", response,
            item);
        base::base64_append(audio::bytes_of(std::vector<audio::Sample>(frames * audio::samples_in(20ms), 7)),
                            text);
        upstream(text + "\"}");
    }
    void done(const std::string& response, std::string_view status) {
        upstream(fmt::format(R"({{"type":"response.done","response":{{"id":"{}","status":"{}"}}}})", response,
                             status));
    }
    void control(std::string_view action) {
        client(fmt::format(R"({{"type":"control","action":"{}"}})", action));
    }

    void step(char letter) {
        if (letter >= 'A' && letter <= 'Z') return upstream_step(letter);
        static const auto voice = tests::voice(20ms);
        static const auto loud = tests::noise(20ms, 0.3);
        static const auto quiet = tests::noise(20ms, 0.001);
        switch (letter) {
            case 'v':
                return hear(voice);
            case 'n':
                return hear(loud);
            case 'q':
                return hear(quiet);
            case 'x':
                return miss();
            case 'w':
                return pass(20ms * number(64));
            case 'l':
                return pass(1s * number(40));
            case 't':
                return client(R"({"type":"text_input","text":"hello"})");
            case 'i':
                return control("interrupt_tts");
            case 'c':
                return control("clear_session");
            case 'o':
                return control("start_recording");
            case 's':
                return control("stop_recording");
            case 'p': {
                const auto of = item();
                return client(fmt::format(R"({{"type":"playback","itemId":"{}","playedMs":{}}})", of,
                                          number(256) * 40));
            }
            case 'r':
                return client(R"({"type":"tool_result","callId":"call_1","output":{}})");
            case 'j':
                return client(line());
            default:
                return;
        }
    }
    void upstream_step(char letter) {
        switch (letter) {
            case 'C':
                return upstream(
                    fmt::format(R"({{"type":"response.created","response":{{"id":"{}"}}}})", response()));
            case 'A': {
                const auto of = response();
                const auto what = item();
                return deliver(of, what, number(64));
            }
            case 'W': {
                const auto of = response();
                return upstream(fmt::format(
                    R"({{"type":"response.output_text.delta","response_id":"{}","item_id":"{}","delta":"word"}})",
                    of, item()));
            }
            case 'D':
                return done(response(), "completed");
            case 'F':
                return done(response(), "failed");
            case 'X':
                return done(response(), "cancelled");
            case 'I':
                return upstream(
                    fmt::format(R"({{"type":"conversation.item.added","item":{{"id":"{}"}}}})", item()));
            case 'S':
                return upstream(
                    R"({"type":"input_audio_buffer.speech_started","audio_start_ms":5,"item_id":"item_u"})");
            case 'P':
                return upstream(
                    R"({"type":"input_audio_buffer.speech_stopped","audio_end_ms":9,"item_id":"item_u"})");
            case 'B':
                return upstream(R"({"type":"input_audio_buffer.cleared"})");
            case 'T':
                return upstream(fmt::format(
                    R"({{"type":"conversation.item.input_audio_transcription.delta","item_id":"{}","delta":"w"}})",
                    item()));
            case 'G':
                return upstream(fmt::format(
                    R"({{"type":"response.output_item.done","response_id":"{}","item":{{"type":"function_call","status":"completed","call_id":"call_1","name":"f","arguments":"{{}}"}}}})",
                    response()));
            case 'E':
                return upstream(
                    R"({"type":"error","error":{"code":"conversation_already_has_active_response"}})");
            case 'R':
                return upstream(
                    R"({"type":"error","error":{"code":"server_error","event_id":"create_response"}})");
            case 'J':
                return upstream(line());
            case 'L':
                return conversation_.on_upstream_lost(now_);
            default:
                return;
        }
    }

    std::string_view bytes_;
    base::Time now_ = begun;
    test::Referee referee_{fuzz::claim};
    session::Conversation conversation_{options(), referee_, now_};
    realtime::ServerEventDecoder decoder_;
    std::map<std::string, std::string> owners_;  ///< the response that an item was last of
    std::size_t samples_in_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Schedule schedule(fuzz::text_of(data, size));
    schedule.run();
    schedule.fall_silent();
    schedule.play_another();
    schedule.be_idle();
    return 0;
}
