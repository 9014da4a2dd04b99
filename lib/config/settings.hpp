// SPDX-License-Identifier: Apache-2.0
// Every setting as a field with its default. What it is called, its range and its sentence stand in
// table.cpp.
#pragma once

#include "base/secret.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace voicectl::config {

struct Settings {
    base::Secret openai_api_key;
    std::string openai_organization;
    std::string openai_project;
    std::string upstream_url = "wss://api.openai.com/v1/realtime";
    std::string model = "gpt-realtime";
    std::string voice;
    std::string instructions;
    std::string transcription_model = "gpt-4o-mini-transcribe";

    std::string bind_address = "0.0.0.0";
    int ws_port = 8080;
    int http_port = 3000;
    int workers = 0;
    int max_connections = 1000;
    std::vector<std::string> cors_origins;
    std::chrono::milliseconds drain_timeout{30'000};
    std::chrono::milliseconds shutdown_delay{0};

    std::chrono::milliseconds idle_timeout{300'000};
    int frame_ms = 20;
    int bitrate_bps = 16'000;

    base::Secret jwt_secret;

    std::string log_level = "info";
    std::string log_format = "text";
    bool debug = false;
};

}  // namespace voicectl::config
