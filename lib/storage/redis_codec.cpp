// SPDX-License-Identifier: Apache-2.0
// The only file that includes hiredis. Its reader builds our replies directly, by functions of ours that keep
// the account of what a reply takes: its own would reserve whatever a peer announces.
#include "storage/redis_codec.hpp"

#include "base/handle.hpp"

#include <hiredis/hiredis.h>
#include <string.h>
#include <utility>

namespace voicectl::storage {

using base::Errc;
using base::fail;

namespace {

base::Secret encode(std::span<const std::string_view> words) {
    VOICECTL_CHECK(!words.empty());
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto word : words) {
        texts.push_back(word.data());
        sizes.push_back(word.size());
    }
    char* text = nullptr;
    const int formatted =
        redisFormatCommandArgv(&text, static_cast<int>(words.size()), texts.data(), sizes.data());
    VOICECTL_CHECK(formatted > 0);
    const auto size = static_cast<std::size_t>(formatted);
    base::Secret wire(std::string(text, size));
    ::explicit_bzero(text, size);
    redisFreeCommand(text);
    return wire;
}

/// The memory that the reply under way takes.
struct Account {
    std::size_t used = 0;
    std::size_t max = 0;
    bool over = false;

    bool take(std::size_t bytes) noexcept {
        over = over || bytes > max - used;
        if (!over) used += bytes;
        return !over;
    }
};

/// Where the reply of a task goes: an element of its array, or a root of its own; none if it is too much,
/// which hiredis reports as an error.
Reply* place(const redisReadTask* task, std::size_t bytes, Reply::Kind kind) {
    auto& account = *static_cast<Account*>(task->privdata);
    if (!account.take(bytes)) return nullptr;
    // The elements of an array were paid for when it began.
    auto* reply =
        task->parent == nullptr
            ? new Reply()
            : &static_cast<Reply*>(task->parent->obj)->elements[static_cast<std::size_t>(task->idx)];
    reply->kind = kind;
    return reply;
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
    const auto kind = task->type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::string;
    auto* reply = place(task, size, kind);
    if (reply != nullptr) reply->text.assign(text, size);
    return reply;
}

void* create_array(const redisReadTask* task, int size) {
    const auto count = static_cast<std::size_t>(size);
    auto* reply = place(task, count * sizeof(Reply), Reply::Kind::array);
    if (reply != nullptr) reply->elements.resize(count);
    return reply;
}

void* create_integer(const redisReadTask* task, long long number) {
    auto* reply = place(task, 0, Reply::Kind::integer);
    if (reply != nullptr) reply->integer = number;
    return reply;
}

void* create_nil(const redisReadTask* task) {
    return place(task, 0, Reply::Kind::nil);
}

/// Called for roots only.
void free_reply(void* reply) {
    delete static_cast<Reply*>(reply);
}

redisReplyObjectFunctions functions{create_string, create_array, create_integer, create_nil, free_reply};

}  // namespace

Command::Command(std::span<const std::string_view> words) : wire_(encode(words)) {}

struct ReplyReader::Impl {
    Account account;
    base::Handle<redisReaderFree, redisReader> reader{redisReaderCreateWithFunctions(&functions)};
};

ReplyReader::ReplyReader(std::size_t bytes_max) : impl_(std::make_unique<Impl>()) {
    VOICECTL_CHECK(impl_->reader != nullptr);
    impl_->account.max = bytes_max;
    impl_->reader->privdata = &impl_->account;
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
    // It fails only after an error, which next() has said already.
    redisReaderFeed(impl_->reader.get(), bytes.data(), bytes.size());
}

base::Result<std::optional<Reply>> ReplyReader::next() {
    auto& reader = *impl_->reader;
    auto& account = impl_->account;
    void* root = nullptr;
    const bool read = redisReaderGetReply(&reader, &root) == REDIS_OK;
    // What is not parsed yet is memory too.
    const bool waits_for_too_much = root == nullptr && reader.len - reader.pos > account.max - account.used;
    if (account.over || (read && waits_for_too_much))
        return fail(Errc::too_large, "a reply takes more than {} bytes", account.max);
    if (!read) return fail(Errc::protocol, "what came is no reply of a Redis");
    if (root == nullptr) return std::optional<Reply>();
    const std::unique_ptr<Reply> reply(static_cast<Reply*>(root));
    account.used = 0;
    return std::optional<Reply>(std::move(*reply));
}

bool ReplyReader::begun() const noexcept {
    // Its first task may stand ready without a byte for it.
    return impl_->reader->ridx > 0 || impl_->reader->len > impl_->reader->pos;
}

}  // namespace voicectl::storage
