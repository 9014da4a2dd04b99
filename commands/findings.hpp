// SPDX-License-Identifier: Apache-2.0
// Findings of a configuration check, written for people, for programs, for GitHub and for code scanners.
#pragma once

#include "config/finding.hpp"

#include <string>

namespace voicectl::commands {

/// `file:line:column: error[E101]: key: sentence`, the line with a caret below what is meant, and the fix.
std::string findings_text(const config::Findings& findings, bool colour);

/// Those of one severity only.
std::string findings_text(const config::Findings& findings, config::Severity severity, bool colour);

/// "2 errors, 1 warning".
std::string count_text(const config::Findings& findings);

/// One document, voicectl.validate-config.v1.
std::string findings_json(const config::Findings& findings, bool valid);

/// Workflow commands of GitHub Actions, one a line: they become annotations of the file.
std::string findings_github(const config::Findings& findings);

/// SARIF 2.1.0 (OASIS), one run.
std::string findings_sarif(const config::Findings& findings);

}  // namespace voicectl::commands
