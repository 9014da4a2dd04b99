// SPDX-License-Identifier: Apache-2.0
#include "simulator/service_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace voicectl::simulator {
namespace {

constexpr std::string_view request = "invalid_request_error";

constexpr std::array<ServiceError, 9> rows{{
    {"invalid_api_key", request, 3000, "Incorrect API key provided."},
    {"missing_model", request, 4000, "You must name a model: wss://HOST/v1/realtime?model=gpt-realtime."},
    {"invalid_model", request, 4000, "The model cannot be used in realtime mode."},
    {"beta_api_shape_disabled", request, 4000, "The beta protocol is no longer spoken."},
    {"model_not_found", request, 4004, "The model does not exist or you may not use it."},
    {"insufficient_quota", "insufficient_quota", 1013, "You exceeded your current quota."},
    {"session_expired", request, 1001, "Your session hit the maximum duration of 60 minutes."},
    {"server_error", "server_error", 1011, "The server had an error while it worked on this. Try again."},
    {"rate_limit_exceeded", "rate_limit_error", 0, "Rate limit reached. Please try again in 1.000s."},
}};

const ServiceError* row_of(std::string_view code) noexcept {
    const auto* at =
        std::find_if(rows.begin(), rows.end(), [code](const auto& row) { return row.code == code; });
    return at == rows.end() ? nullptr : at;
}

const ServiceError* row_of(const ProtocolError& error) noexcept {
    return row_of(error.code.empty() ? error.type : error.code);
}

}  // namespace

std::span<const ServiceError> service_errors() {
    return rows;
}

ProtocolError service_error(std::string_view code, std::string_view message) {
    const auto* row = row_of(code);
    ProtocolError error{std::string(code), std::string(message), ""};
    if (row == nullptr) {
        if (message.empty()) error.message = fmt::format("The service failed with '{}'.", code);
        return error;
    }
    if (message.empty()) error.message = row->message;
    error.type = row->type;
    if (error.type == "server_error") error.code.clear();
    return error;
}

std::uint16_t close_code_of(const ProtocolError& error) noexcept {
    const auto* row = row_of(error);
    return row == nullptr || row->close_code == 0 ? 4000 : row->close_code;
}

std::string close_reason_of(const ProtocolError& error) {
    // The one close that says it in words.
    if (error.code == "session_expired") return error.message;
    return error.code.empty() ? error.type : fmt::format("{}.{}", error.type, error.code);
}

}  // namespace voicectl::simulator
