// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include <string.h>
#include <utility>

namespace voicectl::base {

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        wipe();
        value_ = other.value_;
    }
    return *this;
}

// A short string lives inside the object: moving copies it, and the copy left behind has to be wiped too.
Secret::Secret(Secret&& other) noexcept : value_(other.value_) {
    other.wipe();
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        value_ = other.value_;
        other.wipe();
    }
    return *this;
}

Secret::~Secret() {
    wipe();
}

void Secret::wipe() noexcept {
    ::explicit_bzero(value_.data(), value_.capacity());
    value_.clear();
}

bool operator==(const Secret& a, const Secret& b) noexcept {
    unsigned difference = a.value_.size() == b.value_.size() ? 0 : 1;
    for (std::size_t i = 0; i < a.value_.size(); ++i) {
        const char other = b.value_.empty() ? '\0' : b.value_[i % b.value_.size()];
        difference |= static_cast<unsigned>(static_cast<unsigned char>(a.value_[i] ^ other));
    }
    return difference == 0;
}

}  // namespace voicectl::base
