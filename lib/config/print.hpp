// SPDX-License-Identifier: Apache-2.0
// Settings as text: what is in effect, and the files that explain them all, made from the table. Pure.
#pragma once

#include "config/load.hpp"

#include <string>

namespace voicectl::config {

/// A setting's value as TOML writes it, without secrets: those are "[redacted]", passwords in URLs ***.
std::string toml_value(const Settings& settings, const Row& row);
/// The same for JSON; durations are milliseconds.
std::string json_value(const Settings& settings, const Row& row);

/// Everything in effect as a TOML file; what is secret or empty stands in it as a comment. With `origins`
/// each line says where its value comes from.
std::string print_toml(const Loaded& loaded, bool origins);
/// One JSON document, voicectl.config.v1.
std::string print_json(const Loaded& loaded);

/// examples/voicectl.toml and examples/voicectl.env: every setting, explained, as a comment that holds its
/// default or an example.
std::string toml_template();
std::string env_template();

/// The JSON Schema (2020-12) of a configuration file.
std::string json_schema();

/// The default of a row as a file writes it, or an example in its place; may be empty.
std::string sample_value(const Row& row, bool toml);

/// "1024 to 65535", "off, immediate or reversible", "1s to 24h": what values a row takes; empty: any text.
std::string values_of(const Row& row);

}  // namespace voicectl::config
