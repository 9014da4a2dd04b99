// SPDX-License-Identifier: Apache-2.0
#include "net/websocket.hpp"

#include "websocket_fixture.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace voicectl::net {
namespace {

using namespace std::chrono_literals;

class WebSocketOver : public WebSocketTest, public ::testing::WithParamInterface<const char*> {
 protected:
    WebSocketOver() {
        if (std::string_view(GetParam()) == "Tls") use_tls();
    }
};

INSTANTIATE_TEST_SUITE_P(Any, WebSocketOver, ::testing::Values("Tcp", "Tls"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(WebSocketOver, EchoesMessagesOfEverySizeInOrder) {
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        EXPECT_EQ(ends.client->encrypted(), tls_.has_value());
        asio::co_spawn(io_, echo(*ends.server), asio::detached);
        constexpr std::array<std::size_t, 9> sizes = {0, 1, 125, 126, 1024, 5000, 16'384, 40'000, 65'536};
        // All at once, so that writes follow one another without a pause.
        for (const auto size : sizes)
            ends.client->send_text(pattern(size, 1));
        for (const auto size : sizes)
            ends.client->send_binary(bytes_of(pattern(size, 2)), Delivery::must_arrive);
        for (const bool binary : {false, true}) {
            for (const auto size : sizes) {
                const auto message = must(co_await ends.client->read());
                EXPECT_EQ(message.binary, binary);
                EXPECT_EQ(message.text(), pattern(size, binary ? 2 : 1));
            }
        }
        co_await finish(ends);
    });
}

TEST_P(WebSocketOver, CarriesBothWaysAtTheSameTime) {
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        constexpr int count = 300;
        for (int i = 0; i < count; ++i) {
            ends.client->send_text(pattern(1000, i));
            ends.server->send_text(pattern(1500, i));
        }
        for (int i = 0; i < count; ++i) {
            const auto at_server = must(co_await ends.server->read());
            EXPECT_EQ(at_server.text(), pattern(1000, i));
            const auto at_client = must(co_await ends.client->read());
            EXPECT_EQ(at_client.text(), pattern(1500, i));
        }
        asio::co_spawn(io_, echo(*ends.server), asio::detached);
        co_await finish(ends);
    });
}

// With Nagle's algorithm, the second message of a pair waits 40 ms for an acknowledgement of the first, and
// so does the rest of one that is cut into fragments, where a small one takes a tenth of a millisecond.
TEST_P(WebSocketOver, TakesAboutAsLongForMuchAsForLittle) {
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        asio::co_spawn(io_, echo(*ends.server), asio::detached);
        using Times = std::vector<std::chrono::nanoseconds>;
        const auto median = [](Times& times) {
            const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
            std::ranges::nth_element(times, middle);
            return static_cast<double>(middle->count());
        };
        struct Load {
            std::size_t size;
            int messages;
            Times times;
        };
        std::array<Load, 3> loads = {Load{50, 1, {}}, Load{5000, 1, {}}, Load{2500, 3, {}}};
        for (int round = 0; round < 31; ++round) {
            for (auto& [size, messages, times] : loads) {
                const auto text = pattern(size, round);
                const auto before = std::chrono::steady_clock::now();
                for (int i = 0; i < messages; ++i)
                    ends.client->send_text(text);
                for (int i = 0; i < messages; ++i)
                    must(co_await ends.client->read());
                times.push_back(std::chrono::steady_clock::now() - before);
            }
        }
        EXPECT_LT(median(loads[1].times), 40 * median(loads[0].times));
        EXPECT_LT(median(loads[2].times), 40 * median(loads[0].times));
        co_await finish(ends);
    });
}

TEST_P(WebSocketOver, TellsEachSideWhyTheOtherClosed) {
    for (const bool from_client : {true, false}) {
        run([&]() -> Task<void> {
            auto ends = co_await connect();
            auto& closing = from_client ? *ends.client : *ends.server;
            auto& other = from_client ? *ends.server : *ends.client;
            closing.send_text("last words");
            closing.close({4401, "token expired"});
            closing.send_text("never sent");
            const auto last = must(co_await other.read());
            EXPECT_EQ(last.text(), "last words");
            // The answer to a close comes from whoever reads: both ends do.
            const auto seen = co_await end_of(other);
            EXPECT_EQ(seen.code, 4401);
            EXPECT_EQ(seen.reason, "token expired");
            co_await end_of(closing);
        });
    }
}

