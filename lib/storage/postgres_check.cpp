// SPDX-License-Identifier: Apache-2.0
#include "storage/postgres_check.hpp"

#include "base/handle.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <libpq-fe.h>
#include <poll.h>
#include <string_view>
#include <utility>

namespace voicectl::storage {
namespace {

using base::Errc;
using base::fail;
using Connection = base::Handle<PQfinish, PGconn>;
using Rows = base::Handle<PQclear, PGresult>;
using Parameters = base::Handle<PQconninfoFree, PQconninfoOption>;

constexpr std::size_t quote_bytes_max = 200;

std::string_view text_of(const char* text) noexcept {
    return text == nullptr ? std::string_view() : std::string_view(text);
}

/// host:port or the socket's folder, as libpq tries it now.
std::string name_of(const PGconn* connection) {
    const auto host = text_of(PQhost(connection));
    if (host.starts_with('/')) return fmt::format("{}/.s.PGSQL.{}", host, text_of(PQport(connection)));
    return fmt::format("{}:{}", host, text_of(PQport(connection)));
}

/// What libpq or the server says, as one short line. Neither repeats a password; should one ever do so, it is
/// not passed on.
std::string quote(const PGconn* connection, std::string_view text) {
    std::string line(text.substr(0, std::min(text.find('\n'), quote_bytes_max)));
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
    const auto password = text_of(PQpass(connection));
    if (!password.empty() && line.find(password) != std::string::npos)
        return "(an answer that repeats the password)";
    return line;
}

/// The SQLSTATE in the verbose form of a server's message ("FATAL:  28P01: …"); empty where libpq itself
/// speaks.
std::string_view state_in(std::string_view message) noexcept {
    constexpr std::string_view before = ":  ";
    constexpr std::size_t size = 5;
    const auto found = message.find(before);
    if (found == std::string_view::npos) return {};
    const auto state = message.substr(found + before.size(), size);
    const auto code = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    const bool ended = message.substr(found + before.size() + size).starts_with(':');
    return state.size() == size && ended && std::ranges::all_of(state, code) ? state : std::string_view();
}

Errc kind_of(std::string_view state) noexcept {
    if (state.starts_with("28")) return Errc::unauthorized;
    if (state == "3D000") return Errc::not_found;
    if (state == "42501") return Errc::forbidden;
    // Too many connections, starting up, shutting down.
    if (state.starts_with("53") || state.starts_with("57P")) return Errc::overloaded;
    return Errc::protocol;
}

/// Waits for what libpq asks for; false past the deadline.
bool wait_for(const PGconn* connection, short events, base::Time deadline) {
    while (true) {
        const auto left = deadline - base::now();
        if (left <= base::Duration::zero()) return false;
        pollfd socket{PQsocket(connection), events, 0};
        const auto patience = std::chrono::ceil<std::chrono::milliseconds>(left).count();
        const int ready = ::poll(&socket, 1, static_cast<int>(patience));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

/// Whether TCP or TLS are still being made.
bool reaching(ConnStatusType status) noexcept {
    return status == CONNECTION_NEEDED || status == CONNECTION_STARTED || status == CONNECTION_MADE ||
           status == CONNECTION_SSL_STARTUP || status == CONNECTION_GSS_STARTUP;
}

base::Error no_postgres(const PGconn* connection, std::string_view why) {
    return fail(Errc::protocol, "what answers at {} is no PostgreSQL: {}", name_of(connection), why);
}

base::Error connect_failed(const PGconn* connection, ConnStatusType last) {
    const auto message = text_of(PQerrorMessage(connection));
    const auto has = [&](std::string_view text) { return message.find(text) != std::string_view::npos; };
    const auto name = name_of(connection);
    if (const auto state = state_in(message); !state.empty())
        return fail(kind_of(state), "PostgreSQL at {} refuses: {}", name,
                    quote(connection, message.substr(message.find(state))));
    if (PQconnectionNeedsPassword(connection) != 0 || has("no password supplied"))
        return fail(Errc::unauthorized, "PostgreSQL at {} wants a password, and there is none", name);
    if (has("certificate"))
        return fail(Errc::untrusted, "TLS with {}: its certificate is not accepted: {}", name,
                    quote(connection, message));
    if (has("server does not support SSL"))
        return fail(Errc::protocol, "PostgreSQL at {} has no TLS, and the URL demands it (sslmode)", name);
    if (has("closed the connection unexpectedly"))
        return fail(Errc::closed, "{} closed the connection without an answer", name);
    if (message.starts_with("invalid "))
        return fail(Errc::malformed, "the URL of the database has a parameter that cannot be: {}",
                    quote(connection, message));
    if (last == CONNECTION_NEEDED || last == CONNECTION_STARTED)
        return fail(Errc::unavailable, "cannot connect to PostgreSQL: {}", quote(connection, message));
    return no_postgres(connection, quote(connection, message));
}

base::Result<void> connect(PGconn* connection, base::Time start, CheckLimits limits) {
    auto last = CONNECTION_NEEDED;
    auto wanted = PGRES_POLLING_WRITING;
    while (true) {
        if (wanted == PGRES_POLLING_OK) return {};
        const auto now_at = PQstatus(connection);
        if (wanted == PGRES_POLLING_FAILED || now_at == CONNECTION_BAD)
            return connect_failed(connection, last);
        last = now_at;
        const auto limit = reaching(last) ? std::min(limits.connect, limits.total) : limits.total;
        if (!wait_for(connection, wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT, start + limit))
            return fail(Errc::timed_out, "PostgreSQL at {} did not answer within {} ms", name_of(connection),
                        limit.count());
        wanted = PQconnectPoll(connection);
    }
}

bool copies(ExecStatusType status) noexcept {
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

struct Limit {
    base::Time end;
    std::chrono::milliseconds total;
};

/// One query of ours, and its one result.
base::Result<Rows> ask(PGconn* connection, const char* query, Limit limit) {
    const auto broken = [&] {
        return fail(Errc::closed, "{} closed the connection: {}", name_of(connection),
                    quote(connection, text_of(PQerrorMessage(connection))));
    };
    if (PQsendQuery(connection, query) == 0) return broken();
    Rows rows;
    while (true) {
        const int unsent = PQflush(connection);
        if (unsent < 0) return broken();
        while (PQisBusy(connection) == 0) {
            Rows next(PQgetResult(connection));
            if (next == nullptr) break;
            if (copies(PQresultStatus(next.get()))) return no_postgres(connection, "it starts to copy");
            if (rows == nullptr || PQresultStatus(rows.get()) != PGRES_FATAL_ERROR) rows = std::move(next);
        }
        if (PQtransactionStatus(connection) != PQTRANS_ACTIVE) break;
        const auto events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
        if (!wait_for(connection, events, limit.end))
            return fail(Errc::timed_out,
                        "PostgreSQL at {} took the query, and did not answer it within {} ms",
                        name_of(connection), limit.total.count());
        if (PQconsumeInput(connection) == 0) return broken();
    }
    if (rows == nullptr || PQstatus(connection) == CONNECTION_BAD) return broken();
    if (PQresultStatus(rows.get()) != PGRES_FATAL_ERROR) return rows;
    const auto state = text_of(PQresultErrorField(rows.get(), PG_DIAG_SQLSTATE));
    return fail(kind_of(state), "PostgreSQL at {} answers with an error: {}: {}", name_of(connection), state,
                quote(connection, text_of(PQresultErrorField(rows.get(), PG_DIAG_MESSAGE_PRIMARY))));
}

/// The one value of a result; empty for null, or where there is no row.
std::string value_of(const Rows& rows) {
    if (PQntuples(rows.get()) < 1 || PQnfields(rows.get()) < 1) return {};
    return PQgetvalue(rows.get(), 0, 0);
}

base::Result<PostgresAnswer> question(PGconn* connection, Limit limit) {
    if (auto begun = ask(connection, "begin transaction read only", limit); !begun) return begun.error();
    auto one = ask(connection, "select 1", limit);
    if (!one) return one.error();
    if (value_of(*one) != "1") return no_postgres(connection, "'select 1' is not 1");
    PostgresAnswer answer;
    answer.server_version = PQserverVersion(connection);
    auto table = ask(connection, "select to_regclass('schema_migrations')::text", limit);
    if (!table) return table.error();
    answer.has_migrations = !value_of(*table).empty();
    if (answer.has_migrations) {
        auto newest = ask(connection, "select max(version)::text from schema_migrations", limit);
        if (!newest) return newest.error();
        answer.newest_migration = value_of(*newest);
    }
    if (auto ended = ask(connection, "rollback", limit); !ended) return ended.error();
    return answer;
}

/// The URL as libpq reads it. Its own sentence for one that it does not understand quotes it, and so is left
/// out; and where a character of the password ended it too early, the rest of it stands in the host, the port
/// or the name.
base::Result<void> check_url(const base::Secret& url) {
    const Parameters understood(PQconninfoParse(url.reveal().c_str(), nullptr));
    bool good = understood != nullptr;
    for (const auto* option = understood.get(); good && option->keyword != nullptr; ++option) {
        const auto name = text_of(option->keyword);
        const auto value = text_of(option->val);
        if (name == "port")
            good = value.find_first_not_of("0123456789,") == std::string_view::npos;
        else if (name == "host" || name == "hostaddr" || name == "dbname")
            good = value.find_first_of("@ ") == std::string_view::npos;
    }
    if (good) return {};
    return fail(
        Errc::malformed,
        "the URL of the database is not one that libpq understands: look for a parameter behind '?' that "
        "PostgreSQL does not have, and for ':', '/', '@' or '%' in the password, which are written %3A, %2F, "
        "%40 and %25");
}

}  // namespace

base::Result<PostgresAnswer> check_postgres(const base::Secret& url, CheckLimits limits) {
    const auto start = base::now();
    if (auto good = check_url(url); !good) return good.error();
    const std::array names{"dbname", "fallback_application_name", static_cast<const char*>(nullptr)};
    const std::array values{url.reveal().c_str(), "voicectl", static_cast<const char*>(nullptr)};
    constexpr int expand_dbname = 1;
    const Connection connection(PQconnectStartParams(names.data(), values.data(), expand_dbname));
    VOICECTL_CHECK(connection != nullptr);
    // The server's messages may be in any language; the code in their verbose form is not.
    PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
    if (auto connected = connect(connection.get(), start, limits); !connected) return connected.error();
    PQsetnonblocking(connection.get(), 1);
    return question(connection.get(), Limit{start + limits.total, limits.total});
}

}  // namespace voicectl::storage
