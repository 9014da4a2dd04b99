// SPDX-License-Identifier: Apache-2.0
#include "config/file.hpp"
#include "net/certificate.hpp"
#include "server/preflight.hpp"
#include "simulator/scenario.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace voicectl::server {
namespace {

using config::Code;
using config::Layer;

constexpr std::chrono::days renewal{30};

/// Says so if the file a setting names cannot be read; true if it can.
bool is_readable(config::Loaded& loaded, std::string_view env, const std::string& path) {
    struct stat facts {};
    const char* why = nullptr;
    if (::access(path.c_str(), R_OK) != 0 || ::stat(path.c_str(), &facts) != 0)
        why = std::strerror(errno);
    else if (!S_ISREG(facts.st_mode))
        why = "it is no file";
    if (why == nullptr) return true;
    loaded.report(Code::file_missing, env, fmt::format("cannot read {}: {}", path, why),
                  "correct the path, or let this user read the file");
    return false;
}

void check_dates(config::Loaded& loaded, const net::CertificateFacts& facts) {
    const auto now = std::chrono::system_clock::now();
    const auto days = std::chrono::floor<std::chrono::days>(facts.not_after - now).count();
    if (now > facts.not_after)
        loaded.report(Code::certificate_expired, "VOICE_TLS_CERT_FILE",
                      fmt::format("the certificate of {} expired {} days ago", facts.subject, -days - 1),
                      "renew it");
    else if (now < facts.not_before)
        loaded.report(Code::certificate_expired, "VOICE_TLS_CERT_FILE",
                      fmt::format("the certificate of {} is not valid yet", facts.subject),
                      "wait, or check the clock of this machine");
    else if (facts.not_after - now < renewal)
        loaded.report(Code::certificate_expires_soon, "VOICE_TLS_CERT_FILE",
                      fmt::format("the certificate of {} expires in {} days", facts.subject, days),
                      "renew it");
}

void check_tls_files(config::Loaded& loaded) {
    const auto certificate = loaded.settings.tls_certificate.path;
    const auto key = loaded.settings.tls_key.path;
    bool certificate_good = false;
    bool key_good = false;
    if (!certificate.empty() && is_readable(loaded, "VOICE_TLS_CERT_FILE", certificate)) {
        const auto facts = net::read_certificate(certificate);
        certificate_good = facts.has_value();
        if (facts)
            check_dates(loaded, *facts);
        else
            loaded.report(Code::certificate_unusable, "VOICE_TLS_CERT_FILE", facts.error().detail,
                          "give the chain in PEM, the gateway's own certificate first");
    }
    if (!key.empty() && is_readable(loaded, "VOICE_TLS_KEY_FILE", key)) {
        const auto good = net::check_private_key(key);
        key_good = good.has_value();
        if (!good)
            loaded.report(Code::certificate_unusable, "VOICE_TLS_KEY_FILE", good.error().detail,
                          "give the private key in PEM, without a passphrase");
    }
    if (certificate_good && key_good && !net::key_matches(certificate, key))
        loaded.report(Code::key_does_not_match, "VOICE_TLS_KEY_FILE",
                      fmt::format("the key in {} is not that of the certificate in {}", key, certificate),
                      "give the two files that belong together");
}

void check_public_key(config::Loaded& loaded) {
    constexpr int rsa_bits_min = 2048;
    const auto& settings = loaded.settings;
    const auto path = settings.jwt_public_key.path;
    if (path.empty() || !is_readable(loaded, "JWT_PUBLIC_KEY_FILE", path)) return;
    const auto facts = net::read_public_key(path);
    std::string wrong;
    const auto allowed = [&](std::string_view algorithm) {
        return std::ranges::find(settings.jwt_algorithms, algorithm) != settings.jwt_algorithms.end();
    };
    if (!facts)
        wrong = facts.error().detail;
    else if (facts->is_rsa && facts->bits < rsa_bits_min)
        wrong = fmt::format("{} holds an RSA key of {} bits, which is too weak", path, facts->bits);
    else if (!facts->is_rsa && !facts->is_p256)
        wrong = fmt::format("{} holds a key that is neither RSA nor of the curve P-256", path);
    else if (facts->is_rsa && allowed("ES256") && !allowed("RS256"))
        wrong = fmt::format("{} holds an RSA key, and JWT_ALGORITHMS allows ES256", path);
    else if (facts->is_p256 && allowed("RS256") && !allowed("ES256"))
        wrong = fmt::format("{} holds a P-256 key, and JWT_ALGORITHMS allows RS256", path);
    if (!wrong.empty())
        loaded.report(
            Code::public_key_unusable, "JWT_PUBLIC_KEY_FILE", std::move(wrong),
            "give an RSA key of at least 2048 bits or a P-256 key, in PEM, that fits JWT_ALGORITHMS");
}

void check_scenario(config::Loaded& loaded) {
    constexpr std::string_view scheme = "sim:";
    const auto& url = loaded.settings.upstream_url;
    if (!config::is_simulator(url) || url.size() == scheme.size()) return;
    const auto path = url.substr(scheme.size());
    if (!is_readable(loaded, "VOICE_UPSTREAM_URL", path)) return;
    const auto scenario = simulator::load_scenario(path);
    if (!scenario)
        loaded.report(Code::scenario_unusable, "VOICE_UPSTREAM_URL", scenario.error().detail,
                      "mend the scenario");
}

/// A file that a secret stands in, or is named by, should be for its owner alone.
void check_permissions(config::Loaded& loaded) {
    if (!loaded.settings.production()) return;
    std::vector<std::string> seen;
    for (const auto& row : config::table()) {
        const auto& origin = loaded.origin_of(row.env);
        if (!row.secret() || !origin.is_file() || std::ranges::find(seen, origin.name) != seen.end())
            continue;
        seen.push_back(origin.name);
        if (config::is_open_to_others(origin.name))
            loaded.report(
                Code::readable_by_others, row.env,
                fmt::format("{} holds secrets, and every user of this machine can read it", origin.name),
                fmt::format("chmod 600 {}", origin.name));
    }
    const auto& key = loaded.settings.tls_key.path;
    if (!key.empty() && config::is_open_to_others(key))
        loaded.report(Code::readable_by_others, "VOICE_TLS_KEY_FILE",
                      fmt::format("every user of this machine can read the key in {}", key),
                      fmt::format("chmod 600 {}", key));
}

}  // namespace

void check_files(config::Loaded& loaded) {
    constexpr std::array checks{check_tls_files, check_public_key, check_scenario, check_permissions};
    for (const auto check : checks)
        check(loaded);
    config::sort(loaded.findings);
}

}  // namespace voicectl::server
