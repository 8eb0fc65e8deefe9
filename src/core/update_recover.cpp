// SPDX-License-Identifier: MIT
#include "core/update_recover.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <string>
#include <utility>

#include "core/abi/bits.h"
#include "core/host_status.h"
#include "core/image/hex_digits.h"
#include "core/metadata_read.h"

namespace tdxctl {
namespace {

using enum RecoverCase;

struct Row {
  RecoverCase found;
  std::string_view name;
  std::string_view words;
  bool can_recover;
  bool needs_image;
  UpdateFrom from;
};

// In the order of the enum.
constexpr Row kRows[] = {
    {ready, "ready", "a module runs: there is nothing to recover", true, false, UpdateFrom::start},
    {shut_down, "shut-down", "the old module is shut down and the TDs are kept: an image has to be installed",
     true, true, UpdateFrom::install},
    {session_open, "session-open",
     "the P-SEAMLDR waits for more LPs and the TDs are kept: the installation has to be finished", true, true,
     UpdateFrom::install},
    {not_ready, "not-ready",
     "a new module is loaded and not ready, and the TDs are kept: its initialisation has to be finished, or "
     "another image be installed",
     true, false, UpdateFrom::init},
    {lost, "lost", "there is no module, and the TDs are lost: one has to be loaded and brought up anew",
     false, true, UpdateFrom::load},
};

constexpr const Row& row_of(RecoverCase found) { return kRows[static_cast<std::size_t>(found)]; }
static_assert([] {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].found != static_cast<RecoverCase>(i)) return false;
  }
  return std::size(kRows) == static_cast<std::size_t>(lost) + 1;
}());

/// SEAMLDR_ENOENTROPY: SEAMLDR.INSTALL could not note the new module at its very end. It is measured then,
/// and will never be ready. Source: intel/tdx-loader, SEAMDB insert.
constexpr std::uint64_t kNotNoted = 0x8000000000030001;

/// While a session is open nobody gets through to the module; one that was lost is not measured any more. An
/// open session keeps the TDs, so that nothing but the very failure counts as a loss of what is measured.
RecoverCase without_module(const SeamldrInfo& info, const std::optional<HistoryEntry>& broken_off) {
  if (!info.module_measured) return lost;
  const bool was_not_noted = broken_off && broken_off->status == kNotNoted &&
                             broken_off->image_sha384 == image::hex_digits(info.mrseam);
  return was_not_noted ? lost : session_open;
}

/// What a P-SEAMLDR that begins anew asks of an image.
constexpr std::array kLoading = {ErrorId::image_cpu_not_listed, ErrorId::image_seamldr_too_old,
                                 ErrorId::image_debug_signed};
/// What it asks of one that is to take over from a module that it has measured.
constexpr std::array kInstalling = {ErrorId::image_cpu_not_listed,  ErrorId::image_seamldr_too_old,
                                    ErrorId::image_svn_line,        ErrorId::image_svn_lower,
                                    ErrorId::image_handoff_version, ErrorId::image_debug_signed,
                                    ErrorId::no_updates_left};

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

/// Whether the module holds what TDH.SYS.UPDATE would go on with; nothing where it does not tell.
std::optional<bool> holds_handoff_data(Drivers& drivers) {
  const std::array<std::string, 1> names = {"HANDOFF_DATA_VALID"};
  const auto answers = read_metadata(drivers, names);
  if (!answers || abi::bit(answers->data.front().status, 63)) return std::nullopt;
  return answers->data.front().value != 0;
}

/// The last update need not have come as far as to load its image: the one before it has loaded what there
/// is.
std::optional<UpdateGoal> goal_of(const std::optional<HistoryEntry>& update, const SeamldrInfo& info) {
  if (!update || update->image_sha384 != image::hex_digits(info.mrseam)) return std::nullopt;
  return UpdateGoal{update->to, info.mrseam};
}

/// A module that is not ready and in which no update waits is one that was loaded and never brought up.
void refuse_unless_an_update_waits(Drivers& drivers, RecoverPlan& plan) {
  const auto handoff_data = holds_handoff_data(drivers);
  const auto hkids = drivers.platform().hkids();
  const bool has_tds = hkids && hkids->in_use > 0;
  if (handoff_data.value_or(plan.broken_off.has_value() || has_tds)) return;
  plan.words = "a module is loaded and not ready, and no update waits to be taken up in it";
  plan.can_recover = false;
  plan.refusal = Error{ErrorId::nothing_to_recover,
                       handoff_data ? "the module is not ready, and holds nothing of an update"
                                    : "the module is not ready, but no update was broken off here"};
}

