// SPDX-License-Identifier: MIT
// Facts of this machine, from whoever tells them.
#pragma once

#include <string_view>
#include <vector>

#include "core/bringup/machine.h"
#include "core/drivers.h"

namespace tdxctl::bringup {

/// A fact that could not be seen: its name in a machine's JSON, and why.
struct UnseenFact {
  std::string_view fact;
  Error why;
};

struct ReadMachine {
  Machine machine;
  std::vector<UnseenFact> unseen;
  std::string_view driver;                  ///< that told of the module; empty where none could
  std::optional<Error> only_looks_ready{};  ///< see HostStatus
};

/// Errors: those of Platform::memory(), without which there is nothing to plan.
Result<ReadMachine> read_machine(Drivers& drivers);

}  // namespace tdxctl::bringup
