// SPDX-License-Identifier: Apache-2.0
#include "net/byte_stream.hpp"

#include "net/socket.hpp"

namespace voicectl::net {

void tune(tcp::socket& socket) noexcept {
    ErrorCode ignored;
    // A message over one segment would otherwise wait for the peer's delayed acknowledgement: 40 ms and more.
    socket.set_option(tcp::no_delay(true), ignored);
}

std::string name_of_peer(const tcp::socket& socket) {
    ErrorCode ec;
    const auto endpoint = socket.remote_endpoint(ec);
    if (ec) return "(gone)";
    const auto address = endpoint.address();
    return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), endpoint.port())
                           : fmt::format("{}:{}", address.to_string(), endpoint.port());
}

std::string name_of_peer(const UnixSocket& socket) {
    ErrorCode ec;
    const auto endpoint = socket.remote_endpoint(ec);
    return ec ? "(gone)" : endpoint.path();
}

namespace {

/// A stream without TLS.
template <class Socket>
class SocketStream final : public ByteStream {
 public:
    explicit SocketStream(Socket socket) : socket_(std::move(socket)) {}

    Executor get_executor() noexcept override { return executor_of(socket_); }
    Task<base::Result<void>> secure() override { co_return base::Result<void>(); }
    void close() noexcept override {
        ErrorCode ignored;
        socket_.close(ignored);
    }
    std::string peer_name() const override { return name_of_peer(socket_); }
    bool encrypted() const noexcept override { return false; }
    void shutdown_send() noexcept override {
        ErrorCode ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
    }

 protected:
    void start_read(asio::mutable_buffer buffer) override {
        socket_.async_read_some(buffer, [this](ErrorCode ec, std::size_t bytes) { read_done(ec, bytes); });
    }
    void start_write(const ConstBuffers& buffers, std::size_t) override {
        socket_.async_write_some(buffers, [this](ErrorCode ec, std::size_t bytes) { write_done(ec, bytes); });
    }

 private:
    Socket socket_;
};

}  // namespace

std::unique_ptr<ByteStream> make_tcp_stream(tcp::socket socket) {
    tune(socket);
    return std::make_unique<SocketStream<tcp::socket>>(std::move(socket));
}

std::unique_ptr<ByteStream> make_unix_stream(UnixSocket socket) {
    return std::make_unique<SocketStream<UnixSocket>>(std::move(socket));
}

}  // namespace voicectl::net
