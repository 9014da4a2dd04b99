// SPDX-License-Identifier: Apache-2.0
#include "server/upstream.hpp"

#include "config/load.hpp"

#include <utility>

namespace voicectl::server {
namespace {

using base::Errc;
using base::fail;

/// An event of the upstream is one message; the service keeps them well below this.
constexpr std::size_t event_bytes_max = 1024 * 1024;

/// Another upstream hears at once what is kept of an utterance: a minute of it as base64, and then some.
constexpr std::size_t queue_bytes_max = 5 * 1024 * 1024;

base::Result<std::unique_ptr<simulator::Simulator>> start_simulator(const std::string& upstream_url) {
    const auto file = upstream_url.substr(std::string_view("sim:").size());
    auto scenario = file.empty() ? base::Result<simulator::Scenario>(simulator::built_in_scenario())
                                 : simulator::load_scenario(file);
    if (!scenario) return scenario.error();
    simulator::SimulatorOptions options;
    options.scenario = std::move(*scenario);
    return simulator::Simulator::start(std::move(options));
}

constexpr std::string_view endpoint = "/realtime";

std::vector<upstream::KeyOptions> keys_of(const config::Settings& settings) {
    std::vector<upstream::KeyOptions> keys;
    if (!settings.openai_api_key.empty()) keys.push_back({settings.openai_api_key, settings.openai_project, 1, {}});
    for (const auto& key : settings.openai_keys)
        keys.push_back({key.key, key.project.empty() ? settings.openai_project : key.project, key.weight,
                        upstream::Budget{key.requests_per_minute, key.tokens_per_minute}});
    // A service of one's own may want no key.
    if (keys.empty()) keys.push_back({});
    return keys;
}

std::string name_of(const net::Url& url) {
    return url.host == "api.openai.com" ? "openai" : url.host;
}

}  // namespace

net::Headers headers_for(const config::Settings& settings, const base::Secret& key,
                         const std::string& project) {
    net::Headers headers;
    if (!key.empty()) headers.emplace_back("Authorization", "Bearer " + key.reveal());
    if (!settings.openai_organization.empty())
        headers.emplace_back("OpenAI-Organization", settings.openai_organization);
    const auto& chosen = project.empty() ? settings.openai_project : project;
    if (!chosen.empty()) headers.emplace_back("OpenAI-Project", chosen);
    return headers;
}

std::string service_path(const net::Url& url) {
    std::string path(net::path_of(url.target));
    while (path.ends_with('/'))
        path.pop_back();
    if (path.empty()) return "/v1";
    if (path.ends_with(endpoint)) path.resize(path.size() - endpoint.size());
    return path;
}

base::Result<Upstream> open_upstream(const config::Settings& settings) {
    Upstream upstream;
    std::string address = settings.upstream_url;
    upstream.keys = keys_of(settings);
    if (config::is_simulator(address)) {
        auto simulator = start_simulator(address);
        if (!simulator) return simulator.error();
        upstream.simulator = std::move(*simulator);
        address = upstream.simulator->url();
        upstream.keys = {upstream::KeyOptions{base::Secret("simulator"), {}, 1, {}}};
    }
    auto url = net::parse_url(address);
    if (!url) return fail(Errc::bad_configuration, "VOICE_UPSTREAM_URL: {}", url.error().detail);
    // A base such as https://host/v1 stands for its realtime endpoint.
    const auto query = std::string(url->target).substr(net::path_of(url->target).size());
    url->target = service_path(*url).append(endpoint) + query;
    upstream.name = upstream.simulator ? "simulator" : name_of(*url);
    auto model = net::query_value(url->target, "model");
    if (!model || model->empty()) url->add_query("model", settings.model);
    if (url->tls) {
        auto tls = net::TlsContext::client();
        if (!tls) return tls.error();
        upstream.dial.tls = std::make_shared<const net::TlsContext>(std::move(*tls));
    }
    upstream.dial.url = std::move(*url);
    upstream.dial.limits.message_bytes_max = event_bytes_max;
    upstream.dial.limits.queue_bytes_max = queue_bytes_max;
    upstream.dial.headers.emplace_back("User-Agent", "voicectl");
    return upstream;
}

}  // namespace voicectl::server
