// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace voicectl::base {

std::string_view name_of(Errc code) noexcept {
    switch (code) {
        case Errc::usage:
            return "usage";
        case Errc::malformed:
            return "malformed";
        case Errc::not_found:
            return "not found";
        case Errc::unavailable:
            return "unavailable";
        case Errc::untrusted:
            return "untrusted";
        case Errc::os:
            return "system";
        case Errc::cannot_create:
            return "cannot create";
        case Errc::io:
            return "input/output";
        case Errc::timed_out:
            return "timed out";
        case Errc::protocol:
            return "protocol";
        case Errc::unauthorized:
            return "unauthorized";
        case Errc::forbidden:
            return "forbidden";
        case Errc::too_large:
            return "too large";
        case Errc::overloaded:
            return "overloaded";
        case Errc::closed:
            return "closed";
        case Errc::bad_configuration:
            return "bad configuration";
        case Errc::internal:
            return "internal";
    }
    return "internal";
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    throw std::runtime_error(
        fmt::format("{}:{}: {}: {}", where.file_name(), where.line(), name_of(error.code), error.detail));
}

void check_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "voicectl: bug: %s:%d: %s does not hold\n", file, line, condition);
    std::abort();
}

}  // namespace voicectl::base
