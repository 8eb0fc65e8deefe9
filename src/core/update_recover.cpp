// SPDX-License-Identifier: MIT
#include "core/update_recover.h"

#include <algorithm>
#include <iterator>

#include "core/history.h"
#include "core/image/hex_digits.h"

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
      "another image be installed",
      true, false, UpdateFrom::init}},
    {"lost",
     {lost, "there is no module, and the TDs are lost: one has to be loaded and brought up anew", false, true,
      UpdateFrom::load}},
};

constexpr const Row& row_of(RecoverCase found) { return kRows[static_cast<std::size_t>(found)]; }
static_assert([] {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].plan.found != static_cast<RecoverCase>(i)) return false;
  }
  return std::size(kRows) == static_cast<std::size_t>(lost) + 1;
}());

/// While a session is open nobody gets through to the module; one that was lost is not measured any more.
/// Where the very last step failed, the new one is measured, and will never be ready.
Result<RecoverCase> without_module(const SeamldrInfo& info, Store& store) {
  if (!info.module_measured) return lost;
  const auto last = last_update(store);
  return last && *last && (*last)->image_sha384 == image::hex_digits(info.mrseam) ? lost : session_open;
}

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

Result<RecoverCase> with_module(Drivers& drivers) {
  const auto module = drivers.module(Operation::state);
  if (!module) return fail(module.error());
  const auto state = module->port->state();
  if (!state) return fail(state.error());
  return case_of(*state);
}

std::uint64_t features_of_the_lost(Drivers& drivers) {
  const auto module = drivers.module(Operation::bring_up);
  if (!module) return 0;
  const auto brought_up = module->port->brought_up();
  return brought_up ? brought_up->value_or(0) : 0;
}

}  // namespace

std::string_view to_string(RecoverCase found) { return row_of(found).name; }

Result<RecoverPlan> plan_recovery(Drivers& drivers, Store& store) {
  const auto loader = drivers.loader(Operation::seamldr_info);
  if (!loader) return fail(loader.error());
  const auto info = loader->port->info();
  if (!info) return fail(info.error());
  const auto found = info->module_ready ? with_module(drivers) : without_module(*info, store);
  if (!found) return fail(found.error());
  RecoverPlan plan = row_of(*found).plan;
  if (plan.found == lost) plan.features = features_of_the_lost(drivers);
  return plan;
}

Result<UpdateReport> load_anew(Drivers& drivers, Loader& loader, const UpdateRun& run, Clock& clock,
                               const LoadedBringUp& bring_up) {
  UpdateReport report;
  report.before = look_at(drivers);
  auto attempt = loader.update(UpdateFrom::load, run.image, clock, Clock::Duration{0});
  if (!attempt) return fail(attempt.error());
  report.attempt = std::move(*attempt);
  report.error = report.attempt.error;
  if (!report.error) {
    const auto done = bringup::configure(drivers, bring_up.store, bring_up.options, clock, bring_up.watcher);
    if (done) {
      for (const bringup::StepTime& step : done->steps)
        report.attempt.steps.push_back({step.name, step.took});
      report.error = done->error;
      report.checks = done->proof;
      if (!done->proof.empty()) report.attempt.outcome = UpdateOutcome::new_module;
    } else {
      report.error = done.error();
    }
  }
  report.after = look_at(drivers);
  if (report.attempt.outcome == UpdateOutcome::new_module) prove_update(report, run);
  return report;
}

}  // namespace tdxctl
