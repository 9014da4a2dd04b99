// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include "support/coroutine_test.hpp"
#include "support/loopback.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <iterator>

namespace voicectl::net {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using std::string_literals::operator""s;

class Http : public tests::CoroutineTest {
 protected:
    /// What HttpConnection makes of `bytes`, after which the peer sends nothing more.
    base::Result<HttpRequest> request(const std::string& bytes, bool then_end = true) {
        auto [peer, socket] = listener_.pair();
        HttpConnection connection(make_tcp_stream(std::move(socket)), limits_);
        asio::write(peer, asio::buffer(bytes));
        if (then_end) peer.shutdown(tcp::socket::shutdown_send);
        base::Result<HttpRequest> read = base::Error();
        run([&]() -> Task<void> { read = co_await connection.read(); });
        return read;
    }

    tests::LoopbackListener listener_{io_};
    HttpLimits limits_;
};

TEST_F(Http, ReadsARequest) {
    const auto read =
        request("POST /x?y=1 HTTP/1.1\r\nHost: h\r\nX-Two: a\r\nx-two: b\r\nContent-Length: 4\r\n\r\nbody");
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read.value().method, "POST");
    EXPECT_EQ(read.value().target, "/x?y=1");
    EXPECT_EQ(read.value().body, "body");
    EXPECT_TRUE(read.value().keep_alive);
    EXPECT_FALSE(read.value().wants_websocket);
    EXPECT_EQ(find_header(read.value().headers, "HOST"), "h");
    EXPECT_EQ(find_header(read.value().headers, "missing"), "");
    EXPECT_EQ(list_header(read.value().headers, "X-TWO"), (std::vector<std::string_view>{"a", "b"}));
}

TEST_F(Http, SplitsListsAcrossLinesAndTrimsThem) {
    const Headers headers = {{"A", " x ,, y"}, {"B", "no"}, {"a", "z, "}, {"A", ""}};
    EXPECT_EQ(list_header(headers, "a"), (std::vector<std::string_view>{"x", "y", "z"}));
}

TEST_F(Http, KnowsAWebsocketUpgradeWhenItSeesOne) {
    const auto upgrade = [](std::string version, std::string key, std::string rest) {
        return "GET /voice-ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, "
               "Upgrade\r\nSec-WebSocket-Version: " +
               version + "\r\nSec-WebSocket-Key: " + key + "\r\n" + rest + "\r\n";
    };
    const auto key = "dGhlIHNhbXBsZSBub25jZQ=="s;
    EXPECT_TRUE(request(upgrade("13", key, "Upgrade: WebSocket\r\n")).value().wants_websocket);
    EXPECT_FALSE(request(upgrade("8", key, "Upgrade: websocket\r\n")).value().wants_websocket);
    EXPECT_FALSE(request(upgrade("13", "short", "Upgrade: websocket\r\n")).value().wants_websocket);
    EXPECT_FALSE(request(upgrade("13", key, "Upgrade: h2c\r\n")).value().wants_websocket);
    EXPECT_FALSE(request(upgrade("13", key, "")).value().wants_websocket);
    auto post = upgrade("13", key, "Upgrade: websocket\r\nContent-Length: 0\r\n");
    EXPECT_FALSE(request(post.replace(0, 3, "POST")).value().wants_websocket);
}

