// SPDX-License-Identifier: MIT
// What must hold for a bring-up to work, rule by rule.
#pragma once

#include <optional>
#include <vector>

#include "core/bringup/layout.h"
#include "core/bringup/machine.h"
#include "core/bringup/plan.h"

namespace tdxctl::bringup {

/// A plan whose checks are still to be made, and what it was made from.
struct PlanSubject {
  const Machine& machine;
  const Request& request;
  const Seen& seen;
  const Plan& plan;
  const Layout& layout;
  std::optional<Homeless> homeless;  ///< PAMTs that found no room
};

std::vector<Check> check_plan(const PlanSubject& subject);

}  // namespace tdxctl::bringup
