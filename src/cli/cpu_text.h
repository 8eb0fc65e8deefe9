// SPDX-License-Identifier: MIT
// A CPU's family, model and stepping for people and for JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/envelope.h"
#include "core/port/platform.h"

namespace tdxctl::cli {

/// "Sapphire Rapids (family 6, model 143, stepping 8)"; without a name for CPUs that never hosted TDX.
/// `fms` has the form of CPUID.1.EAX.
std::string cpu_text(std::uint32_t fms);

/// {"fms", "family", "model", "stepping", "cpu_name"}.
Json cpu_json(std::uint32_t fms);

/// "2 packages, Sapphire Rapids (...)", one phrase for each kind of CPU.
std::string packages_text(const std::vector<Package>& packages);

/// One object for each package; null where they could not be seen.
Json packages_json(const Result<std::vector<Package>>& packages);

}  // namespace tdxctl::cli
