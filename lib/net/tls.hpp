// SPDX-License-Identifier: Apache-2.0
// TLS 1.2 and 1.3 over a connected socket, by OpenSSL. A context may be shared by all threads once it is
// made.
#pragma once

#include "net/byte_stream.hpp"

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace voicectl::net {

class TlsContext {
 public:
    /// Verifies the peer against the system's authorities (SSL_CERT_FILE and SSL_CERT_DIR are honoured).
    static base::Result<TlsContext> client();
    /// Accepts whatever certificate is shown: for a peer of which nothing is believed and that gets no secret.
    static base::Result<TlsContext> client_without_verification();
    /// Serves with a certificate chain and its key, both PEM files.
    static base::Result<TlsContext> server(const std::string& certificate_file, const std::string& key_file);

    asio::ssl::context& native() const noexcept { return *context_; }

 private:
    explicit TlsContext(std::shared_ptr<asio::ssl::context> context) : context_(std::move(context)) {}
    std::shared_ptr<asio::ssl::context> context_;
};

/// A client's side, not yet secured: sends `host` as SNI and demands a certificate for it.
std::unique_ptr<ByteStream> make_tls_client_stream(tcp::socket socket, TlsContext context, std::string host);
/// A server's side, not yet secured.
std::unique_ptr<ByteStream> make_tls_server_stream(tcp::socket socket, TlsContext context);

}  // namespace voicectl::net
