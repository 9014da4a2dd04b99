// SPDX-License-Identifier: Apache-2.0
// A program that runs beside a test, on this machine only. It is waited for by what it says, and ended by its
// own id; the kernel ends it if the test dies first.
#pragma once

#include "support/temporary_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace voicectl::tests {

/// A port that nobody has now.
inline std::uint16_t free_port() {
    using boost::asio::ip::tcp;
    boost::asio::io_context io;
    const tcp::acceptor acceptor(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    return acceptor.local_endpoint().port();
}

class Process {
 public:
    /// `as_user` counts for root only: some programs refuse to run as root.
    explicit Process(std::vector<std::string> command, const std::string& as_user = "") {
        std::vector<std::string> words{"setpriv", "--pdeathsig", "KILL"};
        if (!as_user.empty() && ::geteuid() == 0)
            for (const auto* word : {"--reuid", "USER", "--regid", "USER", "--init-groups"})
                words.emplace_back(word == std::string_view("USER") ? as_user : word);
        words.emplace_back("--");
        words.insert(words.end(), command.begin(), command.end());
        start(words);
    }
    ~Process() {
        if (id_ > 0) end(SIGKILL);
        ::close(output_);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Reads what it says until `text` is in it; false if it ends before, or says nothing of the kind in
    /// time.
    bool says(std::string_view text) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (said_.find(text) == std::string::npos)
            if (!read_more(until)) return false;
        return true;
    }
    const std::string& said() const noexcept { return said_; }

    /// Waits for its end and gives its exit code, or minus the signal's number.
    int finish() {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (read_more(until)) {
        }
        if (std::chrono::steady_clock::now() >= until) ::kill(id_, SIGKILL);
        int status = 0;
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
        }
        id_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    int end(int signal) {
        send(signal);
        return finish();
    }
    /// Nothing after its end: 0 would be this process and all its kin.
    void send(int signal) {
        if (id_ > 0) ::kill(id_, signal);
    }

 private:
    static constexpr std::chrono::seconds patience{60};

    void start(std::vector<std::string>& words) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        output_ = ends[0];
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
        std::vector<char*> arguments;
        for (auto& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const int failed =
            ::posix_spawnp(&id_, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        if (failed != 0) throw std::runtime_error("cannot start " + words[0]);
    }
    /// False at the end of its output, and past the time.
    bool read_more(std::chrono::steady_clock::time_point until) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd wait{output_, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) return false;
        std::array<char, 4096> room{};
        const auto bytes = ::read(output_, room.data(), room.size());
        if (bytes <= 0) return false;
        said_.append(room.data(), static_cast<std::size_t>(bytes));
        return true;
    }

    pid_t id_ = 0;
    int output_ = -1;
    std::string said_;
};

/// Gives a file or a folder to the user that a Process runs as.
inline void give(const std::string& path, const std::string& user) {
    if (::geteuid() != 0) return;
    const auto* entry = ::getpwnam(user.c_str());
    if (entry == nullptr || ::chown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0)
        throw std::runtime_error("cannot give " + path + " to " + user);
}

}  // namespace voicectl::tests
