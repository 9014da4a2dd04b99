// SPDX-License-Identifier: Apache-2.0
// A real Redis that a test starts, in memory, on a free port of the loopback and a socket of its own folder.
#pragma once

#include "storage/redis_url.hpp"
#include "support/loopback.hpp"
#include "support/process.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace voicectl::tests {

/// Options of one that speaks TLS on `port`, with a certificate for localhost.
inline std::vector<std::string> speaking_tls(const PrivateAuthority& authority, std::uint16_t port) {
    return {"--tls-port",         std::to_string(port),
            "--tls-cert-file",    authority.file("localhost.pem"),
            "--tls-key-file",     authority.file("localhost.key"),
            "--tls-ca-cert-file", authority.file("ca.pem"),
            "--tls-auth-clients", "no"};
}

class RedisServer {
 public:
    explicit RedisServer(std::vector<std::string> options = {}) : options_(std::move(options)) {
        // Somebody else may take the port between the look for it and its use.
        for (int attempt = 0; attempt < 5; ++attempt) {
            port_ = free_port();
            if (start()) return;
        }
        throw std::runtime_error("redis-server did not start:\n" + process_->said());
    }
    ~RedisServer() {
        if (process_ == nullptr) return;
        resume();
        process_->end(SIGTERM);
    }

    /// It answers nobody until resume(), though the system takes connections for it.
    void pause() { process_->send(SIGSTOP); }
    void resume() { process_->send(SIGCONT); }
    /// Ends it without a word; restart() then brings an empty one to the same place.
    void kill() {
        process_->end(SIGKILL);
        process_.reset();
    }
    void restart() {
        if (!start()) throw std::runtime_error("redis-server did not start again:\n" + process_->said());
    }

    std::uint16_t port() const { return port_; }
    std::string socket() const { return folder_.file("redis.sock"); }
    /// `who` as in the URL: "user:password@", or nothing.
    base::Secret url(const std::string& who = "", const std::string& path = "") const {
        return base::Secret("redis://" + who + "127.0.0.1:" + std::to_string(port_) + path);
    }

 private:
    bool start() {
        std::vector<std::string> command{
            "redis-server", "--bind", "127.0.0.1",     "--port", std::to_string(port_),
            "--unixsocket", socket(), "--save",        "",       "--appendonly",
            "no",           "--dir",  folder_.file("")};
        command.insert(command.end(), options_.begin(), options_.end());
        process_ = std::make_unique<Process>(command);
        return process_->says("Ready to accept connections");
    }

    std::vector<std::string> options_;
    TemporaryFolder folder_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> process_;
};

}  // namespace voicectl::tests
