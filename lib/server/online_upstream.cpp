// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "net/http_client.hpp"
#include "server/online.hpp"
#include "server/upstream.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace voicectl::server {
namespace {

namespace json = boost::json;
using base::Errc;
using config::Code;

constexpr std::string_view url_env = "VOICE_UPSTREAM_URL";
constexpr std::string_view model_env = "OPENAI_REALTIME_MODEL";

std::string ordinal(std::size_t number) {
    const auto last = number % 10;
    const bool teens = number % 100 / 10 == 1;
    const auto* ending = teens || last == 0 || last > 3 ? "th" : last == 1 ? "st" : last == 2 ? "nd" : "rd";
    return fmt::format("{}{}", number, ending);
}

net::HttpGet request_for(const config::Settings& settings, const KeyToAsk& key, net::Url url,
                         const OnlineLimits& limits, const OnlineTls& tls) {
    net::HttpGet request;
    request.url = std::move(url);
    request.tls = tls.verified;
    request.connect_timeout = limits.connect;
    request.total_timeout = limits.total;
    request.headers = headers_for(settings, key.key, key.project);
    return request;
}

Verdict judge_failure(const base::Error& error) {
    Verdict verdict{Code::upstream_unreachable, url_env, error.detail, {}};
    if (error.code == Errc::untrusted) {
        verdict.code = Code::tls_not_trusted;
        verdict.fix = "mend the service's chain, or name its authority with SSL_CERT_FILE";
    } else if (error.code == Errc::unavailable || error.code == Errc::timed_out ||
               error.code == Errc::closed) {
        verdict.fix = "check the URL, the network, and what a firewall lets out";
    } else {
        verdict.code = Code::upstream_refuses;
        verdict.fix = "check that the URL names the service of a speech model";
    }
    return verdict;
}

/// The code in an error's body, where it is a plain word that has nothing to do with the key: a message may
/// quote it.
std::string reason_in(const std::string& body, const base::Secret& key) {
    json::error_code ec;
    const auto document = json::parse(body, ec);
    if (ec) return {};
    const auto* error = document.is_object() ? document.as_object().if_contains("error") : nullptr;
    const auto* code =
        error != nullptr && error->is_object() ? error->as_object().if_contains("code") : nullptr;
    if (code == nullptr || !code->is_string()) return {};
    const std::string_view word = code->as_string();
    constexpr std::size_t letters_max = 40;
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    if (word.empty() || word.size() > letters_max || !std::ranges::all_of(word, plain) ||
        key.reveal().find(word) != std::string::npos)
        return {};
    return fmt::format(", {}", word);
}

/// The names in a list of models; nothing if it is no such list.
std::optional<std::set<std::string, std::less<>>> models_in(const std::string& body) {
    json::error_code ec;
    const auto document = json::parse(body, ec);
    const auto* list = !ec && document.is_object() ? document.as_object().if_contains("data") : nullptr;
    if (list == nullptr || !list->is_array()) return std::nullopt;
    std::set<std::string, std::less<>> models;
    for (const auto& entry : list->as_array()) {
        const auto* id = entry.is_object() ? entry.as_object().if_contains("id") : nullptr;
        if (id != nullptr && id->is_string()) models.emplace(id->as_string());
    }
    return models;
}

/// The one that sessions will ask for: the URL's own, or the setting's.
std::string model_of(const config::Settings& settings) {
    const auto in_url = net::query_value(settings.upstream_url, "model");
    return in_url && !in_url->empty() ? *in_url : settings.model;
}

Verdicts judge_list(const config::Settings& settings, const KeyToAsk& key, const std::string& host,
                    const std::string& body) {
    const auto models = models_in(body);
    if (!models)
        return {
            {Code::online_ok,
             url_env,
             fmt::format(
                 "{} answers, but not with a list of models: neither the key nor the model could be checked",
                 host),
             {}}};
    Verdicts verdicts;
    if (key.key.empty())
        verdicts.push_back(
            {Code::online_ok, url_env, fmt::format("{} answers, and asks for no key", host), {}});
    else
        verdicts.push_back({Code::online_ok, key.env, fmt::format("{} accepts {}", host, key.place), {}});
    const auto model = model_of(settings);
    if (!models->contains(model))
        verdicts.push_back({Code::model_unknown, model_env,
                            fmt::format("{} does not list the model {} for {}", host, model, key.place),
                            "check the model's name, and what the key may use"});
    return verdicts;
}

Verdict judge_status(const net::HttpAnswer& answer, const KeyToAsk& key, const std::string& host) {
    const auto status = answer.status;
    if ((status == 401 || status == 403) && key.key.empty())
        return {Code::online_skipped,
                url_env,
                fmt::format("{} answers; there is no key to ask it with", host),
                {}};
    if (status == 401 || status == 403)
        return {Code::upstream_refuses, key.env,
                fmt::format("{} does not accept {} (HTTP {}{})", host, key.place, status,
                            reason_in(answer.body, key.key)),
                "check the key, its project and its account"};
    if (status == 404 || status == 405)
        return {Code::online_ok,
                url_env,
                fmt::format("{} answers, and has no list of models: the key could not be checked", host),
                {}};
    if (status == 429)
        return {Code::upstream_refuses, key.env,
                fmt::format("{} answers that the limit or the credit of {} is used up (HTTP 429{})", host,
                            key.place, reason_in(answer.body, key.key)),
                "check the account's limits and its credit"};
    if (status >= 500)
        return {Code::upstream_unreachable, url_env, fmt::format("{} fails: HTTP {}", host, status),
                "try again later, or look at the service's status page"};
    if (status >= 300 && status < 400)
        return {Code::upstream_refuses, url_env,
                fmt::format("{} answers with a redirect (HTTP {}), which is not followed", host, status),
                "write the URL that it leads to"};
    return {Code::upstream_refuses, url_env,
            fmt::format("{} does not answer with its list of models: HTTP {}{}", host, status,
                        reason_in(answer.body, key.key)),
            "check the URL, and the organization and the project of the key"};
}

}  // namespace

