// SPDX-License-Identifier: MIT
// A CPU's family, model and stepping for people and for JSON.
#pragma once

#include <cstdint>
#include <string>

#include "cli/envelope.h"

namespace tdxctl::cli {

/// "Sapphire Rapids (family 6, model 143, stepping 8)"; without a name for CPUs that never hosted TDX.
/// `fms` has the form of CPUID.1.EAX.
std::string cpu_text(std::uint32_t fms);

/// {"fms", "family", "model", "stepping", "cpu_name"}.
Json cpu_json(std::uint32_t fms);

}  // namespace tdxctl::cli
