// SPDX-License-Identifier: Apache-2.0
#include "net/certificate.hpp"

#include "base/handle.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <optional>

namespace voicectl::net {
namespace {

using base::Errc;
using base::fail;
using File = base::Handle<&BIO_free_all, BIO>;
using Certificate = base::Handle<&X509_free, X509>;
using Key = base::Handle<&EVP_PKEY_free, EVP_PKEY>;

/// Nobody is there to type one: a key that has a passphrase is no key.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

Certificate first_certificate(const std::string& file) {
    const File bio(BIO_new_file(file.c_str(), "r"));
    Certificate certificate(
        bio.get() == nullptr ? nullptr : PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase, nullptr));
    ERR_clear_error();
    return certificate;
}

Key private_key(const std::string& file) {
    const File bio(BIO_new_file(file.c_str(), "r"));
    Key key(bio.get() == nullptr ? nullptr
                                 : PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr));
    ERR_clear_error();
    return key;
}

std::optional<std::chrono::system_clock::time_point> time_of(const ASN1_TIME* time) {
    std::tm broken{};
    if (ASN1_TIME_to_tm(time, &broken) != 1) return std::nullopt;
    return std::chrono::system_clock::from_time_t(::timegm(&broken));
}

std::string name_of(const X509_NAME* name) {
    const File text(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253);
    char* data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

base::Result<CertificateFacts> read_certificate(const std::string& file) {
    const auto certificate = first_certificate(file);
    if (certificate.get() == nullptr) return fail(Errc::malformed, "{} holds no certificate in PEM", file);
    const auto from = time_of(X509_get0_notBefore(certificate.get()));
    const auto until = time_of(X509_get0_notAfter(certificate.get()));
    if (!from || !until) return fail(Errc::malformed, "{}: the certificate's dates cannot be read", file);
    return CertificateFacts{name_of(X509_get_subject_name(certificate.get())), *from, *until};
}

base::Result<void> check_private_key(const std::string& file) {
    if (private_key(file).get() == nullptr)
        return fail(Errc::malformed, "{} holds no private key in PEM, or one with a passphrase", file);
    return {};
}

bool key_matches(const std::string& certificate_file, const std::string& key_file) {
    const auto certificate = first_certificate(certificate_file);
    const auto key = private_key(key_file);
    const bool matches = certificate.get() != nullptr && key.get() != nullptr &&
                         X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    return matches;
}

base::Result<PublicKeyFacts> read_public_key(const std::string& file) {
    const File bio(BIO_new_file(file.c_str(), "r"));
    Key key(bio.get() == nullptr ? nullptr
                                 : PEM_read_bio_PUBKEY(bio.get(), nullptr, &no_passphrase, nullptr));
    if (key.get() == nullptr) {
        const auto certificate = first_certificate(file);
        key = Key(certificate.get() == nullptr ? nullptr : X509_get_pubkey(certificate.get()));
    }
    ERR_clear_error();
    if (key.get() == nullptr) return fail(Errc::malformed, "{} holds no public key in PEM", file);
    PublicKeyFacts facts;
    facts.bits = EVP_PKEY_get_bits(key.get());
    facts.is_rsa = EVP_PKEY_is_a(key.get(), "RSA") == 1;
    std::array<char, 64> group{};
    facts.is_p256 = EVP_PKEY_is_a(key.get(), "EC") == 1 &&
                    EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), nullptr) == 1 &&
                    std::string_view(group.data()) == "prime256v1";
    return facts;
}

}  // namespace voicectl::net
