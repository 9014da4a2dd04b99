// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace voicectl::base {
namespace {

std::string encode(std::string_view text) {
    std::string out;
    base64_append(std::as_bytes(std::span(text)), out);
    return out;
}

std::optional<std::string> decode(std::string_view text) {
    std::string out(base64_decoded_max(text.size()), '\0');
    const auto bytes = base64_decode(text, std::as_writable_bytes(std::span(out)));
    if (!bytes) return std::nullopt;
    return out.substr(0, *bytes);
}

struct Vector {
    const char* plain;
    const char* encoded;
};

// RFC 4648 section 10.
constexpr Vector vectors[] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"}};

TEST(Base64, EncodesAndDecodesTheVectorsOfTheRfc) {
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(encode(plain), encoded);
        EXPECT_EQ(decode(encoded), plain);
        EXPECT_EQ(base64_encoded_size(std::string_view(plain).size()), std::string_view(encoded).size());
    }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
    const char* const wrong[] = {"Zg",
                                 "Zg=",
                                 "Zg===",
                                 "=",
                                 "==",
                                 "====",
                                 "Z===",
                                 "A",
                                 "Zh==",
                                 "Zm9=",
                                 "Zm8",
                                 "Zm9v\n",
                                 " Zm9v",
                                 "Zm 9v",
                                 "Zm9v Zm9v",
                                 "Zm9vZg==Zm9v",
                                 "Zm9vZg=\nAAA",
                                 "Zm-v",
                                 "Zm_v",
                                 "Zm9.",
                                 "Zm\x80v",
                                 "Zg==Zg==",
                                 "Zm8=Zm8=",
                                 "=Zm9",
                                 "Z=m9",
                                 "Zm9vYg=A",
                                 "\xff\xff\xff\xff"};
    for (const auto* text : wrong)
        EXPECT_EQ(decode(text), std::nullopt) << "'" << text << "'";
    EXPECT_EQ(decode(std::string_view("Zm\0v", 4)), std::nullopt);
}

TEST(Base64, RefusesARoomThatIsTooSmall) {
    std::byte room[5];
    EXPECT_EQ(base64_decode("Zm9vYmFy", room), std::nullopt);
}

TEST(Base64, AppendsAfterWhatIsThere) {
    std::string out = "audio:";
    base64_append(std::as_bytes(std::span(std::string_view("foob"))), out);
    EXPECT_EQ(out, "audio:Zm9vYg==");
}

TEST(Base64, GivesBackRandomBytesOfEveryLength) {
    std::mt19937 generator(7);
    std::uniform_int_distribution<int> byte(0, 255);
    for (std::size_t length = 0; length < 1000; ++length) {
        std::string bytes(length, '\0');
        std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(byte(generator)); });
        ASSERT_EQ(decode(encode(bytes)), bytes) << "of " << length << " bytes";
    }
}

TEST(Base64, AcceptsOnlyTheOneTextThatItWouldWrite) {
    std::mt19937 generator(11);
    constexpr std::string_view letters = "ABCZabcz0189+/=";
    std::uniform_int_distribution<std::size_t> letter(0, letters.size() - 1);
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text(8, '\0');
        std::generate(text.begin(), text.end(), [&] { return letters[letter(generator)]; });
        if (const auto bytes = decode(text)) {
            ++accepted;
            ASSERT_EQ(encode(*bytes), text);
        }
    }
    EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace voicectl::base
