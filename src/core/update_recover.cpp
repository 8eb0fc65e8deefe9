// SPDX-License-Identifier: MIT
#include "core/update_recover.h"

#include <algorithm>
#include <iterator>

namespace tdxctl {
namespace {

using enum RecoverCase;

struct Row {
  std::string_view name;
  RecoverPlan plan;
};

// In the order of the enum.
constexpr Row kRows[] = {
    {"ready", {ready, "a module runs: there is nothing to recover", true, false, UpdateFrom::start}},
    {"shut-down",
     {shut_down, "the old module is shut down and the TDs are kept: an image has to be installed", true, true,
      UpdateFrom::install}},
    {"session-open",
     {session_open,
      "the P-SEAMLDR waits for more LPs and the TDs are kept: the installation has to be finished", true,
      true, UpdateFrom::install}},
    {"not-ready",
     {not_ready,
      "a new module is loaded and not ready, and the TDs are kept: its initialisation has to be finished, or "
      "another "
      "image be installed",
      true, false, UpdateFrom::init}},
    {"lost",
     {lost, "there is no module any more, and the TDs are lost: only a new load leads on", false, false,
      UpdateFrom::start}},
};

constexpr const Row& row_of(RecoverCase found) { return kRows[static_cast<std::size_t>(found)]; }
static_assert([] {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].plan.found != static_cast<RecoverCase>(i)) return false;
  }
  return std::size(kRows) == static_cast<std::size_t>(lost) + 1;
}());

/// While a session is open nobody gets through to the module; one that was lost is not measured any more.
RecoverCase without_module(const SeamldrInfo& info) { return info.module_measured ? session_open : lost; }

Result<RecoverCase> case_of(ModuleState state) {
  switch (state) {
    case ModuleState::ready:
      return ready;
    case ModuleState::shut_down:
      return shut_down;
    case ModuleState::not_initialised:
    case ModuleState::initialising:
      return not_ready;
    case ModuleState::not_loaded:
      return lost;
    case ModuleState::disabling:
      break;
  }
  return fail(ErrorId::module_state,
              "TDH.SYS.DISABLE was interrupted: that is nothing an update can recover from",
              "finish it with 'tdxctl disable'");
}

}  // namespace

std::string_view to_string(RecoverCase found) { return row_of(found).name; }

Result<RecoverPlan> plan_recovery(Drivers& drivers) {
  const auto loader = drivers.loader(Operation::seamldr_info);
  if (!loader) return fail(loader.error());
  const auto info = loader->port->info();
  if (!info) return fail(info.error());
  if (!info->module_ready) return row_of(without_module(*info)).plan;
  const auto module = drivers.module(Operation::state);
  if (!module) return fail(module.error());
  const auto state = module->port->state();
  if (!state) return fail(state.error());
  const auto found = case_of(*state);
  if (!found) return fail(found.error());
  return row_of(*found).plan;
}

}  // namespace tdxctl
