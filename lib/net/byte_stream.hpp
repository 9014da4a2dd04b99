// SPDX-License-Identifier: Apache-2.0
// TCP or TLS behind one type, so that everything above (HTTP, websocket) is compiled once. A stream lives on
// its worker's thread; one read and one write may be under way at a time. Nagle's algorithm is off on every
// stream.
#pragma once

#include "net/task.hpp"

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace voicectl::net {

/// Holds one completion handler of any type, in place where it fits: no allocation a read or a write.
class HandlerSlot {
 public:
    HandlerSlot() = default;
    HandlerSlot(const HandlerSlot&) = delete;
    HandlerSlot& operator=(const HandlerSlot&) = delete;
    ~HandlerSlot() {
        if (act_ != nullptr) act_(*this, Act::drop, {}, 0);
    }

    template <class Handler>
    void put(Handler&& handler) {
        using Kept = std::decay_t<Handler>;
        VOICECTL_CHECK(act_ == nullptr);
        if constexpr (sizeof(Kept) <= room && alignof(Kept) <= alignof(std::max_align_t)) {
            kept_ = ::new (static_cast<void*>(storage_)) Kept(std::forward<Handler>(handler));
            act_ = &run<Kept, false>;
        } else {
            kept_ = new Kept(std::forward<Handler>(handler));
            act_ = &run<Kept, true>;
        }
    }
    /// Calls the handler; the slot is free again before it runs.
    void complete(ErrorCode ec, std::size_t bytes) { act_(*this, Act::call, ec, bytes); }

 private:
    enum class Act { call, drop };
    static constexpr std::size_t room = 512;

    template <class Kept, bool on_heap>
    static void run(HandlerSlot& slot, Act act, ErrorCode ec, std::size_t bytes) {
        auto* kept = static_cast<Kept*>(slot.kept_);
        Kept handler(std::move(*kept));
        if constexpr (on_heap)
            delete kept;
        else
            kept->~Kept();
        slot.act_ = nullptr;
        if (act == Act::call) std::move(handler)(ec, bytes);
    }

    void (*act_)(HandlerSlot&, Act, ErrorCode, std::size_t) = nullptr;
    void* kept_ = nullptr;
    alignas(std::max_align_t) std::byte storage_[room];
};

class ByteStream {
 public:
    virtual ~ByteStream() = default;

    virtual Executor get_executor() noexcept = 0;
    /// The TLS handshake; at once done where there is none. Its time limit is the caller's, who closes the
    /// stream.
    virtual Task<base::Result<void>> secure() = 0;
    /// Aborts what is under way; every pending operation ends with an error. May be called more than once.
    virtual void close() noexcept = 0;
    /// "127.0.0.1:51234", for logs and limits.
    virtual std::string peer_name() const = 0;
    virtual bool encrypted() const noexcept = 0;
    /// Says to the peer that no more will be sent, without waiting for its answer.
    virtual void shutdown_send() noexcept = 0;

    template <class Buffers, class Handler>
    void read_some(const Buffers& buffers, Handler&& handler) {
        read_slot_.put(std::forward<Handler>(handler));
        start_read(first_buffer(buffers));
    }
    template <class Buffers, class Handler>
    void write_some(const Buffers& buffers, Handler&& handler) {
        write_slot_.put(std::forward<Handler>(handler));
        ConstBuffers some{};
        std::size_t count = 0;
        const auto end = asio::buffer_sequence_end(buffers);
        for (auto it = asio::buffer_sequence_begin(buffers); it != end && count < some.size(); ++it) {
            const asio::const_buffer buffer(*it);
            if (buffer.size() > 0) some[count++] = buffer;
        }
        start_write(some, count);
    }

 protected:
    using ConstBuffers = std::array<asio::const_buffer, 8>;

    virtual void start_read(asio::mutable_buffer buffer) = 0;
    virtual void start_write(const ConstBuffers& buffers, std::size_t count) = 0;

    void read_done(ErrorCode ec, std::size_t bytes) { read_slot_.complete(ec, bytes); }
    void write_done(ErrorCode ec, std::size_t bytes) { write_slot_.complete(ec, bytes); }

 private:
    template <class Buffers>
    static asio::mutable_buffer first_buffer(const Buffers& buffers) {
        const auto end = asio::buffer_sequence_end(buffers);
        for (auto it = asio::buffer_sequence_begin(buffers); it != end; ++it) {
            const asio::mutable_buffer buffer(*it);
            if (buffer.size() > 0) return buffer;
        }
        return {};
    }

    HandlerSlot read_slot_;
    HandlerSlot write_slot_;
};

/// The shape that Asio's and Beast's algorithms ask of a stream, over a ByteStream that it owns.
class AnyStream {
 public:
    using executor_type = Executor;

    explicit AnyStream(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}

    executor_type get_executor() const noexcept { return stream_->get_executor(); }
    ByteStream& bytes() noexcept { return *stream_; }
    bool holds() const noexcept { return stream_ != nullptr; }
    std::unique_ptr<ByteStream> release() noexcept { return std::move(stream_); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(Read{}, token, stream_.get(),
                                                                         buffers);
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(Write{}, token, stream_.get(),
                                                                         buffers);
    }

 private:
    struct Read {
        template <class Handler, class Buffers>
        void operator()(Handler&& handler, ByteStream* stream, const Buffers& buffers) const {
            stream->read_some(buffers, std::forward<Handler>(handler));
        }
    };
    struct Write {
        template <class Handler, class Buffers>
        void operator()(Handler&& handler, ByteStream* stream, const Buffers& buffers) const {
            stream->write_some(buffers, std::forward<Handler>(handler));
        }
    };

    std::unique_ptr<ByteStream> stream_;
};

/// Wraps a connected socket.
std::unique_ptr<ByteStream> make_tcp_stream(tcp::socket socket);

}  // namespace voicectl::net
