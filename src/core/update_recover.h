// SPDX-License-Identifier: MIT
// Taking up an update that did not come to its end. Linux answers all of these cases with a reboot; the
// architecture does not ask for one.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/drivers.h"

namespace tdxctl {

/// Where an update can have left a machine.
enum class RecoverCase : std::uint8_t {
  ready,         ///< a module runs: there is nothing to recover
  shut_down,     ///< the old module is shut down, its handoff data are there
  session_open,  ///< the P-SEAMLDR waits for LPs; no module answers meanwhile
  not_ready,     ///< a new module is loaded, and not initialised to its end
  lost,          ///< no module: past the point of no return
};

/// "ready", "shut-down", "session-open", "not-ready", "lost".
std::string_view to_string(RecoverCase found);

struct RecoverPlan {
  RecoverCase found = RecoverCase::ready;
  std::string_view words;               ///< the case, for a person
  bool can_recover = false;             ///< TDs come back to life
  bool needs_image = false;             ///< otherwise one may be given all the same
  UpdateFrom from = UpdateFrom::start;  ///< where the update is taken up without an image; with one: install
};

/// Asks the P-SEAMLDR and the module; changes nothing.
/// Errors: those of Loader::info and Module::state; module_state while a TDH.SYS.DISABLE is unfinished.
/// Sources: intel/tdx-loader, sessions of SEAMLDR.INSTALL and their point of no return; Intel TDX Module Base
/// Architecture Specification, "TD-Preserving TDX Module Update".
Result<RecoverPlan> plan_recovery(Drivers& drivers);

}  // namespace tdxctl
