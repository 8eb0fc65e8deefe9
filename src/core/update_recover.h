// SPDX-License-Identifier: MIT
// Taking up an update that did not come to its end. Linux answers all of these cases with a reboot; the
// architecture does not ask for one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bringup/configure.h"
#include "core/drivers.h"
#include "core/history.h"
#include "core/image/fit.h"
#include "core/port/store.h"
#include "core/update_apply.h"

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
  std::uint64_t features = 0;           ///< what was lost was brought up with, as far as anybody knows
  /// The update that is taken up, as far as the history of the store knows it.
  std::optional<HistoryEntry> broken_off{};
  std::optional<UpdateGoal> goal{};  ///< what the module that is loaded is, as far as the history knows it
  std::optional<Error> refusal{};    ///< why nothing may be done
  std::optional<Error> history{};    ///< why the history could not be asked: it counts as empty then
};

/// Asks the P-SEAMLDR and the module; changes nothing. Whether an update waits in a module that is not ready
/// the module itself tells, once it is initialised, and otherwise the history. What tells a module that was
/// lost at the very end of its installation from an open session is the history too. Refuses with
/// nothing_to_recover, with module_lost where only a reboot leads on, and with bring_up_not_taken_back.
/// Errors: those of Loader::info and Module::state; module_state while a TDH.SYS.DISABLE is unfinished.
/// Sources: intel/tdx-loader, sessions of SEAMLDR.INSTALL and their point of no return; Intel TDX Module Base
/// Architecture Specification, "TD-Preserving TDX Module Update".
Result<RecoverPlan> plan_recovery(Drivers& drivers, Store& store);

/// The rules of fitting by which the P-SEAMLDR takes an image or refuses it, where there is no module that
/// answers: what cannot be known then is unknown. `from`: install or load.
/// Source: the order of SEAMLDR.INSTALL in intel/tdx-loader.
std::vector<Check> check_recovery_image(Drivers& drivers, const image::Candidate& candidate, UpdateFrom from);

/// How a module that was loaded anew is brought up.
struct LoadedBringUp {
  Store& store;
  const bringup::ConfigureOptions& options;
  bringup::ConfigureWatcher& watcher;
};

/// The case `lost`: has the loader load the image of the run where there is no module, brings it up, and
/// reads back what came of it. The steps of both are in the report; its error is that of the bring-up where
/// that failed. Errors, where nothing was begun: those of Loader::update.
Result<UpdateReport> load_anew(Drivers& drivers, Loader& loader, const UpdateRun& run, Clock& clock,
                               const LoadedBringUp& bring_up);

}  // namespace tdxctl
