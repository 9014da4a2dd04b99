// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) of what comes in pieces, and of what has come so far. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace voicectl::simulator {

class Digest {
 public:
    Digest();
    ~Digest();
    Digest(Digest&& other) noexcept;
    Digest& operator=(Digest&& other) noexcept;

    void add(std::span<const std::byte> bytes);
    /// Of everything added so far, in hexadecimal; more may follow.
    std::string hex() const;

 private:
    struct Free {
        void operator()(void* context) const noexcept;
    };
    std::unique_ptr<void, Free> context_;
};

}  // namespace voicectl::simulator
