// SPDX-License-Identifier: Apache-2.0
#include "simulator/listening.hpp"

#include "base/handle.hpp"

#include <pocketsphinx.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <span>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace voicectl::simulator {
namespace {

#define VOICECTL_MODEL "/usr/share/pocketsphinx/model/en-us/"
constexpr const char* acoustic_model = VOICECTL_MODEL "en-us";
constexpr const char* language_model = VOICECTL_MODEL "en-us.lm.bin";
constexpr const char* dictionary = VOICECTL_MODEL "cmudict-en-us.dict";
#undef VOICECTL_MODEL

constexpr int inherited_socket = 3;

/// 0 when the peer is gone.
bool read_all(void* into, std::size_t bytes) noexcept {
    auto* at = static_cast<char*>(into);
    while (bytes > 0) {
        const auto got = ::read(inherited_socket, at, bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        bytes -= static_cast<std::size_t>(got);
    }
    return true;
}

bool write_all(const void* from, std::size_t bytes) noexcept {
    const auto* at = static_cast<const char*>(from);
    while (bytes > 0) {
        const auto sent = ::send(inherited_socket, at, bytes, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent;
        bytes -= static_cast<std::size_t>(sent);
    }
    return true;
}

bool asker_is_gone() noexcept {
    pollfd watched{inherited_socket, POLLRDHUP, 0};
    return ::poll(&watched, 1, 0) > 0 && (watched.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/// The settings trade accuracy for answers in a fraction of the utterance's length.
ps_decoder_t* load_model() {
    cmd_ln_t* settings = cmd_ln_init(nullptr, ps_args(), TRUE, "-hmm", acoustic_model, "-lm", language_model,
                                     "-dict", dictionary, "-fwdflat", "no", "-bestpath", "no", "-ds", "2",
                                     "-topn", "2", "-maxhmmpf", "3000", "-logfn", "/dev/null", nullptr);
    if (settings == nullptr) return nullptr;
    auto* decoder = ps_init(settings);
    cmd_ln_free_r(settings);
    return decoder;
}

/// What the samples say; empty for nothing.
std::string understand(ps_decoder_t* decoder, std::span<const std::int16_t> samples) {
    constexpr std::size_t step = listening_rate / 4;
    if (ps_start_utt(decoder) < 0) return {};
    while (!samples.empty()) {
        // Nobody waits for this any more: the child must not outlive its parent by a long utterance.
        if (asker_is_gone()) _exit(0);
        const auto part = samples.first(std::min(step, samples.size()));
        ps_process_raw(decoder, part.data(), part.size(), FALSE, FALSE);
        samples = samples.subspan(part.size());
    }
    if (ps_end_utt(decoder) < 0) return {};
    const char* text = ps_get_hyp(decoder, nullptr);
    return text == nullptr ? std::string() : std::string(text);
}

[[noreturn]] void listen_until_closed() {
    ps_decoder_t* decoder = nullptr;
    std::vector<std::int16_t> samples;
    while (true) {
        ListeningHeader header;
        if (!read_all(&header, sizeof header)) _exit(0);
        samples.resize(header.bytes / sizeof(std::int16_t));
        if (!read_all(samples.data(), header.bytes)) _exit(0);
        if (decoder == nullptr) decoder = load_model();
        std::string text;
        if (decoder != nullptr && !samples.empty()) text = understand(decoder, samples);
        header.bytes = static_cast<std::uint32_t>(text.size());
        header.understood = decoder != nullptr ? 1 : 0;
        if (!write_all(&header, sizeof header) || !write_all(text.data(), text.size())) _exit(0);
    }
}

/// The child's first steps. It keeps nothing of its parent's: above all no listening socket, or the port
/// would stay taken. Every signal is blocked already, so the terminal's ^C leaves it alone until its socket
/// closes.
[[noreturn]] void become_listener(int socket) {
    if (socket != inherited_socket) ::dup2(socket, inherited_socket);
    ::close_range(inherited_socket + 1, ~0U, 0);
    ::prctl(PR_SET_NAME, "sim-listener");
    listen_until_closed();
}

}  // namespace

bool can_listen() noexcept {
    for (const char* file : {acoustic_model, language_model, dictionary})
        if (::access(file, R_OK) != 0) return false;
    return true;
}

base::Result<ListeningProcess> start_listening() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return base::fail(base::Errc::os, "cannot make a socket to the listening process: {}",
                          std::strerror(errno));
    sigset_t all{};
    sigset_t before{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) become_listener(ends[1]);
    const int why = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::close(ends[1]);
    if (pid < 0) {
        ::close(ends[0]);
        return base::fail(base::Errc::os, "cannot start the listening process: {}", std::strerror(why));
    }
    return ListeningProcess{pid, ends[0]};
}

void end_listening(ListeningProcess& process) noexcept {
    if (process.socket >= 0) ::close(process.socket);
    process.socket = -1;
    if (process.pid <= 0) return;
    ::kill(process.pid, SIGKILL);
    while (::waitpid(process.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    process.pid = -1;
}

}  // namespace voicectl::simulator
