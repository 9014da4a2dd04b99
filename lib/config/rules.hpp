// SPDX-License-Identifier: Apache-2.0
// What settings must be together: what is required, what contradicts, what this machine cannot hold. Pure.
#pragma once

#include "config/load.hpp"
#include "config/machine.hpp"

namespace voicectl::config {

/// Adds what is wrong with settings that are each well by themselves.
void check_rules(Loaded& loaded, const Machine& machine);

/// The part of it that is about secrets (rules_secret.cpp).
void check_secrets(Loaded& loaded);

/// The descriptors and the memory that so many sessions take, as documented in voicectl.toml(5).
std::uint64_t descriptors_for(std::uint64_t sessions) noexcept;
std::uint64_t memory_for(std::uint64_t sessions) noexcept;

}  // namespace voicectl::config