std::vector<KeyToAsk> keys_to_ask(const config::Settings& settings) {
    std::vector<KeyToAsk> keys;
    if (!settings.openai_api_key.empty()) {
        keys.emplace_back();
        keys.back().key = settings.openai_api_key;
    }
    for (std::size_t i = 0; i < settings.openai_keys.size(); ++i) {
        const auto& entry = settings.openai_keys[i];
        const auto is_same = [&](const KeyToAsk& other) {
            return other.key == entry.key && other.project == entry.project;
        };
        if (entry.key.empty() || std::ranges::any_of(keys, is_same)) continue;
        keys.push_back({entry.key, "OPENAI_API_KEYS",
                        fmt::format("the {} of OPENAI_API_KEYS", ordinal(i + 1)), entry.project});
    }
    if (keys.empty()) keys.emplace_back();
    return keys;
}

std::optional<net::Url> model_list_of(std::string_view upstream_url) {
    auto url = net::parse_url(upstream_url);
    if (!url) return std::nullopt;
    const auto api_version = net::query_value(url->target, "api-version");
    auto path = service_path(*url);
    while (path.ends_with('/'))
        path.pop_back();
    url->target = path + "/models";
    if (api_version && !api_version->empty()) url->add_query("api-version", *api_version);
    return *url;
}

net::Task<Verdicts> ask_upstream(config::Settings settings, KeyToAsk key, OnlineLimits limits,
                                 OnlineTls tls) {
    Verdicts verdicts;
    auto url = model_list_of(settings.upstream_url);
    if (!url) co_return verdicts;
    const auto host = url->authority();
    auto request = request_for(settings, key, std::move(*url), limits, tls);
    const auto start = base::now();
    const auto answer = co_await net::http_get(std::move(request));
    if (!answer)
        verdicts.push_back(judge_failure(answer.error()));
    else if (answer->status == 200)
        verdicts = judge_list(settings, key, host, answer->body);
    else
        verdicts.push_back(judge_status(*answer, key, host));
    for (auto& verdict : verdicts)
        verdict.took = std::chrono::milliseconds(base::whole_milliseconds(base::now() - start));
    co_return verdicts;
}

}  // namespace voicectl::server
