// SPDX-License-Identifier: Apache-2.0
// What PEM files hold, without using them: certificates, private keys, public keys (X.509, RFC 5280). Reads
// files; any thread.
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <string>

namespace voicectl::net {

struct CertificateFacts {
    std::string subject;
    std::chrono::system_clock::time_point not_before;
    std::chrono::system_clock::time_point not_after;
};

/// The first certificate of a PEM file. Errc::malformed if there is none in it.
base::Result<CertificateFacts> read_certificate(const std::string& file);

/// Whether a file holds a private key in PEM, without a passphrase. Errc::malformed if not.
base::Result<void> check_private_key(const std::string& file);

/// Whether the key is the certificate's; both files are good by themselves.
bool key_matches(const std::string& certificate_file, const std::string& key_file);

struct PublicKeyFacts {
    bool is_rsa = false;
    bool is_p256 = false;
    int bits = 0;
};

/// A public key, or a certificate's, in PEM. Errc::malformed if there is none in it.
base::Result<PublicKeyFacts> read_public_key(const std::string& file);

}  // namespace voicectl::net
