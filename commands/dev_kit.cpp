// SPDX-License-Identifier: Apache-2.0
#include "commands/dev_kit.hpp"

#include "audio/sound_file.hpp"
#include "base/base64.hpp"
#include "base/id.hpp"
#include "commands/report.hpp"
#include "net/url.hpp"
#include "server/authentication.hpp"
#include "simulator/simulator.hpp"

#include <boost/json.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <stdlib.h>
#include <unistd.h>

namespace voicectl::commands {
namespace {

namespace json = boost::json;
using base::Errc;
using base::fail;

constexpr std::string_view question = "Hello there. What can you do?";
constexpr std::chrono::hours token_lifetime{24};

base::Result<void> write_private(const std::string& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return fail(Errc::cannot_create, "cannot create {}: {}", path, std::strerror(errno));
    const auto written = ::write(file, text.data(), text.size());
    ::close(file);
    if (written != static_cast<ssize_t>(text.size())) return fail(Errc::io, "cannot write {}", path);
    return {};
}

struct Kit {
    std::string token;
    std::string token_file;
    std::string clip;
};

base::Result<Kit> make_kit(const DevFolder& folder, const config::Settings& settings) {
    Kit kit;
    const server::Authenticator authenticator(settings.jwt_secret);
    auto token =
        authenticator.mint({"dev", "", "developer", "en"}, token_lifetime, std::chrono::system_clock::now());
    if (!token) return token.error();
    kit.token = std::move(*token);
    kit.token_file = folder.file("token");
    if (auto written = write_private(kit.token_file, kit.token + "\n"); !written) return written.error();
    kit.clip = folder.file("question.wav");
    const auto speech = simulator::speak(question);
    if (auto written = audio::write_wav(kit.clip, speech, audio::pipeline_rate); !written)
        return written.error();
    return kit;
}

/// As a shell reads it back: what could be taken apart stands in quotes.
std::string shell_word(const std::string& word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string url_of(const config::Settings& settings, std::string_view scheme, std::uint16_t port,
                   std::string_view path) {
    const auto host = settings.bind_address == "0.0.0.0" || settings.bind_address == "::"
                          ? std::string("127.0.0.1")
                          : settings.bind_address;
    return fmt::format("{}{}://{}{}", scheme, settings.tls_certificate.empty() ? "" : "s",
                       net::host_and_port(host, port), path);
}

std::string for_machines(const server::Server& server, const config::Settings& settings, const Kit* kit) {
    json::object line{{"schema", "voicectl.serve.v1"},
                      {"url", url_of(settings, "ws", server.ws_port(), "/voice-ws")},
                      {"health", url_of(settings, "http", server.http_port(), "/api/voice/health")},
                      {"upstream", server.upstream().name}};
    if (server.upstream().simulator) line["simulator"] = server.upstream().simulator->url();
    if (kit != nullptr) {
        line["token"] = kit->token;
        line["tokenFile"] = kit->token_file;
        line["clip"] = kit->clip;
    }
    return json::serialize(line) + "\n";
}

std::string for_people(const server::Server& server, const config::Settings& settings, const Globals& globals,
                       const Kit* kit) {
    const bool colour = colourful(STDOUT_FILENO);
    const auto bold = [&](std::string_view text) {
        return colour ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
    };
    const auto url = url_of(settings, "ws", server.ws_port(), "/voice-ws");
    std::string text = fmt::format("\n{} is up; Ctrl-C ends it\n\n", bold("voicectl serve"));
    text += fmt::format("  voice      {}\n", url);
    text +=
        fmt::format("  health     {}\n", url_of(settings, "http", server.http_port(), "/api/voice/health"));
    text += fmt::format("  model      {}\n",
                        server.upstream().simulator
                            ? fmt::format("simulator at {}", server.upstream().simulator->url())
                            : server.upstream().name);
    if (kit == nullptr) return text + "\n";
    text += fmt::format("  token      {}\n             (tenant dev, 24 hours; also in {})\n\n", kit->token,
                        kit->token_file);
    text += "Ask it something from another terminal; the answer is written to reply.wav:\n\n";
    text += fmt::format("  {} replay-audio {} --url {} --token-file {} --save-audio reply.wav\n\n",
                        bold(shell_word(globals.program)), shell_word(kit->clip), url,
                        shell_word(kit->token_file));
    return text;
}

}  // namespace

std::string make_secret() {
    std::array<std::byte, 48> bytes{};
    base::fill_random(bytes);
    std::string text;
    base::base64_append(bytes, text);
    return text;
}

base::Result<std::unique_ptr<DevFolder>> DevFolder::create() {
    std::error_code ec;
    const auto parent = std::filesystem::temp_directory_path(ec);
    if (ec) return fail(Errc::cannot_create, "cannot use TMPDIR: {}", ec.message());
    auto path = (parent / "voicectl-dev-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr)
        return fail(Errc::cannot_create, "cannot create a folder {}: {}", path, std::strerror(errno));
    return std::unique_ptr<DevFolder>(new DevFolder(std::move(path)));
}

DevFolder::~DevFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string DevFolder::file(std::string_view name) const {
    return fmt::format("{}/{}", path_, name);
}

base::Result<std::unique_ptr<DevFolder>> announce(const server::Server& server,
                                                  const config::Settings& settings, const Globals& globals,
                                                  bool dev) {
    std::unique_ptr<DevFolder> folder;
    std::optional<Kit> kit;
    if (dev) {
        auto created = DevFolder::create();
        if (!created) return created.error();
        folder = std::move(*created);
        auto made = make_kit(*folder, settings);
        if (!made) return made.error();
        kit = std::move(*made);
    }
    const Kit* shown = kit ? &*kit : nullptr;
    const bool printed = print(globals.format == "json" ? for_machines(server, settings, shown)
                                                        : for_people(server, settings, globals, shown));
    if (!printed && errno != EPIPE) return fail(Errc::io, "cannot write to stdout: {}", std::strerror(errno));
    return folder;
}

}  // namespace voicectl::commands
