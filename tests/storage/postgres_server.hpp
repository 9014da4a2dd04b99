// SPDX-License-Identifier: Apache-2.0
// A real PostgreSQL that a test starts: a cluster in a folder of its own, on a free port of the loopback,
// with TLS. It refuses to run as root, and so runs as Debian's user `postgres` then.
#pragma once

#include "support/loopback.hpp"
#include "support/process.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace voicectl::tests {

class PostgresServer {
 public:
    static constexpr auto user = "voice";
    static constexpr auto password = "a-word-nobody-may-read";

    PostgresServer() {
        give(folder_.file(""), account);
        std::ofstream(folder_.file("password")) << password << '\n';
        give(folder_.file("password"), account);
        for (const auto* name : {"localhost.pem", "localhost.key"}) {
            std::filesystem::copy_file(authority_.file(name), folder_.file(name));
            std::filesystem::permissions(folder_.file(name), std::filesystem::perms::owner_read);
            give(folder_.file(name), account);
        }
        Process made({program("initdb"), "-D", data(), "-U", user, "-A", "scram-sha-256", "--pwfile",
                      folder_.file("password"), "-E", "UTF8", "--locale", "C", "--no-sync"},
                     account);
        if (made.finish() != 0) throw std::runtime_error("initdb failed:\n" + made.said());
        start();
    }
    ~PostgresServer() {
        // Fast shutdown: it ends its children and takes its shared memory with it.
        process_->end(SIGINT);
    }

    std::uint16_t port() const { return port_; }
    /// Holds the socket; libpq takes it for a host.
    std::string folder() const { return folder_.file("."); }
    std::string file(const std::string& name) const { return authority_.file(name); }
    /// `who` and `host` as in the URL, `rest` from the '/' on.
    std::string url(const std::string& rest, const std::string& host = "127.0.0.1",
                    std::string who = "") const {
        if (who.empty()) who = std::string(user) + ":" + password;
        return "postgresql://" + who + "@" + host + ":" + std::to_string(port_) + rest;
    }
    /// A psql that runs beside the test.
    std::unique_ptr<Process> psql(const std::string& database,
                                  const std::vector<std::string>& statements) const {
        std::vector<std::string> command{program("psql"), "-X", "-v", "ON_ERROR_STOP=1", url("/" + database)};
        for (const auto& statement : statements) {
            command.emplace_back("-c");
            command.push_back(statement);
        }
        return std::make_unique<Process>(command);
    }
    void run(const std::string& database, const std::vector<std::string>& statements) const {
        const auto process = psql(database, statements);
        if (process->finish() != 0) throw std::runtime_error("psql failed:\n" + process->said());
    }

 private:
    static constexpr auto account = "postgres";

    void start() {
        // Somebody else may take the port between the look for it and its use.
        for (int attempt = 0; attempt < 5; ++attempt) {
            port_ = free_port();
            process_ = std::make_unique<Process>(
                std::vector<std::string>{program("postgres"), "-D", data(), "-p", std::to_string(port_), "-h",
                                         "127.0.0.1", "-k", folder_.file(""), "-F", "-c", "ssl=on", "-c",
                                         "ssl_cert_file=" + folder_.file("localhost.pem"), "-c",
                                         "ssl_key_file=" + folder_.file("localhost.key")},
                account);
            if (process_->says("database system is ready to accept connections")) return;
        }
        throw std::runtime_error("postgres did not start:\n" + process_->said());
    }
    std::string data() const { return folder_.file("data"); }
    /// Debian keeps the programs of each version in a folder that is on nobody's PATH.
    static std::string program(const std::string& name) {
        std::string found = name;
        std::error_code ignored;
        for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored))
            if (const auto path = version.path() / "bin" / name; std::filesystem::exists(path)) found = path;
        return found;
    }

    PrivateAuthority authority_;
    TemporaryFolder folder_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> process_;
};

}  // namespace voicectl::tests
