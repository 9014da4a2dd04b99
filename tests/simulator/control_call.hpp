// SPDX-License-Identifier: Apache-2.0
// A simulator on a real socket whose control call is on, plain HTTP to it, and sessions with it.
#pragma once

#include "net/dial.hpp"
#include "simulator/protocol_error.hpp"
#include "simulator/simulator.hpp"
#include "support/coroutine_test.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace voicectl::simulator {

using tests::must;

struct Answer {
    int status = 0;
    std::string head;
    json::object body;
};

class SimulatorControl : public tests::CoroutineTest {
 protected:
    void start(Scenario scenario = {}, bool control = true) {
        scenario.recognise = false;
        scenario.timing.first_token = std::chrono::milliseconds(0);
        scenario.timing.pace = 0;
        Turn turn;
        turn.say = "An answer. And more.";
        scenario.turns.push_back(turn);
        SimulatorOptions options;
        options.scenario = std::move(scenario);
        options.control = control;
        options.record_folder = folder_.file("");
        simulator_ = must(Simulator::start(std::move(options)));
    }
    net::Task<Answer> call(std::string_view method, std::string_view target, std::string_view body = {},
                           std::string_view headers = {}) {
        net::tcp::socket socket(io_);
        const net::tcp::endpoint to(net::asio::ip::address_v4::loopback(), simulator_->port());
        co_await socket.async_connect(to, net::asio::use_awaitable);
        const auto request = fmt::format(
            "{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}Content-Length: {}\r\n\r\n{}",
            method, target, headers, body.size(), body);
        co_await net::asio::async_write(socket, net::asio::buffer(request), net::asio::use_awaitable);
        std::string all;
        auto into = net::asio::dynamic_buffer(all);
        co_await net::asio::async_read(socket, into, net::nothrow);
        Answer answer;
        const auto end = all.find("\r\n\r\n");
        answer.head = all.substr(0, end);
        answer.status = std::stoi(all.substr(9, 3));
        const auto text = all.substr(end + 4);
        if (!text.empty()) answer.body = json::parse(text).as_object();
        co_return answer;
    }
    net::Task<base::Result<std::unique_ptr<net::WebSocket>>> dial(std::string_view key) {
        net::DialOptions options;
        options.url = must(net::parse_url(simulator_->url() + "?model=gpt-realtime"));
        options.headers.emplace_back("Authorization", fmt::format("Bearer {}", key));
        options.limits.message_bytes_max = 4 * 1024 * 1024;
        co_return co_await net::dial(options);
    }
    net::Task<std::unique_ptr<net::WebSocket>> open(std::string_view key) {
        auto dialled = co_await dial(key);
        auto socket = must(std::move(dialled));
        co_await read_until(*socket, "session.created");
        co_return socket;
    }
    static net::Task<json::object> read_until(net::WebSocket& socket, std::string_view type) {
        while (true) {
            const auto message = must(co_await socket.read());
            auto event = json::parse(message.text()).as_object();
            if (text_of(event, "type") == type) co_return event;
        }
    }
    /// Reads to the end; the code it had.
    static net::Task<int> read_to_end(net::WebSocket& socket) {
        while (true) {
            const auto message = co_await socket.read();
            if (!message) co_return socket.close_reason().code;
        }
    }
    net::Task<json::object> session(std::size_t index) {
        const auto answer = co_await call("GET", "/simulator/sessions");
        co_return answer.body.at("sessions").at(index).as_object();
    }

    tests::TemporaryFolder folder_;
    std::unique_ptr<Simulator> simulator_;
};

}  // namespace voicectl::simulator
