// SPDX-License-Identifier: Apache-2.0
#include "simulator/digest.hpp"

#include "base/error.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace voicectl::simulator {
namespace {

EVP_MD_CTX* context_of(void* context) noexcept {
    return static_cast<EVP_MD_CTX*>(context);
}

}  // namespace

void Digest::Free::operator()(void* context) const noexcept {
    EVP_MD_CTX_free(context_of(context));
}

Digest::Digest() : context_(EVP_MD_CTX_new()) {
    VOICECTL_CHECK(context_ != nullptr);
    VOICECTL_CHECK(EVP_DigestInit_ex(context_of(context_.get()), EVP_sha256(), nullptr) == 1);
}
Digest::~Digest() = default;
Digest::Digest(Digest&& other) noexcept = default;
Digest& Digest::operator=(Digest&& other) noexcept = default;

void Digest::add(std::span<const std::byte> bytes) {
    VOICECTL_CHECK(EVP_DigestUpdate(context_of(context_.get()), bytes.data(), bytes.size()) == 1);
}

std::string Digest::hex() const {
    Digest copy;
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned length = 0;
    VOICECTL_CHECK(EVP_MD_CTX_copy_ex(context_of(copy.context_.get()), context_of(context_.get())) == 1);
    VOICECTL_CHECK(EVP_DigestFinal_ex(context_of(copy.context_.get()), bytes.data(), &length) == 1);
    std::string text;
    for (unsigned i = 0; i < length; ++i)
        text += fmt::format("{:02x}", bytes[i]);
    return text;
}

}  // namespace voicectl::simulator
