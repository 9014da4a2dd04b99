// SPDX-License-Identifier: Apache-2.0
// Connections from this thread to itself: a listening socket, pairs of streams, and a private authority for
// TLS.
#pragma once

#include "net/byte_stream.hpp"
#include "net/tls.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdlib.h>
#include <string>
#include <utility>

namespace voicectl::tests {

/// Listens on a port of its own; the kernel completes connections before anybody accepts them.
class LoopbackListener {
 public:
    explicit LoopbackListener(net::asio::io_context& io)
        : acceptor_(io, net::tcp::endpoint(net::asio::ip::address_v4::loopback(), 0)) {}

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    net::tcp::acceptor& acceptor() { return acceptor_; }

    /// Both ends of a new connection: the client's, then the server's.
    std::pair<net::tcp::socket, net::tcp::socket> pair() {
        net::tcp::socket client(acceptor_.get_executor());
        client.connect(acceptor_.local_endpoint());
        return {std::move(client), acceptor_.accept()};
    }

 private:
    net::tcp::acceptor acceptor_;
};

/// A certificate authority, and a certificate for `localhost` that it signed. While this lives, the authority
/// is the only one that client contexts made by this process accept.
class PrivateAuthority {
 public:
    PrivateAuthority() {
        std::ofstream(folder_.file("localhost.cnf"))
            << "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n";
        const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";
        shell("openssl req -x509 -days 2 -subj '/CN=an authority of this test' -keyout ca.key -out ca.pem" +
              key);
        shell("openssl req -new -subj /CN=localhost -keyout localhost.key -out localhost.csr" + key);
        shell(
            "openssl x509 -req -days 2 -in localhost.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
            " -extfile localhost.cnf -out localhost.pem");
        trust(folder_.file("ca.pem"));
    }
    ~PrivateAuthority() {
        ::unsetenv("SSL_CERT_FILE");
        ::unsetenv("SSL_CERT_DIR");
    }

    /// From now on, new client contexts accept nobody.
    void forget() { trust(folder_.file("none.pem")); }
    net::TlsContext server() const {
        return net::TlsContext::server(folder_.file("localhost.pem"), folder_.file("localhost.key")).value();
    }
    std::string file(const std::string& name) const { return folder_.file(name); }

 private:
    void shell(const std::string& command) {
        const auto quiet = "cd " + folder_.file("") + " && " + command + " >openssl.log 2>&1";
        if (std::system(quiet.c_str()) != 0) throw std::runtime_error("this failed: " + command);
    }
    void trust(const std::string& authorities) {
        ::setenv("SSL_CERT_FILE", authorities.c_str(), 1);
        ::setenv("SSL_CERT_DIR", folder_.file("no-such-folder").c_str(), 1);
    }
    TemporaryFolder folder_;
};

}  // namespace voicectl::tests
