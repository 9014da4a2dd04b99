// SPDX-License-Identifier: Apache-2.0
#include "config/machine.hpp"

#include "base/number.hpp"
#include "config/text.hpp"

#include <fstream>
#include <iterator>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

namespace voicectl::config {
namespace {

const std::string cgroup_root = "/sys/fs/cgroup";

std::string read_small(const std::string& path) {
    std::ifstream file(path);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return std::string(trim(text));
}

/// The least limit from this process's cgroup up to the root (cgroup v2), or the one of v1's memory
/// controller.
std::optional<std::uint64_t> cgroup_limit() {
    std::optional<std::uint64_t> least =
        base::parse_number<std::uint64_t>(read_small(cgroup_root + "/memory/memory.limit_in_bytes"));
    const auto membership = read_small("/proc/self/cgroup");
    auto path =
        membership.starts_with("0::") ? membership.substr(3, membership.find('\n') - 3) : std::string();
    while (true) {
        const auto limit = base::parse_number<std::uint64_t>(read_small(cgroup_root + path + "/memory.max"));
        if (limit && (!least || *limit < *least)) least = limit;
        if (path.empty()) return least;
        path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
    }
}

}  // namespace

Machine read_machine() {
    Machine machine;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max != RLIM_INFINITY)
        machine.descriptors = limit.rlim_max;
    const auto pages = ::sysconf(_SC_PHYS_PAGES);
    const auto page = ::sysconf(_SC_PAGE_SIZE);
    if (pages > 0 && page > 0)
        machine.memory_bytes = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
    machine.memory_of = "the machine";
    if (const auto bytes = cgroup_limit();
        bytes && (machine.memory_bytes == 0 || *bytes < machine.memory_bytes)) {
        machine.memory_bytes = *bytes;
        machine.memory_of = "the cgroup";
    }
    return machine;
}

}  // namespace voicectl::config
