// SPDX-License-Identifier: Apache-2.0
#include "commands/json_line.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace voicectl::commands {
namespace {

namespace json = boost::json;

void append(const json::value& value, std::string& out);

void append(const json::object& object, std::string& out) {
    out += '{';
    bool first = true;
    for (const auto& [name, member] : object) {
        if (!std::exchange(first, false)) out += ',';
        out += json::serialize(json::string(name)) + ':';
        append(member, out);
    }
    out += '}';
}

void append(const json::array& array, std::string& out) {
    out += '[';
    for (const auto& element : array) {
        if (&element != array.begin()) out += ',';
        append(element, out);
    }
    out += ']';
}

void append(const json::value& value, std::string& out) {
    if (value.is_object())
        append(value.get_object(), out);
    else if (value.is_array())
        append(value.get_array(), out);
    else if (value.is_double())
        out += fmt::format("{}", value.get_double());
    else
        out += json::serialize(value);
}

}  // namespace

std::string json_line(const json::value& value) {
    std::string line;
    append(value, line);
    return line;
}

}  // namespace voicectl::commands
