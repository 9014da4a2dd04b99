// SPDX-License-Identifier: Apache-2.0
// What `serve` prints when it is up; and with --dev, all that a newcomer needs to talk to it: a token, a
// recording of a question, and the command that plays it.
#pragma once

#include "base/error.hpp"
#include "commands/command.hpp"
#include "config/settings.hpp"
#include "server/server.hpp"

#include <memory>
#include <string>

namespace voicectl::commands {

/// 48 random bytes as text.
std::string make_secret();

/// A folder of this process's own under TMPDIR, readable by this user only; gone when the object is.
class DevFolder {
 public:
    static base::Result<std::unique_ptr<DevFolder>> create();
    ~DevFolder();
    DevFolder(const DevFolder&) = delete;
    DevFolder& operator=(const DevFolder&) = delete;

    std::string file(std::string_view name) const;

 private:
    explicit DevFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

/// Prints where the server is, on stdout: for people, or one JSON line. The folder (with `dev` only) holds
/// the token and the recording, and is to be kept while the server runs.
base::Result<std::unique_ptr<DevFolder>> announce(const server::Server& server,
                                                  const config::Settings& settings, const Globals& globals,
                                                  bool dev);

}  // namespace voicectl::commands
