// SPDX-License-Identifier: MIT
// Leaving TDX: TDH.SYS.DISABLE hands all memory back, so that the next kernel meets no private memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "core/drivers.h"
#include "core/host_status.h"
#include "core/port/clock.h"

namespace tdxctl {

struct DisableOptions {
  bool if_needed = false;  ///< nothing to do where there is no TDX, or where Linux disables the module itself
  std::optional<Clock::Duration> timeout{};  ///< for the calls; none: until it is done
  Clock::Duration wait_tds{0};               ///< how long to wait for TDs to end
};

/// Why the action would change nothing.
struct NothingToDo {
  std::string why;
  std::string warning{};  ///< what is not well though nothing can be done; empty for none
};

/// What is known before anything is done.
struct DisablePlan {
  HostStatus status;                           ///< the facts that the rest follows from
  Result<std::string_view> driver;             ///< who would do it
  std::optional<NothingToDo> nothing_to_do{};  ///< then the checks do not matter
  std::vector<Check> checks{};
  std::string duration{};                   ///< how long it may take, and why
  std::vector<std::string> consequences{};  ///< what no longer works afterwards
};

/// Looks at everything. Never fails as a whole: what could not be seen is an unknown check or carries its
/// reason.
DisablePlan plan_disable(Drivers& drivers, const DisableOptions& options);

/// Why the action would refuse; nothing when it would go on. Waiting for TDs is not counted.
std::optional<Error> refusal(const DisablePlan& plan);

/// How far the action has come; shown while it runs.
struct DisableProgress {
  Clock::Duration elapsed{0};
  std::uint64_t calls = 0;
  std::uint64_t interrupted = 0;   ///< TDX_INTERRUPTED_RESUMABLE
  std::uint64_t busy = 0;          ///< TDX_SYS_BUSY
  std::uint32_t hkids_in_use = 0;  ///< while it waits for TDs to end
};

class DisableWatcher {
 public:
  virtual ~DisableWatcher() = default;
  virtual void on_progress(const DisableProgress& progress) = 0;
};

/// What came of the action, also when it failed.
struct DisableResult {
  DisablePlan plan;       ///< as it was when the action began
  bool changed = false;   ///< TDH.SYS.DISABLE succeeded in this run
  std::string outcome{};  ///< one sentence; empty after an error
  std::string warning{};  ///< empty for none
  DisableProgress progress{};
  std::optional<ModuleState> state_after{};  ///< read back after success
  std::optional<Error> error{};
};

/// Runs the plan's checks, refuses on a red one, and otherwise repeats TDH.SYS.DISABLE until the module has
/// answered for good. A run that was stopped at any moment is finished by the next. Errors: those of the
/// checks and of Module::disable_slice; module_cannot_disable, time_limit and interrupted when nothing was
/// changed; disable_unfinished once it had begun; disable_not_confirmed when the module contradicts its own
/// success; the decoded answer for any other status. Source: TDH.SYS.DISABLE in the Linux kexec series;
/// docs/model.md.
DisableResult disable(Drivers& drivers, const DisableOptions& options, Clock& clock, DisableWatcher& watcher);

}  // namespace tdxctl
