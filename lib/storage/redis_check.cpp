// SPDX-License-Identifier: Apache-2.0
#include "storage/redis_check.hpp"

#include "base/handle.hpp"
#include "base/time.hpp"
#include "net/connect.hpp"

#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <hiredis/hiredis.h>
#include <string.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voicectl::storage {
namespace {

using base::Errc;
using base::fail;
using Reader = base::Handle<redisReaderFree, redisReader>;
using Reply = base::Handle<freeReplyObject, redisReply>;

/// The three commands are answered by a line; whoever says more is no Redis.
constexpr std::size_t reply_bytes_max = 16 * 1024;

/// A command as it goes over the wire, wiped when it has gone: it may hold the password.
class Command {
 public:
    explicit Command(const std::vector<std::string_view>& words) {
        std::vector<const char*> texts;
        std::vector<std::size_t> sizes;
        for (const auto word : words) {
            texts.push_back(word.data());
            sizes.push_back(word.size());
        }
        const int size =
            redisFormatCommandArgv(&text_, static_cast<int>(words.size()), texts.data(), sizes.data());
        VOICECTL_CHECK(size > 0);
        size_ = static_cast<std::size_t>(size);
    }
    ~Command() {
        ::explicit_bzero(text_, size_);
        redisFreeCommand(text_);
    }
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    net::asio::const_buffer buffer() const noexcept { return {text_, size_}; }

 private:
    char* text_ = nullptr;
    std::size_t size_ = 0;
};

/// A connection on which one command at a time is answered.
struct Dialogue {
    Dialogue(std::unique_ptr<net::ByteStream> bytes, std::string peer)
        : stream(std::move(bytes)), name(std::move(peer)), reader(redisReaderCreate()) {
        VOICECTL_CHECK(reader != nullptr);
    }
    net::AnyStream stream;
    std::string name;
    Reader reader;
    bool begun = false;    ///< a reply's first byte has come
    std::size_t read = 0;  ///< of the reply under way
};

base::Error no_redis(const Dialogue& with) {
    return fail(Errc::protocol, "what answers at {} is no Redis, or wants TLS (rediss://)", with.name);
}

base::Error hung_up(Dialogue& with) {
    const bool encrypted = with.stream.bytes().encrypted();
    return fail(Errc::closed, "{} closed the connection without an answer{}", with.name,
                encrypted ? "" : "; if it wants TLS, write rediss://");
}

/// Takes in what came: a whole reply, an error, or nothing yet.
base::Result<Reply> take_in(Dialogue& with, std::string_view bytes) {
    // These commands have lines for answers, so a peer cannot make the reader reserve memory for more.
    if (!with.begun && bytes.front() != '+' && bytes.front() != '-') return no_redis(with);
    with.begun = true;
    with.read += bytes.size();
    void* reply = nullptr;
    if (with.read > reply_bytes_max ||
        redisReaderFeed(with.reader.get(), bytes.data(), bytes.size()) != REDIS_OK ||
        redisReaderGetReply(with.reader.get(), &reply) != REDIS_OK)
        return no_redis(with);
    return Reply(static_cast<redisReply*>(reply));
}

net::Task<base::Result<Reply>> ask(Dialogue& with, const Command& command) {
    // A peer that refuses the connection may have said why before it closed: it is read all the same.
    co_await net::asio::async_write(with.stream, command.buffer(), net::nothrow);
    with.begun = false;
    with.read = 0;
    std::array<char, 4096> room{};
    while (true) {
        auto [ec, bytes] = co_await with.stream.async_read_some(net::asio::buffer(room), net::nothrow);
        if (ec) co_return hung_up(with);
        auto reply = take_in(with, std::string_view(room.data(), bytes));
        if (!reply || *reply != nullptr) co_return reply;
    }
}

/// What an error reply says, by its first word. Its text is not repeated: some peers quote the command.
base::Error refusal(const Dialogue& with, std::string_view text, std::string_view command) {
    const auto starts = [&](std::string_view word) { return text.starts_with(word); };
    if (starts("NOAUTH"))
        return fail(Errc::unauthorized, "Redis at {} wants a password, and the URL has none", with.name);
    if (starts("WRONGPASS") || starts("ERR invalid password"))
        return fail(Errc::unauthorized, "Redis at {} does not accept the user or the password of the URL",
                    with.name);
    if (starts("ERR AUTH <password> called without") ||
        starts("ERR Client sent AUTH, but no password is set"))
        return fail(Errc::unauthorized, "Redis at {} has no password, and the URL has one", with.name);
    if (starts("ERR wrong number of arguments for 'auth'"))
        return fail(Errc::unauthorized, "Redis at {} is older than 6 and knows no users; write :password@",
                    with.name);
    if (starts("NOPERM"))
        return fail(Errc::forbidden, "Redis at {} does not let the user of the URL run {}", with.name,
                    command);
    if (starts("DENIED"))
        return fail(Errc::forbidden, "Redis at {} is in protected mode and answers its own machine only",
                    with.name);
    if (starts("LOADING") || starts("BUSY") || starts("MASTERDOWN") || starts("ERR max number of clients"))
        return fail(Errc::overloaded, "Redis at {} cannot answer now: it is loading, busy or full; try again",
                    with.name);
    if (command == "SELECT")
        return fail(Errc::forbidden, "Redis at {} does not have the database that the URL names", with.name);
    return fail(Errc::protocol, "Redis at {} answers {} with an error", with.name, command);
}

net::Task<base::Result<void>> expect(Dialogue& with, std::vector<std::string_view> words,
                                     std::string_view answer) {
    const Command command(words);
    auto reply = co_await ask(with, command);
    if (!reply) co_return reply.error();
    const std::string_view text((*reply)->str, (*reply)->len);
    if ((*reply)->type == REDIS_REPLY_ERROR) co_return refusal(with, text, words.front());
    if (text != answer) co_return no_redis(with);
    co_return base::Result<void>();
}

net::Task<base::Result<void>> introduce_and_ping(Dialogue& with, const RedisUrl& url) {
    std::vector<std::string_view> words;
    if (!url.password.empty()) {
        words = {"AUTH"};
        if (!url.user.empty()) words.push_back(url.user);
        words.push_back(url.password.reveal());
        auto known = co_await expect(with, words, "OK");
        if (!known) co_return known;
    }
    if (url.database != 0) {
        const auto number = std::to_string(url.database);
        words = {"SELECT", number};
        auto selected = co_await expect(with, words, "OK");
        if (!selected) co_return selected;
    }
    words = {"PING"};
    co_return co_await expect(with, words, "PONG");
}

}  // namespace

net::Task<base::Result<void>> check_redis(RedisUrl url, CheckLimits limits,
                                          std::shared_ptr<const net::TlsContext> tls) {
    VOICECTL_CHECK(!url.tls || tls != nullptr);
    const auto start = base::now();
    net::Endpoint to(url.host, url.port, url.tls ? tls : nullptr);
    to.unix_path = url.unix_path;
    auto opened = co_await net::connect(std::move(to), std::min(limits.connect, limits.total));
    if (!opened) co_return opened.error();
    Dialogue dialogue(std::move(*opened), url.name());
    net::Deadline deadline(dialogue.stream.get_executor(), start + limits.total - base::now(),
                           [&dialogue] { dialogue.stream.bytes().close(); });
    auto answered = co_await introduce_and_ping(dialogue, url);
    if (!answered && deadline.expired())
        co_return fail(Errc::timed_out, "Redis at {} did not answer within {} ms", url.name(),
                       limits.total.count());
    co_return answered;
}

}  // namespace voicectl::storage
