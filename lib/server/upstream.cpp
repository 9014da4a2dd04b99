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

base::Result<std::unique_ptr<simulator::Simulator>> start_simulator(const std::string& upstream_url) {
    const auto file = upstream_url.substr(std::string_view("sim:").size());
    auto scenario = file.empty() ? base::Result<simulator::Scenario>(simulator::built_in_scenario())
                                 : simulator::load_scenario(file);
    if (!scenario) return scenario.error();
    simulator::SimulatorOptions options;
    options.scenario = std::move(*scenario);
    return simulator::Simulator::start(std::move(options));
}

/// A base such as https://host/v1 stands for its realtime endpoint.
void complete_path(net::Url& url) {
    const auto query = url.target.find('?');
    auto path = url.target.substr(0, query);
    const auto rest = query == std::string::npos ? std::string() : url.target.substr(query);
    while (path.ends_with('/'))
        path.pop_back();
    if (path.empty()) path = "/v1";
    if (!path.ends_with("/realtime")) path += "/realtime";
    url.target = path + rest;
}

std::string name_of(const net::Url& url) {
    return url.host == "api.openai.com" ? "openai" : url.host;
}

}  // namespace

base::Result<Upstream> open_upstream(const config::Settings& settings) {
    Upstream upstream;
    std::string address = settings.upstream_url;
    const auto& keys = settings.openai_keys;
    std::string key = !settings.openai_api_key.empty() || keys.empty() ? settings.openai_api_key.reveal()
                                                                       : keys.front().key.reveal();
    if (config::is_simulator(address)) {
        auto simulator = start_simulator(address);
        if (!simulator) return simulator.error();
        upstream.simulator = std::move(*simulator);
        address = upstream.simulator->url();
        key = "simulator";
    }
    auto url = net::parse_url(address);
    if (!url) return fail(Errc::bad_configuration, "VOICE_UPSTREAM_URL: {}", url.error().detail);
    complete_path(*url);
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
    upstream.dial.headers.emplace_back("Authorization", "Bearer " + key);
    upstream.dial.headers.emplace_back("User-Agent", "voicectl");
    if (!settings.openai_organization.empty())
        upstream.dial.headers.emplace_back("OpenAI-Organization", settings.openai_organization);
    if (!settings.openai_project.empty())
        upstream.dial.headers.emplace_back("OpenAI-Project", settings.openai_project);
    return upstream;
}

}  // namespace voicectl::server
