// SPDX-License-Identifier: Apache-2.0
#include "audio/sound_file.hpp"

#include "base/handle.hpp"

#include <sndfile.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace voicectl::audio {
namespace {

using base::Errc;
using base::fail;
using File = base::Handle<sf_close, SNDFILE>;

base::Result<void> readable(const std::string& path) {
    std::error_code ec;
    const auto status = std::filesystem::status(path, ec);
    if (!std::filesystem::exists(status)) return fail(Errc::not_found, "{}: there is no such file", path);
    if (std::filesystem::is_directory(status))
        return fail(Errc::not_found, "{}: it is a folder, not a file", path);
    if (!std::ifstream(path)) return fail(Errc::not_found, "{}: {}", path, std::strerror(errno));
    return {};
}

}  // namespace

base::Result<Recording> read_recording(const std::string& path) {
    if (auto open = readable(path); !open) return open.error();
    SF_INFO info{};
    const File file(sf_open(path.c_str(), SFM_READ, &info));
    if (!file) return fail(Errc::malformed, "{}: not a sound file: {}", path, sf_strerror(nullptr));
    const auto frames_max =
        std::chrono::duration_cast<std::chrono::seconds>(recording_max).count() * info.samplerate;
    if (info.frames > frames_max)
        return fail(Errc::malformed, "{}: {} frames are over the {} hours that are read at once", path,
                    info.frames, recording_max.count());
    if (info.samplerate < 1000 || info.samplerate > 384'000)
        return fail(Errc::malformed, "{}: its rate of {} Hz is outside 1000 to 384000", path,
                    info.samplerate);
    Recording recording;
    recording.rate = info.samplerate;
    const auto channels = static_cast<std::size_t>(info.channels);
    std::vector<Sample> block(4096 * channels);
    while (true) {
        const auto frames = sf_readf_short(file.get(), block.data(), 4096);
        if (frames <= 0) break;
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
            int sum = 0;
            for (std::size_t c = 0; c < channels; ++c)
                sum += block[i * channels + c];
            recording.samples.push_back(static_cast<Sample>(sum / info.channels));
        }
    }
    if (recording.samples.empty()) return fail(Errc::malformed, "{}: it holds no audio", path);
    return recording;
}

base::Result<void> write_wav(const std::string& path, Pcm samples, int rate) {
    SF_INFO info{};
    info.samplerate = rate;
    info.channels = 1;
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    const File file(sf_open(path.c_str(), SFM_WRITE, &info));
    if (!file) return fail(Errc::cannot_create, "cannot create {}: {}", path, sf_strerror(nullptr));
    const auto count = static_cast<sf_count_t>(samples.size());
    if (sf_writef_short(file.get(), samples.data(), count) != count)
        return fail(Errc::io, "cannot write {}: {}", path, sf_strerror(file.get()));
    return {};
}

}  // namespace voicectl::audio
