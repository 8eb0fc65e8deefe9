// SPDX-License-Identifier: MIT
// Bringing the TDX module up, and proving afterwards that it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bringup/configure_plan.h"
#include "core/port/clock.h"

namespace tdxctl::bringup {

/// How far the action has come; shown while it runs.
struct ConfigureProgress {
  Clock::Duration elapsed{0};
  std::string_view step;  ///< "disable", or as to_string(BringUpStep)
  std::uint64_t tdmrs_done = 0;
  std::uint64_t tdmrs = 0;
  std::uint64_t gibs_done = 0;
  std::uint64_t gibs = 0;
  std::uint64_t pool_pages = 0;  ///< 4 KiB pages that the Extensions were given
};

class ConfigureWatcher {
 public:
  virtual ~ConfigureWatcher() = default;
  virtual void on_progress(const ConfigureProgress& progress) = 0;
};

struct StepTime {
  std::string_view name;
  std::chrono::nanoseconds took{};
};

/// What came of the action, also when it failed.
struct ConfigureResult {
  ConfigurePlan plan;             ///< the last that was made: with the most facts
  bool changed = false;           ///< the module is not as it was
  std::string outcome{};          ///< one sentence; empty after an error
  std::vector<StepTime> steps{};  ///< that were begun, in their order
  ConfigureProgress progress{};
  std::uint64_t pamt_bytes = 0;  ///< that the module has
  std::vector<Check> proof{};    ///< what had to be true afterwards
  std::optional<ModuleState>
      state_after{};  ///< read back; nothing where nothing was done, or it cannot be told
  std::optional<Error> error{};
};

/// Runs the plan's checks, refuses on a red one, and otherwise has the module initialised, plans again by
/// what that tells, has it configured, and reads back what came of it. Errors of the result: those of the
/// checks and of the calls of Module; interrupted when nothing was changed; wall_clock_refused; bring_up_*.
/// Errors, where nothing was begun: those of plan_configure(). Source: Intel TDX Module Base Architecture
/// Specification, "TDX Module Lifecycle".
Result<ConfigureResult> configure(Drivers& drivers, Store& store, const ConfigureOptions& options,
                                  Clock& clock, ConfigureWatcher& watcher);

}  // namespace tdxctl::bringup
