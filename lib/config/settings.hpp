// SPDX-License-Identifier: Apache-2.0
// Every setting as a field with its default. What it is called, its range and its sentence stand in
// table.cpp. A value: copied into the small options of whoever needs it.
#pragma once

#include "base/secret.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace voicectl::config {

/// The path of a file that somebody else reads.
struct FilePath {
    std::string path;

    bool empty() const noexcept { return path.empty(); }
    friend bool operator==(const FilePath&, const FilePath&) = default;
};

/// A URL whose password is a secret: printed, it has *** in its place.
struct ServiceUrl {
    base::Secret text;

    bool empty() const noexcept { return text.empty(); }
    bool has_scheme(std::string_view scheme) const noexcept;
    std::string redacted() const;
    friend bool operator==(const ServiceUrl&, const ServiceUrl&) = default;
};

/// One of several keys of the speech model; keys of one project share its limits.
struct UpstreamKey {
    base::Secret key;
    std::string project;
    int weight = 1;
    int requests_per_minute = 0;  ///< 0: what the service allows
    int tokens_per_minute = 0;    ///< 0: what the service allows

    friend bool operator==(const UpstreamKey&, const UpstreamKey&) = default;
};

struct Settings {
    std::string environment = "production";

    std::string upstream_url = "wss://api.openai.com/v1/realtime";
    base::Secret openai_api_key;
    std::vector<UpstreamKey> openai_keys;
    std::string openai_organization;
    std::string openai_project;
    std::string model = "gpt-realtime";
    std::string voice;
    std::string instructions;
    std::string transcription_model = "gpt-4o-mini-transcribe";
    std::chrono::milliseconds renew_after{3'000'000};
    std::chrono::milliseconds renew_at_latest{3'480'000};
    std::chrono::milliseconds queue_timeout{30'000};
    int key_max_sessions = 0;
    std::chrono::milliseconds response_cache_ttl{0};

    std::string bind_address = "0.0.0.0";
    int ws_port = 8080;
    int http_port = 3000;
    FilePath tls_certificate;
    FilePath tls_key;
    int workers = 0;
    int max_connections = 1000;
    std::vector<std::string> cors_origins;
    std::vector<std::string> trusted_proxies;
    std::chrono::milliseconds drain_timeout{30'000};
    std::chrono::milliseconds shutdown_delay{0};

    std::chrono::milliseconds idle_timeout{300'000};
    std::chrono::milliseconds max_session_duration{3'600'000};
    std::string barge_in = "reversible";
    double vad_threshold = 0.5;
    std::chrono::milliseconds vad_hang_time{500};

    int sample_rate = 48'000;
    std::chrono::milliseconds frame{20};
    int bitrate_bps = 16'000;

    std::chrono::milliseconds first_token_target{300};
    std::chrono::milliseconds partial_target{150};
    std::chrono::milliseconds barge_in_target{50};

    base::Secret jwt_secret;
    base::Secret jwt_secret_previous;
    FilePath jwt_public_key;
    std::string jwt_issuer;
    std::string jwt_audience;
    std::vector<std::string> jwt_algorithms{"HS256"};

    int address_rate = 60;
    int tenant_rate = 600;
    int session_rate = 100;
    int tenant_max_sessions = 0;

    ServiceUrl redis_url;
    ServiceUrl database_url;
    ServiceUrl database_replica_url;
    int db_pool_size = 4;

    bool metrics_enabled = true;
    int metrics_port = 0;
    std::chrono::milliseconds health_interval{30'000};
    bool worklet_debug = false;

    std::string log_level = "info";
    std::string log_format = "text";
    bool debug = false;
    bool performance_warnings = true;

    bool production() const noexcept { return environment == "production"; }
};

}  // namespace voicectl::config
