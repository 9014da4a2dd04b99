// SPDX-License-Identifier: Apache-2.0
// The audio that one session was sent, byte for byte: how much, its digest and, where a test asks for it, a
// file of it, up to 64 MiB. It writes where it stands: for tests, not for a service. One thread.
#pragma once

#include "simulator/digest.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <fstream>
#include <span>
#include <string>

namespace voicectl::simulator {

class AudioRecord {
 public:
    /// `file` empty: none is written. One that cannot be written is warned of.
    explicit AudioRecord(const std::string& file = {});

    void add(std::span<const std::byte> bytes);
    /// {"bytes", "samples" (of 16 bits), "sha256", "recorded" (bytes in the file)}
    boost::json::object report() const;

 private:
    Digest digest_;
    std::ofstream file_;
    std::uint64_t bytes_ = 0;
    std::uint64_t recorded_ = 0;
};

}  // namespace voicectl::simulator
