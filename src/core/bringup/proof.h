// SPDX-License-Identifier: MIT
// What has to be true of a module that was brought up: that every call succeeded proves nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "core/bringup/configure_plan.h"

namespace tdxctl::bringup {

/// Asks the module and the driver anew, and checks every rule.
std::vector<Check> prove_bring_up(Drivers& drivers, const Plan& plan, std::uint64_t features,
                                  std::uint64_t pamt_bytes);

}  // namespace tdxctl::bringup
