// SPDX-License-Identifier: Apache-2.0
#include "config/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace voicectl::config {
namespace {

constexpr std::size_t bytes_min = 32;
constexpr std::string_view make_one = "make one with: openssl rand -base64 48";

/// Pieces of the secrets that examples and tutorials print, in lower case without anything but letters.
constexpr auto samples = std::to_array<std::string_view>({
    "changeme",
    "changethis",
    "replaceme",
    "replacethis",
    "yoursecret",
    "yoursupersecret",
    "yourjwtsecret",
    "yoursecuresecret",
    "yourverysecure",
    "placeholder",
    "examplesecret",
    "samplesecret",
    "secretkeyhere",
    "insertyour",
    "supersecretjwt",
    "mysupersecret",
    "verysecretkey",
    "donotuseinproduction",
});

bool is_sample(std::string_view secret) {
    std::string letters;
    for (const char c : secret) {
        if (c >= 'a' && c <= 'z') letters += c;
        if (c >= 'A' && c <= 'Z') letters += static_cast<char>(c - 'A' + 'a');
    }
    return std::ranges::any_of(
        samples, [&](std::string_view sample) { return letters.find(sample) != std::string::npos; });
}

/// Shannon's estimate from how often each byte stands in it, in bits a byte.
double entropy_of(std::string_view secret) {
    std::array<double, 256> counts{};
    for (const char c : secret)
        ++counts[static_cast<unsigned char>(c)];
    double bits = 0;
    const auto size = static_cast<double>(secret.size());
    for (const double count : counts)
        if (count > 0) bits -= count / size * std::log2(count / size);
    return bits;
}

/// Whether it is a shorter text over and over.
bool repeats(std::string_view secret) {
    for (std::size_t period = 1; period <= secret.size() / 2; ++period)
        if (secret.substr(period) == secret.substr(0, secret.size() - period)) return true;
    return false;
}

/// Whether most of it are neighbours in the alphabet or in counting: abcdef, 987654.
bool counts_up_or_down(std::string_view secret) {
    std::size_t neighbours = 0;
    for (std::size_t i = 1; i < secret.size(); ++i)
        if (std::abs(secret[i] - secret[i - 1]) == 1) ++neighbours;
    return neighbours * 2 > secret.size();
}

bool is_weak(std::string_view secret) {
    // 32 random hexadecimal digits have about 3.5 bits each.
    constexpr double bits_a_byte_min = 3.0;
    return entropy_of(secret) < bits_a_byte_min || repeats(secret) || counts_up_or_down(secret);
}

void check_secret(Loaded& loaded, std::string_view env, const std::string& secret) {
    if (is_sample(secret))
        loaded.report(Code::sample_secret, env, "is the secret of an example, which everybody can read",
                      std::string(make_one));
    else if (secret.size() < bytes_min)
        loaded.report(Code::short_secret, env,
                      fmt::format("has {} bytes; it needs at least {}", secret.size(), bytes_min),
                      std::string(make_one));
    else if (is_weak(secret))
        loaded.report(Code::weak_secret, env, "looks like words or a pattern, which can be guessed",
                      std::string(make_one));
}

}  // namespace

void check_secrets(Loaded& loaded) {
    const auto& settings = loaded.settings;
    if (settings.jwt_secret.empty())
        loaded.report(Code::missing, "JWT_SECRET", "is missing: callers' tokens are signed with it",
                      "set at least 32 random bytes: openssl rand -base64 48");
    else
        check_secret(loaded, "JWT_SECRET", settings.jwt_secret.reveal());
    if (!settings.jwt_secret_previous.empty())
        check_secret(loaded, "JWT_SECRET_PREVIOUS", settings.jwt_secret_previous.reveal());
}

}  // namespace voicectl::config
