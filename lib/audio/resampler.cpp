// SPDX-License-Identifier: Apache-2.0
#include "audio/resampler.hpp"

#include "base/error.hpp"

#include <speex/speex_resampler.h>

namespace voicectl::audio {

Resampler::Resampler(int from_rate, int to_rate, int quality, Start start) : from_rate_(from_rate), to_rate_(to_rate) {
    if (from_rate == to_rate) return;
    int error = RESAMPLER_ERR_SUCCESS;
    state_.reset(speex_resampler_init(1, static_cast<spx_uint32_t>(from_rate),
                                      static_cast<spx_uint32_t>(to_rate), quality, &error));
    VOICECTL_CHECK(error == RESAMPLER_ERR_SUCCESS);
    // Without this the first milliseconds of the output are the filter filling up.
    if (start == Start::aligned) speex_resampler_skip_zeros(state_.get());
}

Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;

void Resampler::Free::operator()(SpeexResamplerState_* state) const noexcept {
    speex_resampler_destroy(state);
}

Pcm Resampler::process(Pcm input) {
    if (!state_) return input;
    const auto enough =
        input.size() * static_cast<std::size_t>(to_rate_) / static_cast<std::size_t>(from_rate_) + 64;
    if (output_.size() < enough) output_.resize(enough);
    auto read = static_cast<spx_uint32_t>(input.size());
    auto written = static_cast<spx_uint32_t>(output_.size());
    speex_resampler_process_int(state_.get(), 0, input.data(), &read, output_.data(), &written);
    VOICECTL_CHECK(read == input.size());
    return Pcm(output_.data(), written);
}

Pcm Resampler::flush() {
    if (!state_) return {};
    const std::vector<Sample> silence(
        static_cast<std::size_t>(speex_resampler_get_input_latency(state_.get())));
    return process(silence);
}

std::vector<Sample> resample(Pcm input, int from_rate, int to_rate) {
    Resampler resampler(from_rate, to_rate, 7);
    const auto start = resampler.process(input);
    std::vector<Sample> output(start.begin(), start.end());
    const auto rest = resampler.flush();
    output.insert(output.end(), rest.begin(), rest.end());
    return output;
}

}  // namespace voicectl::audio
