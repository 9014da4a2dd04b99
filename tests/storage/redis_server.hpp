// SPDX-License-Identifier: Apache-2.0
// A real Redis that a test starts, in memory, on a free port of the loopback and a socket of its own folder.
#pragma once

#include "storage/redis_url.hpp"
#include "support/process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace voicectl::tests {

class RedisServer {
 public:
    explicit RedisServer(const std::vector<std::string>& options = {}) {
        // Somebody else may take the port between the look for it and its use.
        for (int attempt = 0; attempt < 5; ++attempt) {
            port_ = free_port();
            std::vector<std::string> command{
                "redis-server", "--bind", "127.0.0.1",     "--port", std::to_string(port_),
                "--unixsocket", socket(), "--save",        "",       "--appendonly",
                "no",           "--dir",  folder_.file("")};
            for (const auto& option : options)
                command.push_back(option);
            process_ = std::make_unique<Process>(command);
            if (process_->says("Ready to accept connections")) return;
        }
        throw std::runtime_error("redis-server did not start:\n" + process_->said());
    }
    ~RedisServer() { process_->end(SIGTERM); }

    std::uint16_t port() const { return port_; }
    std::string socket() const { return folder_.file("redis.sock"); }
    /// `who` as in the URL: "user:password@", or nothing.
    base::Secret url(const std::string& who = "", const std::string& path = "") const {
        return base::Secret("redis://" + who + "127.0.0.1:" + std::to_string(port_) + path);
    }

 private:
    TemporaryFolder folder_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> process_;
};

}  // namespace voicectl::tests
