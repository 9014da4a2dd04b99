// SPDX-License-Identifier: Apache-2.0
// How the live service fails: one row for each code, with the error's type and the close that follows.
// Observed, from without: an error event, then a close whose reason is type.code. Pure data and functions.
#pragma once

#include "simulator/protocol_error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace voicectl::simulator {

struct ServiceError {
    std::string_view code;  ///< server_error is the type of an error without a code
    std::string_view type;
    std::uint16_t close_code;  ///< 0 where the session goes on
    std::string_view message;
};

std::span<const ServiceError> service_errors();

/// The error of that code; one that is not in the table is an invalid_request_error. An empty `message` is
/// the table's.
ProtocolError service_error(std::string_view code, std::string_view message = {});
/// What the service closes with after it; 4000 for a code that is not in the table or leaves the session
/// open.
std::uint16_t close_code_of(const ProtocolError& error) noexcept;
std::string close_reason_of(const ProtocolError& error);

}  // namespace voicectl::simulator
