// SPDX-License-Identifier: Apache-2.0
// Audio as the protocol carries it: PCM at 24 kHz as it is, or G.711 (ITU-T, mu-law and A-law) at 8 kHz, to
// and from the samples that everything else works with. One stream each; one thread.
#pragma once

#include "audio/pcm.hpp"
#include "audio/resampler.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace voicectl::simulator {

enum class WireFormat { pcm, mu_law, a_law };

/// "audio/pcm", "audio/pcmu" or "audio/pcma"; anything else is taken for PCM.
WireFormat wire_format(std::string_view type) noexcept;

class WireDecoder {
 public:
    explicit WireDecoder(std::string_view type = {}) : format_(wire_format(type)) {}
    WireFormat format() const noexcept { return format_; }
    /// The samples, valid until the next call. Half a sample at the end waits for its other half.
    audio::Pcm decode(std::span<const std::byte> bytes);

 private:
    WireFormat format_;
    std::vector<std::byte> odd_;
    std::vector<audio::Sample> samples_;
    std::shared_ptr<audio::Resampler> resampler_;
};

class WireEncoder {
 public:
    explicit WireEncoder(std::string_view type = {}) : format_(wire_format(type)) {}
    /// The bytes, valid until the next call and as long as `pcm`.
    std::span<const std::byte> encode(audio::Pcm pcm);

 private:
    WireFormat format_;
    std::vector<std::byte> bytes_;
    std::shared_ptr<audio::Resampler> resampler_;
};

}  // namespace voicectl::simulator