std::uint64_t features_of_the_lost(Drivers& drivers) {
  const auto module = drivers.module(Operation::bring_up);
  if (!module) return 0;
  const auto brought_up = module->port->brought_up();
  return brought_up ? brought_up->value_or(0) : 0;
}

void plan_a_load(Drivers& drivers, RecoverPlan& plan) {
  plan.features = features_of_the_lost(drivers);
  const auto owned_by_linux = drivers.platform().facts().kernel_owns_module;
  if (!owned_by_linux) {
    plan.refusal = owned_by_linux.error();
  } else if (*owned_by_linux) {
    plan.refusal = Error{ErrorId::module_lost,
                         "there is no module, and the TDs are lost: this kernel takes no other one up"};
  }
}

}  // namespace

std::string_view to_string(RecoverCase found) { return row_of(found).name; }

Result<RecoverPlan> plan_recovery(Drivers& drivers, Store& store) {
  const auto loader = drivers.loader(Operation::seamldr_info);
  if (!loader) return fail(loader.error());
  const auto info = loader->port->info();
  if (!info) return fail(info.error());
  auto history = broken_off_update(store, drivers.platform());
  // TDs are not given up for a file that cannot be read.
  std::optional<HistoryEntry> broken_off = history ? std::move(*history) : std::nullopt;
  const auto found =
      info->module_ready ? with_module(drivers) : Result<RecoverCase>(without_module(*info, broken_off));
  if (!found) return fail(found.error());
  const Row& row = row_of(*found);
  RecoverPlan plan{row.found, row.words, row.can_recover, row.needs_image, row.from};
  if (plan.found == ready) {
    plan.refusal = why_it_only_looks_ready(drivers, ModuleState::ready);
    return plan;
  }
  if (!history) plan.history = history.error();
  plan.broken_off = std::move(broken_off);
  if (plan.found == not_ready) {
    plan.goal = goal_of(plan.broken_off, *info);
    refuse_unless_an_update_waits(drivers, plan);
  }
  if (plan.found == lost) plan_a_load(drivers, plan);
  return plan;
}

std::vector<Check> check_recovery_image(Drivers& drivers, const image::Candidate& candidate,
                                        UpdateFrom from) {
  image::HostFacts facts;
  if (const auto packages = drivers.platform().facts().packages) facts.packages = *packages;
  if (const auto loader = drivers.loader(Operation::seamldr_info)) {
    if (const auto info = loader->port->info()) {
      facts.seamldr = info->version;
      facts.updates_left = info->updates_left;
      if (info->module_measured) facts.svn = image::Svn{info->svn_major, info->svn_minor};
    }
  }
  std::vector<Check> all;
  image::check_fit(candidate, facts, {}, all);
  const std::span<const ErrorId> rules =
      from == UpdateFrom::load ? std::span<const ErrorId>(kLoading) : kInstalling;
  std::vector<Check> checks;
  std::ranges::copy_if(all, std::back_inserter(checks), [&](const Check& check) {
    return std::ranges::find(rules, check.id()) != rules.end();
  });
  return checks;
}

Result<UpdateReport> load_anew(Drivers& drivers, Loader& loader, const UpdateRun& run, Clock& clock,
                               const LoadedBringUp& bring_up) {
  UpdateReport report;
  report.before = look_at(drivers);
  auto attempt = loader.update(UpdateFrom::load, run.image, {clock});
  if (!attempt) return fail(attempt.error());
  report.attempt = std::move(*attempt);
  report.error = report.attempt.error;
  if (!report.error) {
    const auto done = bringup::configure(drivers, bring_up.store, bring_up.options, clock, bring_up.watcher);
    if (done) {
      for (const bringup::StepTime& step : done->steps)
        report.attempt.steps.push_back({step.name, step.took});
      report.error = done->error;
      // Before the bring-up began, but not before anything was done.
      if (report.error && report.error->id == ErrorId::interrupted) {
        report.error =
            Error{ErrorId::bring_up_interrupted, "interrupted: the module is loaded and not brought up"};
      }
      report.checks = done->proof;
      if (!done->proof.empty()) report.attempt.outcome = UpdateOutcome::new_module;
    } else {
      report.error = done.error();
    }
    // Whatever it is to the bring-up, something was changed before it.
    if (report.error && error_info(report.error->id).error_class != ErrorClass::state_changed) {
      report.error->id = ErrorId::bring_up_failed;
      report.error->what += ": the module is loaded and not brought up";
      report.error->hint.clear();
    }
  }
  report.after = look_at(drivers);
  if (report.attempt.outcome == UpdateOutcome::new_module) prove_update(report, run);
  return report;
}

}  // namespace tdxctl
