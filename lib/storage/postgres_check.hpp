// SPDX-License-Identifier: Apache-2.0
// Whether a PostgreSQL answers whom the URL names, and which schema it has. Changes nothing there. Blocks:
// for a thread of its own.
#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "storage/limits.hpp"

#include <string>

namespace voicectl::storage {

struct PostgresAnswer {
    int server_version = 0;        ///< 150018 for 15.18
    bool has_migrations = false;   ///< the table schema_migrations is there
    std::string newest_migration;  ///< the highest version in it; empty where there is none
};

/// Connects, and asks within a transaction that cannot write. Errc::malformed for a URL that libpq does not
/// understand; ::unavailable, ::untrusted and ::timed_out where it cannot be reached; ::unauthorized for a
/// wrong user or password, ::not_found for a database that is not there, ::forbidden for what the user may
/// not do, ::overloaded where it cannot answer yet, ::protocol if it is no PostgreSQL, ::closed if it hangs
/// up. The limits hold for everything but looking up the host's name, which libpq leaves to the system. No
/// error has the password in it.
base::Result<PostgresAnswer> check_postgres(const base::Secret& url, CheckLimits limits);

}  // namespace voicectl::storage
