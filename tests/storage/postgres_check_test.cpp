// SPDX-License-Identifier: Apache-2.0
// Against a real PostgreSQL for all that one does, against peers of our own for what none does.
#include "storage/postgres_check.hpp"

#include "base/time.hpp"
#include "storage/postgres_server.hpp"

#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

namespace voicectl::storage {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using tests::PostgresServer;

class PostgresCheck : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        server_ = std::make_unique<PostgresServer>();
        server_->run("postgres", {"create database migrated", "create database fresh",
                                  "create role guest login password 'guest'"});
        server_->run("fresh", {"create table schema_migrations (version varchar(255) primary key)"});
        server_->run("migrated",
                     {"create table schema_migrations (version varchar(255) primary key)",
                      "insert into schema_migrations values ('20250102030405'), ('20250607080910')"});
    }
    static void TearDownTestSuite() { server_.reset(); }

    /// Whether all is well; the answer stands in answer_ then, else what is wrong in code_ and sentence_.
    bool check(const std::string& url) {
        sentence_.clear();
        auto answer = check_postgres(base::Secret(url), limits_);
        if (answer) {
            answer_ = std::move(*answer);
            return true;
        }
        code_ = answer.error().code;
        sentence_ = answer.error().detail;
        EXPECT_EQ(sentence_.find(PostgresServer::password), std::string::npos) << sentence_;
        return false;
    }
    Errc code_of(const std::string& url) {
        EXPECT_FALSE(check(url)) << "all was well";
        return code_;
    }
    bool says(const std::string& text) const { return sentence_.find(text) != std::string::npos; }

    static inline std::unique_ptr<PostgresServer> server_;
    CheckLimits limits_;
    PostgresAnswer answer_;
    Errc code_ = Errc::internal;
    std::string sentence_;
};

TEST_F(PostgresCheck, IsAnsweredByAPostgres) {
    ASSERT_TRUE(check(server_->url("/postgres"))) << sentence_;
    EXPECT_GE(answer_.server_version, 90000);
    EXPECT_FALSE(answer_.has_migrations);
    EXPECT_TRUE(check("postgresql://voice:" + std::string(PostgresServer::password) +
                      "@/postgres?host=" + server_->folder() + "&port=" + std::to_string(server_->port())))
        << sentence_;
}

TEST_F(PostgresCheck, ReadsTheNewestMigration) {
    ASSERT_TRUE(check(server_->url("/migrated"))) << sentence_;
    EXPECT_TRUE(answer_.has_migrations);
    EXPECT_EQ(answer_.newest_migration, "20250607080910");
    ASSERT_TRUE(check(server_->url("/fresh"))) << sentence_;
    EXPECT_TRUE(answer_.has_migrations);
    EXPECT_EQ(answer_.newest_migration, "");
}

TEST_F(PostgresCheck, TellsRefusalsApart) {
    EXPECT_EQ(code_of(server_->url("/postgres", "127.0.0.1", "voice:wrong")), Errc::unauthorized);
    EXPECT_TRUE(says("28P01")) << sentence_;
    EXPECT_FALSE(says("wrong")) << sentence_;
    EXPECT_EQ(code_of(server_->url("/postgres", "127.0.0.1", "voice")), Errc::unauthorized);
    EXPECT_TRUE(says("wants a password")) << sentence_;
    EXPECT_EQ(code_of(server_->url("/nowhere")), Errc::not_found);
    EXPECT_TRUE(says("nowhere")) << sentence_;
    EXPECT_EQ(code_of(server_->url("/migrated", "127.0.0.1", "guest:guest")), Errc::forbidden);
    EXPECT_TRUE(says("schema_migrations")) << sentence_;
    EXPECT_EQ(code_of(server_->url("/postgres?sslmode=of-course")), Errc::malformed) << sentence_;
}

