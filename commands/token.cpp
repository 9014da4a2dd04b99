// SPDX-License-Identifier: Apache-2.0
#include "commands/token.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

namespace voicectl::commands {
namespace {

constexpr std::size_t token_bytes_max = 16 * 1024;

base::Result<base::Secret> from_stream(std::istream& stream, const std::string& name) {
    std::string text(token_bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > token_bytes_max)
        return base::fail(base::Errc::malformed, "{}: over {} bytes, which no token has", name,
                          token_bytes_max);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.pop_back();
    if (text.empty()) return base::fail(base::Errc::malformed, "{}: it holds no token", name);
    for (const char c : text)
        if (c <= ' ' || c == 0x7f)
            return base::fail(base::Errc::malformed, "{}: it holds more than one token, or something else",
                              name);
    return base::Secret(std::move(text));
}

}  // namespace

base::Result<base::Secret> read_token(const std::string& file) {
    if (file == "-") return from_stream(std::cin, "stdin");
    if (!file.empty()) {
        std::ifstream stream(file, std::ios::binary);
        if (!stream) return base::fail(base::Errc::not_found, "{}: cannot read the token from it", file);
        return from_stream(stream, file);
    }
    const char* value = std::getenv(std::string(token_variable).c_str());
    return base::Secret(value == nullptr ? "" : value);
}

}  // namespace voicectl::commands
