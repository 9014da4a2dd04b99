// SPDX-License-Identifier: Apache-2.0
// A value that never appears in output: no formatter but "[redacted]", wiped when it ends, compared in
// constant time. `reveal()` is the one way out; search for it to see every place that handles the bytes.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace voicectl::base {

class Secret {
 public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret& other);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    bool empty() const noexcept { return value_.empty(); }
    std::size_t size() const noexcept { return value_.size(); }
    const std::string& reveal() const noexcept { return value_; }

    /// Takes as long for a wrong first byte as for a wrong last one.
    friend bool operator==(const Secret& a, const Secret& b) noexcept;

 private:
    void wipe() noexcept;
    std::string value_;
};

}  // namespace voicectl::base

template <>
struct fmt::formatter<voicectl::base::Secret> {
    constexpr auto parse(format_parse_context& context) { return context.begin(); }
    auto format(const voicectl::base::Secret&, format_context& context) const {
        return fmt::format_to(context.out(), "[redacted]");
    }
};