TEST_P(WebSocketOver, ClosesWith1009OnAMessageOverItsLimit) {
    client_limits_.message_bytes_max = 1 << 20;
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        ends.client->send_binary(bytes_of(pattern(64 * 1024 + 1, 0)), Delivery::must_arrive);
        const auto at_server = co_await end_of(*ends.server);
        EXPECT_EQ(at_server.code, 1009);
        const auto at_client = co_await end_of(*ends.client);
        EXPECT_EQ(at_client.code, 1009);
    });
}

TEST_P(WebSocketOver, SaysNothingWhenItAborts) {
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        ends.client->abort();
        const auto at_server = co_await end_of(*ends.server);
        EXPECT_EQ(at_server.code, 1006);
        const auto at_client = co_await end_of(*ends.client);
        EXPECT_EQ(at_client.code, 1006);
        ends.server->send_text("into the void");
        EXPECT_EQ(ends.server->queued_bytes(), 0U);
    });
}

TEST_F(WebSocketTest, OffersOneSubprotocolAndNoCompression) {
    auto [peer, socket] = listener_.pair();
    Accepted accepted(io_.get_executor());
    asio::write(peer, asio::buffer(std::string(
                          "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                          "Sec-WebSocket-Protocol: x, voice.v1\r\n"
                          "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")));
    run([&]() -> Task<void> {
        co_await accept(make_tcp_stream(std::move(socket)), WebSocketLimits(), accepted);
        accepted.socket->abort();
        co_await end_of(*accepted.socket);
        accepted.socket.reset();
    });
    std::string answer(4096, '\0');
    ErrorCode ec;
    answer.resize(peer.read_some(asio::buffer(answer), ec));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
    EXPECT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos) << answer;
    EXPECT_NE(answer.find("Sec-WebSocket-Protocol: voice.v1\r\n"), std::string::npos) << answer;
    EXPECT_EQ(answer.find("deflate"), std::string::npos) << answer;
}

TEST_F(WebSocketTest, EndsAPeerThatFellSilent) {
    server_limits_.idle_timeout = 200ms;
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        // The client answers no ping, for it never reads.
        const auto at_server = co_await end_of(*ends.server);
        EXPECT_EQ(at_server.code, 1006);
        EXPECT_EQ(at_server.reason, "the peer fell silent");
        ends.client->abort();
        co_await end_of(*ends.client);
    });
}

TEST_F(WebSocketTest, KeepsAQuietPeerThatAnswersPings) {
    server_limits_.idle_timeout = 300ms;
    run([&]() -> Task<void> {
        auto ends = co_await connect();
        asio::co_spawn(io_, echo(*ends.server), asio::detached);
        bool quiet = true;
        // Several times the idle timeout of nothing but pings, then a word.
        Deadline word(io_.get_executor(), 1500ms, [&] {
            quiet = false;
            ends.client->send_text("still here");
        });
        const auto read = must(co_await ends.client->read());
        EXPECT_FALSE(quiet);
        EXPECT_EQ(read.text(), "still here");
        co_await finish(ends);
    });
}

TEST_F(WebSocketTest, RefusesFramesThatBreakTheProtocol) {
    const std::pair<const char*, std::string> table[] = {
        {"unmasked", std::string("\x81\x02hi", 4)},
        {"reserved bit", std::string("\xc1\x80\0\0\0\0", 6)},
        {"unknown opcode", std::string("\x83\x80\0\0\0\0", 6)},
        {"continuation of nothing", std::string("\x80\x80\0\0\0\0", 6)},
        {"fragmented ping", std::string("\x09\x80\0\0\0\0", 6)},
        {"long ping", std::string("\x89\xfe\0\x7e\0\0\0\0", 8) + std::string(126, 'x')},
        {"text that is not UTF-8", std::string("\x81\x82\0\0\0\0\xc3\x28", 8)},
        {"close code 1005", std::string("\x88\x82\0\0\0\0\x03\xed", 8)},
        {"a length of 2^63", std::string("\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 14)},
    };
    for (const auto& [name, frame] : table) {
        auto [peer, socket] = listener_.pair();
        Accepted accepted(io_.get_executor());
        asio::write(peer,
                    asio::buffer(std::string(
                        "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")));
        run([&]() -> Task<void> {
            co_await accept(make_tcp_stream(std::move(socket)), WebSocketLimits(), accepted);
            asio::write(peer, asio::buffer(frame));
            peer.shutdown(tcp::socket::shutdown_send);
            const auto message = co_await accepted.socket->read();
            EXPECT_FALSE(message) << name;
        });
    }
}

}  // namespace
}  // namespace voicectl::net
