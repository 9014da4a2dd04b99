// SPDX-License-Identifier: Apache-2.0
// The questions of `validate-config --level online`, each on its own: what is asked of whom, and what its
// answer means for the settings. Coroutines take their arguments by value and outlive nobody; the rest is
// pure.
#pragma once

#include "config/finding.hpp"
#include "config/settings.hpp"
#include "net/task.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"
#include "server/preflight.hpp"
#include "storage/postgres_check.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voicectl::server {

/// What a question came to; a finding once it is reported.
struct Verdict {
    config::Code code = config::Code::online_ok;
    std::string_view env;  ///< of the setting that it is about, a row's name
    std::string sentence;
    std::string fix;
    std::chrono::milliseconds took{0};
};
using Verdicts = std::vector<Verdict>;

/// Contexts for those who show a certificate; made once, before the questions.
struct OnlineTls {
    std::shared_ptr<const net::TlsContext> verified;
    std::shared_ptr<const net::TlsContext> unverified;  ///< for the gateway itself, over the loopback
};

/// One key of the speech model, and how a sentence may call it.
struct KeyToAsk {
    base::Secret key;  ///< empty: ask without one
    std::string_view env = "OPENAI_API_KEY";
    std::string place = "OPENAI_API_KEY";
    std::string project;
};

/// Each key of the settings once; one empty key where there is none.
std::vector<KeyToAsk> keys_to_ask(const config::Settings& settings);

/// Where the service behind an upstream URL lists its models; nothing where the URL cannot be read.
std::optional<net::Url> model_list_of(std::string_view upstream_url);

/// Asks for the list of models with one key.
net::Task<Verdicts> ask_upstream(config::Settings settings, KeyToAsk key, OnlineLimits limits, OnlineTls tls);

/// Asks a gateway that listens where the settings say for all that costs nothing: no session is opened.
net::Task<Verdicts> ask_gateway(config::Settings settings, OnlineLimits limits, OnlineTls tls);

/// Pings the Redis of REDIS_URL.
net::Task<Verdicts> ask_redis(base::Secret url, OnlineLimits limits, OnlineTls tls);

/// Whether a database URL names a PostgreSQL: something to ask.
bool is_postgres(const config::ServiceUrl& url);
/// What an answer of PostgreSQL means for the setting `env`.
Verdict judge_postgres(const base::Result<storage::PostgresAnswer>& answer, std::string_view env);

}  // namespace voicectl::server
