// SPDX-License-Identifier: Apache-2.0
#include "net/tls.hpp"

#include "net/socket.hpp"

#include <boost/asio/ssl.hpp>

#include <cstring>
#include <vector>

namespace voicectl::net {
namespace {

using base::Errc;
using base::fail;

class TlsStream final : public ByteStream {
 public:
    /// An empty `host` is the server's side.
    TlsStream(tcp::socket socket, TlsContext context, std::string host)
        : context_(std::move(context)),
          stream_(std::move(socket), context_.native()),
          host_(std::move(host)) {
        tune(stream_.next_layer());
        // A silent session gives its 34 kB of record buffers back.
        SSL_set_mode(stream_.native_handle(), SSL_MODE_RELEASE_BUFFERS);
        if (host_.empty()) return;
        SSL_set_tlsext_host_name(stream_.native_handle(), host_.c_str());
        ErrorCode ignored;
        stream_.set_verify_callback(asio::ssl::host_name_verification(host_), ignored);
    }

    Task<base::Result<void>> secure() override {
        const auto role = host_.empty() ? asio::ssl::stream_base::server : asio::ssl::stream_base::client;
        auto [ec] = co_await stream_.async_handshake(role, nothrow);
        if (!ec) co_return base::Result<void>();
        const auto with = host_.empty() ? peer_name() : host_;
        const long verdict = SSL_get_verify_result(stream_.native_handle());
        if (verdict != X509_V_OK)
            co_return fail(Errc::untrusted, "TLS with {}: its certificate is not accepted: {}", with,
                           X509_verify_cert_error_string(verdict));
        co_return fail(Errc::unavailable, "TLS with {} failed: {}", with, ec.message());
    }

    Executor get_executor() noexcept override { return executor_of(stream_.next_layer()); }
    void close() noexcept override {
        ErrorCode ignored;
        stream_.next_layer().close(ignored);
    }
    std::string peer_name() const override { return name_of_peer(stream_.next_layer()); }
    bool encrypted() const noexcept override { return true; }
    void shutdown_send() noexcept override {
        ErrorCode ignored;
        stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
    }

 protected:
    void start_read(asio::mutable_buffer buffer) override {
        stream_.async_read_some(buffer, [this](ErrorCode ec, std::size_t bytes) { read_done(ec, bytes); });
    }
    void start_write(const ConstBuffers& buffers, std::size_t count) override {
        asio::const_buffer whole = count == 0 ? asio::const_buffer() : buffers[0];
        if (count > 1) {
            // OpenSSL makes a record of each buffer: a frame's head and body belong into one.
            record_.clear();
            for (std::size_t i = 0; i < count; ++i) {
                const auto* from = static_cast<const std::byte*>(buffers[i].data());
                record_.insert(record_.end(), from,
                               from + std::min(buffers[i].size(), record_max - record_.size()));
            }
            whole = asio::buffer(record_);
        }
        stream_.async_write_some(whole, [this](ErrorCode ec, std::size_t bytes) { write_done(ec, bytes); });
    }

 private:
    static constexpr std::size_t record_max = 16384;

    TlsContext context_;
    asio::ssl::stream<tcp::socket> stream_;
    std::string host_;
    std::vector<std::byte> record_;
};

}  // namespace

base::Result<TlsContext> TlsContext::client() {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    ErrorCode ec;
    context->set_verify_mode(asio::ssl::verify_peer, ec);
    context->set_default_verify_paths(ec);
    if (ec) return fail(Errc::os, "cannot read the system's certificate authorities: {}", ec.message());
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    return TlsContext(std::move(context));
}

base::Result<TlsContext> TlsContext::client_without_verification() {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    ErrorCode ec;
    context->set_verify_mode(asio::ssl::verify_none, ec);
    if (ec) return fail(Errc::os, "cannot set TLS up: {}", ec.message());
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    return TlsContext(std::move(context));
}

base::Result<TlsContext> TlsContext::server(const std::string& certificate_file,
                                            const std::string& key_file) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    ErrorCode ec;
    context->use_certificate_chain_file(certificate_file, ec);
    if (ec)
        return fail(Errc::bad_configuration, "cannot use the certificate file {}: {}", certificate_file,
                    ec.message());
    context->use_private_key_file(key_file, asio::ssl::context::pem, ec);
    if (ec)
        return fail(Errc::bad_configuration, "cannot use the key file {} with certificate {}: {}", key_file,
                    certificate_file, ec.message());
    return TlsContext(std::move(context));
}

std::unique_ptr<ByteStream> make_tls_client_stream(tcp::socket socket, TlsContext context, std::string host) {
    return std::make_unique<TlsStream>(std::move(socket), std::move(context), std::move(host));
}

std::unique_ptr<ByteStream> make_tls_server_stream(tcp::socket socket, TlsContext context) {
    return std::make_unique<TlsStream>(std::move(socket), std::move(context), std::string());
}

}  // namespace voicectl::net
