// SPDX-License-Identifier: Apache-2.0
// JSON as people like to read it: numbers without exponents, members in order. What machines parse is the
// same.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace voicectl::commands {

/// One line without its end.
std::string json_line(const boost::json::value& value);

}  // namespace voicectl::commands
