// SPDX-License-Identifier: Apache-2.0
// Drives a fuzzer's entry point where libFuzzer is not: the files that are named, cases of a corpus one by
// one, and so many mutations of them. The same arguments give the same inputs everywhere.
//   PROGRAM RUNS SEED FILE...
#include "fuzz/claims.hpp"
#include "support/corpus.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace {

using voicectl::tests::read_corpus;

/// What breaks parsers more often than random bytes do.
constexpr std::string_view pieces[] = {"\"",
                                       "'",
                                       "`",
                                       "\"\"\"",
                                       "'''",
                                       "=",
                                       "[",
                                       "]",
                                       "[[",
                                       "]]",
                                       "{",
                                       "}",
                                       ",",
                                       ".",
                                       "#",
                                       " #",
                                       "\n",
                                       "\r",
                                       "\r\n",
                                       "\t",
                                       "\\",
                                       "\\u",
                                       "$(",
                                       "${",
                                       "\xEF\xBB\xBF",
                                       "\xC3\x28",
                                       "\xED\xA0",
                                       "\x7f",
                                       "://",
                                       "@",
                                       ":",
                                       "?",
                                       "/",
                                       "%00",
                                       "0x",
                                       "1e9",
                                       "-",
                                       "_",
                                       "export ",
                                       "true",
                                       "inf",
                                       "nan",
                                       "[server]\n",
                                       "ws_port",
                                       "auth.jwt_secret",
                                       "OPENAI_API_KEY",
                                       "JWT_SECRET=",
                                       "1979-05-27T07:32:00Z",
                                       "9223372036854775808",
                                       std::string_view("\0", 1)};

class Mutator {
 public:
    Mutator(std::vector<std::string> seeds, unsigned seed) : seeds_(std::move(seeds)), random_(seed) {}

    std::string next() {
        auto text = seeds_[below(seeds_.size())];
        for (auto times = 1 + below(4); times > 0; --times)
            change(text);
        return text;
    }

 private:
    // std::uniform_int_distribution differs between libraries.
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

    void change(std::string& text) {
        const auto at = below(text.size() + 1);
        const auto length = below(std::min<std::size_t>(text.size() - at, 16) + 1);
        switch (below(7)) {
            case 0:
                text.insert(at, pieces[below(std::size(pieces))]);
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.insert(at, text.substr(at, length));
                break;
            case 3:
                if (at < text.size()) text[at] = static_cast<char>(below(256));
                break;
            case 4:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
                break;
            case 5:
                text.resize(at);
                break;
            default: {
                const auto& other = seeds_[below(seeds_.size())];
                text.insert(at, other.substr(below(other.size() + 1), 64));
            }
        }
    }

    std::vector<std::string> seeds_;
    std::mt19937 random_;
};

void run(const std::string& text) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: %s RUNS SEED FILE...\n", argv[0]);
        return 64;
    }
    std::vector<std::string> seeds;
    for (int i = 3; i < argc; ++i)
        for (auto& entry : read_corpus(argv[i]))
            seeds.push_back(std::move(entry.text));
    for (const auto& seed : seeds)
        run(seed);
    const auto runs = std::strtoul(argv[1], nullptr, 10);
    Mutator mutator(std::move(seeds), static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)));
    for (unsigned long i = 0; i < runs; ++i) {
        const auto text = mutator.next();
        // What ends the process is not in its output; the last input is.
        if (argc > 1 && std::getenv("VOICECTL_FUZZ_LAST") != nullptr)
            std::ofstream(std::getenv("VOICECTL_FUZZ_LAST"), std::ios::binary) << text;
        run(text);
    }
    std::printf("%lu runs\n", runs);
    return 0;
}
