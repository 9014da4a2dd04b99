// SPDX-License-Identifier: Apache-2.0
// Takes values out of a scenario's TOML and says where they are wrong: the first thing that is wrong is
// thrown as a base::Error with file:line:column, which scenario.cpp catches. One thread.
#pragma once

#include "base/error.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voicectl::simulator {

class TomlReader {
 public:
    explicit TomlReader(std::string path) : path_(std::move(path)) {}

    [[noreturn]] void wrong(const toml::source_region& where, const std::string& what) const;
    /// Refuses keys that are not among `known`, and names the nearest.
    void check_keys(const toml::table& from, std::string_view section,
                    std::span<const std::string_view> known) const;
    /// Null where there is none.
    const toml::table* table(const toml::table& from, std::string_view key) const;
    std::string text(const toml::node& node, std::string_view name) const;
    std::vector<std::string> texts(const toml::node& node, std::string_view name) const;
    bool boolean(const toml::node& node, std::string_view name) const;
    std::int64_t whole(const toml::node& node, std::string_view name, std::int64_t least,
                       std::int64_t most) const;
    /// Leaves `to` as it is where there is none.
    void read_duration(const toml::table& from, std::string_view section, std::string_view key,
                       std::chrono::milliseconds& to, std::chrono::milliseconds least) const;
    /// `take` for each table of an array of tables; `written` is how one begins.
    template <class Take>
    void for_each_table(const toml::table& from, std::string_view key, std::string_view written,
                        Take take) const {
        const auto* node = from.get(key);
        if (node == nullptr) return;
        const auto* list = node->as_array();
        if (list == nullptr) wrong(node->source(), fmt::format("write {}, with two brackets", written));
        for (const auto& one : *list) {
            if (!one.is_table()) wrong(one.source(), fmt::format("this is a table: {}", written));
            take(*one.as_table());
        }
    }
    /// The value, or its error at that place.
    template <class T>
    T must(base::Result<T> result, const toml::node& node) const {
        if (!result) wrong(node.source(), result.error().detail);
        return std::move(*result);
    }

    const std::string& path() const noexcept { return path_; }

 private:
    std::string path_;
};

}  // namespace voicectl::simulator
