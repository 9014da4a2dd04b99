// SPDX-License-Identifier: Apache-2.0
#include "client/voice_client.hpp"

#include <boost/json.hpp>

#include <utility>

namespace voicectl::client {

namespace json = boost::json;
using base::Errc;
using base::fail;

net::Task<base::Result<std::unique_ptr<VoiceClient>>> VoiceClient::connect(ConnectOptions options) {
    net::DialOptions dial;
    dial.url = options.url;
    dial.url.add_query("codec", audio::name_of(options.format.codec));
    if (options.format.codec == audio::Codec::pcm16)
        dial.url.add_query("rate", std::to_string(options.format.rate));
    dial.timeout = options.timeout;
    dial.headers.emplace_back("Sec-WebSocket-Protocol", "voice.v1");
    dial.headers.emplace_back("User-Agent", "voicectl");
    if (!options.token.empty())
        dial.headers.emplace_back("Authorization", "Bearer " + options.token.reveal());
    if (dial.url.tls) {
        auto tls = net::TlsContext::client();
        if (!tls) co_return tls.error();
        dial.tls = std::make_shared<const net::TlsContext>(std::move(*tls));
    }
    auto socket = co_await net::dial(dial);
    if (!socket) co_return socket.error();
    co_return std::unique_ptr<VoiceClient>(new VoiceClient(std::move(*socket)));
}

net::Task<base::Result<std::variant<Frame, Event>>> VoiceClient::read() {
    auto message = co_await socket_->read();
    if (!message) co_return message.error();
    if (message->binary) co_return std::variant<Frame, Event>(message->bytes);
    boost::system::error_code ec;
    auto value = json::parse(message->text(), ec);
    if (ec || !value.is_object() || !value.get_object().contains("type") ||
        !value.get_object()["type"].is_string())
        co_return fail(Errc::protocol, "the server sent what is no voice.v1 event: {}",
                       message->text().substr(0, 200));
    co_return std::variant<Frame, Event>(std::move(value.get_object()));
}

void VoiceClient::send_frame(Frame frame) {
    socket_->send_binary(frame, net::Delivery::must_arrive);
}

void VoiceClient::send_control(std::string_view action) {
    socket_->send_text(json::serialize(json::object{{"type", "control"}, {"action", action}}));
}

void VoiceClient::close() {
    socket_->close(net::CloseReason{1000, "done"});
}
void VoiceClient::abort() noexcept {
    socket_->abort();
}
const net::CloseReason& VoiceClient::close_reason() const noexcept {
    return socket_->close_reason();
}

}  // namespace voicectl::client
