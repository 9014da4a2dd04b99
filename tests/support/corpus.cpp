// SPDX-License-Identifier: Apache-2.0
#include "support/corpus.hpp"

#include <charconv>
#include <fstream>
#include <stdexcept>

namespace voicectl::tests {
namespace {

constexpr std::string_view open_mark = "\u2039";
constexpr std::string_view close_mark = "\u203A";

/// The bytes that hexadecimal digits in marks stand for.
std::string decoded(std::string_view text) {
    std::string out;
    while (true) {
        const auto start = text.find(open_mark);
        out += text.substr(0, start);
        if (start == std::string_view::npos) return out;
        text.remove_prefix(start + open_mark.size());
        const auto end = text.find(close_mark);
        if (end == std::string_view::npos) throw std::runtime_error("a mark is not closed");
        for (auto digits = text.substr(0, end); !digits.empty();) {
            unsigned byte = 0;
            std::from_chars(digits.data(), digits.data() + std::min<std::size_t>(2, digits.size()), byte, 16);
            out += static_cast<char>(byte);
            digits.remove_prefix(std::min<std::size_t>(3, digits.size()));
        }
        text.remove_prefix(end + close_mark.size());
    }
}

void finish(CorpusCase& entry) {
    const auto no_end = std::string(open_mark) + std::string(close_mark) + "\n";
    if (entry.text.ends_with(no_end)) entry.text.resize(entry.text.size() - no_end.size());
    entry.text = decoded(entry.text);
    entry.meaning = decoded(entry.meaning);
}

/// "name @3:7" into its parts.
void read_title(std::string_view title, CorpusCase& entry) {
    const auto at = title.rfind(" @");
    entry.name = title.substr(0, at);
    if (at == std::string_view::npos) return;
    const auto place = title.substr(at + 2);
    const auto* const end = place.data() + place.size();
    const auto [colon, ec] = std::from_chars(place.data(), end, entry.line);
    if (ec == std::errc{} && colon != end) std::from_chars(colon + 1, end, entry.column);
}

}  // namespace

std::vector<CorpusCase> read_corpus(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<CorpusCase> cases;
    bool in_meaning = false;
    unsigned number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.starts_with("=== ")) {
            if (!cases.empty()) finish(cases.back());
            read_title(std::string_view(line).substr(4), cases.emplace_back());
            cases.back().at = number;
            in_meaning = false;
        } else if (cases.empty()) {
            continue;
        } else if (line == "---") {
            in_meaning = true;
        } else if (line.starts_with("--- ")) {
            cases.back().expected.push_back(decoded(std::string_view(line).substr(4)));
        } else {
            (in_meaning ? cases.back().meaning : cases.back().text) += line + "\n";
        }
    }
    if (cases.empty()) throw std::runtime_error("no cases in " + path);
    finish(cases.back());
    return cases;
}

}  // namespace voicectl::tests
