// SPDX-License-Identifier: Apache-2.0
#include "simulator/audio_record.hpp"

#include "observe/log.hpp"

namespace voicectl::simulator {
namespace {

constexpr std::uint64_t recorded_max = std::uint64_t{64} * 1024 * 1024;

}  // namespace

AudioRecord::AudioRecord(const std::string& file) {
    if (file.empty()) return;
    file_.open(file, std::ios::binary);
    if (!file_) observe::log_warning("simulator", "cannot create {}: this session is not recorded", file);
}

void AudioRecord::add(std::span<const std::byte> bytes) {
    digest_.add(bytes);
    bytes_ += bytes.size();
    if (!file_.is_open() || !file_ || recorded_ + bytes.size() > recorded_max) return;
    file_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    // Who asks for the report reads the file next.
    file_.flush();
    if (file_) recorded_ += bytes.size();
}

boost::json::object AudioRecord::report() const {
    return {{"bytes", bytes_}, {"samples", bytes_ / 2}, {"sha256", digest_.hex()}, {"recorded", recorded_}};
}

}  // namespace voicectl::simulator
