// SPDX-License-Identifier: Apache-2.0
#include "config/file.hpp"

#include "base/time.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace voicectl::config {
namespace {

using base::Errc;
using base::fail;

constexpr std::size_t bytes_max = 1024 * 1024;
constexpr std::chrono::seconds patience{10};

/// Closes what it has opened itself.
class Descriptor {
 public:
    Descriptor(int number, bool owned) : number_(number), owned_(owned) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (owned_ && number_ >= 0) ::close(number_);
    }
    int get() const noexcept { return number_; }

 private:
    int number_;
    bool owned_;
};

base::Error system_error() {
    const int error = errno;
    return fail(error == ENOENT || error == ENOTDIR ? Errc::not_found : Errc::io, "{}", std::strerror(error));
}

/// Whether there is something to read before the time is over.
bool ready_by(int file, base::Time end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - base::now()).count();
    pollfd entry{file, POLLIN, 0};
    return left > 0 && ::poll(&entry, 1, static_cast<int>(left)) > 0;
}

base::Result<std::string> read_all(int file) {
    const auto end = base::now() + patience;
    std::string text;
    while (true) {
        if (!ready_by(file, end))
            return fail(Errc::timed_out, "nothing came from it within {} s", patience.count());
        char chunk[16384];
        const auto got = ::read(file, chunk, sizeof chunk);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) return system_error();
        if (got == 0) return text;
        text.append(chunk, static_cast<std::size_t>(got));
        if (text.size() > bytes_max) return fail(Errc::too_large, "it is over 1 MiB, which no such file is");
    }
}

}  // namespace

base::Result<std::string> read_text_file(const std::string& path) {
    const bool standard_input = path == "-";
    const Descriptor file(
        standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
        !standard_input);
    if (file.get() < 0) return system_error();
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) return system_error();
    if (S_ISDIR(facts.st_mode)) return fail(Errc::io, "it is a directory");
    if (S_ISREG(facts.st_mode) && facts.st_size > static_cast<off_t>(bytes_max))
        return fail(Errc::too_large, "it is over 1 MiB, which no such file is");
    return read_all(file.get());
}

bool is_open_to_others(const std::string& path) noexcept {
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
           (facts.st_mode & (S_IROTH | S_IWOTH)) != 0;
}

}  // namespace voicectl::config
