// SPDX-License-Identifier: Apache-2.0
// Expected failures as values. A function that can fail for reasons outside the program returns Result<T>;
// its error is a sentence that says what failed, where, and what to do. Broken invariants are VOICECTL_CHECK.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace voicectl::base {

/// What kind of failure it is; the command line turns it into an exit code, the gateway into a status or an
/// event.
enum class Errc {
    usage,              ///< the command line asks for something that does not exist
    malformed,          ///< input that breaks its own format
    not_found,          ///< a file or a name that is not there
    unavailable,        ///< a service that cannot be reached
    untrusted,          ///< a service that cannot prove who it is: its certificate is not accepted
    os,                 ///< the system refused: port in use, out of descriptors
    cannot_create,      ///< an output that cannot be created
    io,                 ///< reading or writing failed half way
    timed_out,          ///< a deadline passed; worth a retry
    protocol,           ///< the peer broke the protocol
    unauthorized,       ///< who asks is not known: no token, or one that does not hold
    forbidden,          ///< who asks is known, and may not
    too_large,          ///< over a limit of size
    overloaded,         ///< a queue or a quota is full
    closed,             ///< the other side is gone, or this one has ended
    bad_configuration,  ///< a setting that cannot work
    internal,           ///< a bug
};

std::string_view name_of(Errc code) noexcept;

struct Error {
    Errc code = Errc::internal;
    std::string detail;

    Error() = default;
    Error(Errc why, std::string sentence) : code(why), detail(std::move(sentence)) {}
};

/// Lets result.value() throw where a caller has decided that failure is a bug.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

/// `return fail(Errc::malformed, "line {}: no closing quote", line);`
template <class... Args>
Error fail(Errc code, fmt::format_string<Args...> sentence, Args&&... args) {
    return Error(code, fmt::format(sentence, std::forward<Args>(args)...));
}

[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace voicectl::base

/// An invariant that stays on in release builds.
#define VOICECTL_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::voicectl::base::check_failed(#condition, __FILE__, __LINE__))