TEST_F(Http, RefusesAHeadOverItsLimit) {
    const auto head = [](std::size_t size) {
        return "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(size, 'x') + "\r\n\r\n";
    };
    EXPECT_TRUE(request(head(8000)));
    EXPECT_EQ(request(head(8192)).error().code, Errc::too_large);
    EXPECT_EQ(request(head(100'000)).error().code, Errc::too_large);
    EXPECT_EQ(request("GET /" + std::string(9000, 'x')).error().code, Errc::too_large);
    std::string many = "GET / HTTP/1.1\r\n";
    while (many.size() < 9000)
        many += "a: b\r\n";
    EXPECT_EQ(request(many).error().code, Errc::too_large);
}

TEST_F(Http, RefusesABodyOverItsLimitBeforeItComes) {
    EXPECT_EQ(request("POST / HTTP/1.1\r\nContent-Length: 16385\r\n\r\n").error().code, Errc::too_large);
    EXPECT_EQ(request("POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n").error().code,
              Errc::too_large);
    EXPECT_EQ(
        request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n" + std::string(0x5000, 'x'))
            .error()
            .code,
        Errc::too_large);
}

TEST_F(Http, RefusesWhatTwoReadersCouldReadInTwoWays) {
    const std::string table[] = {
        "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody!",
        "POST / HTTP/1.1\r\nContent-Length: +4\r\n\r\nbody",
        "POST / HTTP/1.1\r\nContent-Length: 4 4\r\n\r\nbody",
        "POST / HTTP/1.1\r\nContent-Length: 0x4\r\n\r\nbody",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length : 4\r\n\r\nbody",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    };
    for (const auto& bytes : table) {
        const auto read = request(bytes);
        ASSERT_FALSE(read) << bytes;
        EXPECT_EQ(read.error().code, Errc::protocol) << bytes << read.error().detail;
    }
}

TEST_F(Http, RefusesWhatIsNotHttp) {
    const std::string table[] = {
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s,  // a TLS hello
        "hello\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\nHost: h\n\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET / HTTQ/1.1\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\n: no name\r\n\r\n",
        "GET / HTTP/1.1\r\nna me: x\r\n\r\n",
        "GET / HTTP/1.1\r\nX: a\0b\r\n\r\n"s,
        "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    };
    for (const auto& bytes : table) {
        const auto read = request(bytes);
        ASSERT_FALSE(read) << bytes;
        EXPECT_EQ(read.error().code, Errc::protocol) << bytes << read.error().detail;
    }
}

TEST_F(Http, TellsACleanEndFromABrokenOne) {
    EXPECT_EQ(request("").error().code, Errc::closed);
    EXPECT_EQ(request("GET / HTTP/1.1\r\nHost").error().code, Errc::protocol);
}

TEST_F(Http, WaitsNoLongerThanItsLimit) {
    limits_.head_timeout = 100ms;
    EXPECT_EQ(request("", false).error().code, Errc::timed_out);
    EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: h\r\n", false).error().code, Errc::timed_out);
}

TEST_F(Http, AnswersRequestsThatCameTogetherOneAfterTheOther) {
    auto [peer, socket] = listener_.pair();
    HttpConnection connection(make_tcp_stream(std::move(socket)), limits_);
    asio::write(peer, asio::buffer("GET /first HTTP/1.1\r\n\r\nGET /second HTTP/1.1\r\n\r\n"s));
    run([&]() -> Task<void> {
        for (const bool keep_alive : {true, false}) {
            const auto read = co_await connection.read();
            HttpResponse response;
            response.status = 404;
            response.body = tests::must(read).target;
            response.headers = {{"Retry-After", "7"}};
            tests::must(co_await connection.write(response, keep_alive));
        }
    });
    asio::streambuf answer;
    ErrorCode ec;
    asio::read(peer, answer, ec);
    EXPECT_EQ(ec, asio::error::eof);
    const std::string text{std::istreambuf_iterator<char>(&answer), {}};
    const auto second = text.find("HTTP/1.1 404", 1);
    ASSERT_NE(second, std::string::npos) << text;
    const auto first = text.substr(0, second);
    EXPECT_TRUE(first.ends_with("\r\n\r\n/first")) << first;
    EXPECT_NE(first.find("Retry-After: 7\r\n"), std::string::npos);
    EXPECT_NE(first.find("Content-Length: 6\r\n"), std::string::npos);
    EXPECT_NE(text.find("Connection: close\r\n", second), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("\r\n\r\n/second"));
}

TEST_F(Http, SaysSoWhenThePeerLeftBeforeItsAnswer) {
    auto [peer, socket] = listener_.pair();
    HttpConnection connection(make_tcp_stream(std::move(socket)), limits_);
    peer.set_option(asio::socket_base::linger(true, 0));
    peer.close();
    run([&]() -> Task<void> {
        HttpResponse response;
        response.body = std::string(1'000'000, 'x');
        const auto written = co_await connection.write(response, true);
        EXPECT_EQ(written.has_error() ? written.error().code : Errc::internal, Errc::closed);
    });
}

TEST_F(Http, HandsItsStreamOverUnlessBytesFollowTheUpgrade) {
    const auto head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"s;
    for (const auto& more : {""s, "\x81\x80"s}) {
        auto [peer, socket] = listener_.pair();
        HttpConnection connection(make_tcp_stream(std::move(socket)), limits_);
        asio::write(peer, asio::buffer(head + more));
        run([&]() -> Task<void> { tests::must(co_await connection.read()); });
        const auto stream = connection.release();
        EXPECT_EQ(stream.has_value(), more.empty());
        if (!more.empty()) {
            EXPECT_EQ(stream.error().code, Errc::protocol);
        }
    }
}

}  // namespace
}  // namespace voicectl::net
