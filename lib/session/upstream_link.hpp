// SPDX-License-Identifier: Apache-2.0
// One session's way to the speech model: the upstream that is spoken to, and now and then another that is to
// take its place. Opens, retries, decodes and closes; when to change is the Conversation's to say. Lives on
// the session's worker.
#pragma once

#include "net/deadline.hpp"
#include "net/websocket.hpp"
#include "realtime/server_event.hpp"
#include "session/upstream_source.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::session {

struct UpstreamLinkOptions {
    std::shared_ptr<UpstreamSource> source;
    std::string tenant_id;
    /// How long another upstream is tried for before it counts as refused.
    std::chrono::milliseconds patience{std::chrono::seconds(30)};
};

class UpstreamLink {
 public:
    class Listener {
     public:
        /// Of the upstream that is spoken to. The event's views hold for the call.
        virtual void upstream_said(const realtime::ServerEvent& event) = 0;
        /// It has closed, or was lost.
        virtual void upstream_lost(std::string_view why) = 0;
        /// Another one is there.
        virtual void upstream_opened() = 0;
        /// The first one is waited for.
        virtual void upstream_awaited(std::size_t position, std::chrono::milliseconds eta) = 0;
        /// Another one cannot be had, or has gone before it was taken.
        virtual void upstream_refused(std::string_view why) = 0;
        /// The listener threw: a bug.
        virtual void upstream_failed(std::string_view what) = 0;

     protected:
        ~Listener() = default;
    };

    using Greeted = boost::system::result<void, UpstreamRefusal>;

    UpstreamLink(net::Executor executor, UpstreamLinkOptions options, Listener& listener);
    ~UpstreamLink();
    UpstreamLink(const UpstreamLink&) = delete;
    UpstreamLink& operator=(const UpstreamLink&) = delete;

    /// Opens the first one, with another key where one is refused.
    net::Task<Greeted> open();
    /// Begins to open another, and tells the listener how that ended.
    void open_another();
    /// The other one is spoken to from now on; the one before is closed.
    void swap();
    void send(std::string_view text, net::Delivery delivery);

    /// Ends everything; nothing is told to the listener any more.
    void close();
    /// Waits until nothing refers to this any more, after close().
    net::Task<void> closed();

 private:
    struct Connection;

    using Opened = boost::system::result<std::shared_ptr<Connection>, UpstreamRefusal>;

    /// With one key.
    net::Task<Opened> try_once(bool first);
    net::Task<Greeted> greet(Connection& connection);
    net::Task<void> open_with_patience();
    net::Task<void> read(std::shared_ptr<Connection> connection);
    /// What an event says of the key.
    static void learn(Connection& connection, const realtime::ServerEvent& event);
    void ended(Connection& connection);
    void start(net::Task<void> task);

    net::Executor executor_;
    UpstreamLinkOptions options_;
    Listener& listener_;
    std::shared_ptr<Connection> current_;
    std::shared_ptr<Connection> other_;
    std::shared_ptr<net::DialCancel> give_up_ = std::make_shared<net::DialCancel>();
    net::Notifier changed_;
    std::vector<std::weak_ptr<Connection>> connections_;  ///< all that have not ended
    int running_ = 0;                                     ///< coroutines
    bool closing_ = false;
};

}  // namespace voicectl::session
