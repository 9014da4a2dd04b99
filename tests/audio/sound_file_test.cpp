// SPDX-License-Identifier: Apache-2.0
#include "audio/sound_file.hpp"

#include "support/signal.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <string_view>

namespace voicectl::audio {
namespace {

using namespace std::chrono_literals;
using base::Errc;

class SoundFile : public ::testing::Test {
 protected:
    std::string file(const std::string& name, std::string_view bytes) {
        const auto path = folder_.file(name);
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    tests::TemporaryFolder folder_;
};

template <class Number>
std::string little_endian(Number number) {
    std::string bytes(sizeof number, '\0');
    for (auto& byte : bytes) {
        byte = static_cast<char>(number & 0xff);
        number = static_cast<Number>(number >> 8);
    }
    return bytes;
}

/// A 16-bit WAV by hand: what is read must not only be what write_wav wrote.
std::string wav(std::uint16_t channels, std::uint32_t rate, const std::string& samples) {
    const auto block = static_cast<std::uint16_t>(2 * channels);
    return "RIFF" + little_endian(static_cast<std::uint32_t>(36 + samples.size())) + "WAVEfmt " +
           little_endian(std::uint32_t{16}) + little_endian(std::uint16_t{1}) + little_endian(channels) +
           little_endian(rate) + little_endian(static_cast<std::uint32_t>(rate * block)) +
           little_endian(block) + little_endian(std::uint16_t{16}) + "data" +
           little_endian(static_cast<std::uint32_t>(samples.size())) + samples;
}

TEST_F(SoundFile, GivesBackWhatWasWritten) {
    const auto path = folder_.file("tone.wav");
    const auto signal = tests::tone(440, 300ms);
    ASSERT_TRUE(write_wav(path, signal, 24'000));
    const auto recording = read_recording(path);
    ASSERT_TRUE(recording) << recording.error().detail;
    EXPECT_EQ(recording.value().rate, 24'000);
    EXPECT_EQ(recording.value().samples, signal);
}

TEST_F(SoundFile, AveragesChannels) {
    const auto samples = little_endian(std::int16_t{1000}) + little_endian(std::int16_t{3000}) +
                         little_endian(std::int16_t{-500}) + little_endian(std::int16_t{500});
    const auto recording = read_recording(file("stereo.wav", wav(2, 8000, samples)));
    ASSERT_TRUE(recording) << recording.error().detail;
    EXPECT_EQ(recording.value().rate, 8000);
    EXPECT_EQ(recording.value().samples, (tests::Signal{2000, 0}));
}

TEST_F(SoundFile, SaysWhatIsWrongWithAPath) {
    const auto missing = read_recording(folder_.file("missing.wav"));
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_NE(missing.error().detail.find("missing.wav"), std::string::npos);
    EXPECT_EQ(read_recording(folder_.file("")).error().code, Errc::not_found);
}

TEST_F(SoundFile, RefusesWhatIsNotAudio) {
    const auto silent = wav(1, 24'000, "");
    const std::pair<const char*, std::string> table[] = {
        {"empty.wav", ""},
        {"text.wav", "this is not a sound file, only text with such a name"},
        {"head.wav", silent.substr(0, 20)},
        {"silent.wav", silent},
        {"slow.wav", wav(1, 100, "abcd")},
    };
    for (const auto& [name, bytes] : table) {
        const auto recording = read_recording(file(name, bytes));
        ASSERT_FALSE(recording) << name;
        EXPECT_EQ(recording.error().code, Errc::malformed) << name;
        EXPECT_NE(recording.error().detail.find(name), std::string::npos);
    }
}

TEST_F(SoundFile, CannotBeWrittenWhereThereIsNoFolder) {
    const auto written = write_wav(folder_.file("no/such/folder.wav"), tests::tone(440, 20ms), 24'000);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::cannot_create);
}

}  // namespace
}  // namespace voicectl::audio