TEST_F(PostgresCheck, DemandsATrustedCertificateWhereTheUrlDoes) {
    const auto query = "/postgres?sslmode=verify-full&sslrootcert=";
    EXPECT_TRUE(check(server_->url(query + server_->file("ca.pem"), "localhost"))) << sentence_;
    EXPECT_EQ(code_of(server_->url(query + server_->file("localhost.pem"), "localhost")), Errc::untrusted)
        << sentence_;
    EXPECT_EQ(code_of(server_->url(query + server_->file("ca.pem"))), Errc::untrusted)
        << "it is not for an address";
    EXPECT_EQ(code_of(server_->url(query + server_->file("none.pem"), "localhost")), Errc::untrusted)
        << sentence_;
}

TEST_F(PostgresCheck, GivesUpOnAQueryThatIsNotAnswered) {
    const auto locker =
        server_->psql("migrated", {"begin; lock table schema_migrations in access exclusive mode",
                                   "select 'it is locked'", "select pg_sleep(600)"});
    ASSERT_TRUE(locker->says("LOCK TABLE")) << locker->said();
    limits_.total = 3s;
    const auto start = base::now();
    EXPECT_EQ(code_of(server_->url("/migrated")), Errc::timed_out);
    EXPECT_TRUE(says("took the query") && says("3000 ms")) << sentence_;
    EXPECT_LT(base::now() - start, 30s);
    locker->end(SIGTERM);
}

TEST_F(PostgresCheck, SaysThatNobodyListens) {
    const auto port = std::to_string(tests::free_port());
    EXPECT_EQ(
        code_of("postgresql://voice:" + std::string(PostgresServer::password) + "@127.0.0.1:" + port + "/x"),
        Errc::unavailable);
    EXPECT_TRUE(says(port)) << sentence_;
    EXPECT_EQ(code_of("postgresql:///x?host=/nonexistent"), Errc::unavailable) << sentence_;
}

TEST_F(PostgresCheck, GivesUpOnAPeerThatSaysNothing) {
    net::asio::io_context io;
    const tests::LoopbackListener listener(io);
    const auto url = "postgresql://voice:" + std::string(PostgresServer::password) +
                     "@127.0.0.1:" + std::to_string(listener.port()) + "/x?sslmode=";
    limits_ = CheckLimits{80ms, 60s};
    EXPECT_EQ(code_of(url + "require"), Errc::timed_out);
    EXPECT_TRUE(says("80 ms")) << sentence_;
    limits_ = CheckLimits{60s, 100ms};
    EXPECT_EQ(code_of(url + "disable"), Errc::timed_out);
    EXPECT_TRUE(says("100 ms")) << sentence_;
}

TEST_F(PostgresCheck, KnowsWhatIsNoPostgres) {
    const std::pair<std::string, Errc> table[] = {{"", Errc::closed},
                                                  {"HTTP/1.1 400 Bad Request\r\n\r\n", Errc::protocol},
                                                  {std::string(100'000, 'x'), Errc::protocol}};
    for (const auto& [answer, code] : table) {
        net::asio::io_context io;
        tests::LoopbackListener listener(io);
        std::thread peer([&listener, &text = answer] {
            auto socket = listener.acceptor().accept();
            net::ErrorCode ignored;
            char heard[64];
            socket.read_some(net::asio::buffer(heard), ignored);
            net::asio::write(socket, net::asio::buffer(text), ignored);
        });
        EXPECT_EQ(
            code_of("postgresql://voice@127.0.0.1:" + std::to_string(listener.port()) + "/x?sslmode=disable"),
            code)
            << sentence_;
        peer.join();
    }
}

TEST_F(PostgresCheck, RepeatsNothingOfAUrlThatItDoesNotUnderstand) {
    for (const auto* url :
         {"postgresql://u:S3%CRET@h/x", "postgresql://u:pa/S3CRET@h/x", "postgresql://u:12/S3CRET@h/x",
          "postgresql://u:p@S3CRET@h/x", "postgresql://h/x?S3CRET=1", "postgresql://[S3CRET/x",
          "postgresql://h:S3CRET/x"}) {
        EXPECT_EQ(code_of(url), Errc::malformed) << url;
        EXPECT_FALSE(says("S3") || says("CRET")) << url << ": " << sentence_;
    }
}

}  // namespace
}  // namespace voicectl::storage
