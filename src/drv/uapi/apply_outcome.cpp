// SPDX-License-Identifier: MIT
#include "drv/uapi/apply_outcome.h"

#include "core/abi/leaves.h"
#include "core/module_answers.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kSeamldr = 1ull << 63;
constexpr std::uint64_t kSeamldrInfo = kSeamldr | 0;
constexpr std::uint64_t kSeamldrInstall = kSeamldr | 1;

/// RAX of the call that a step fails at.
std::uint64_t call_of(ApplyStep step) {
  switch (step) {
    case ApplyStep::ask:
      return kSeamldrInfo;
    case ApplyStep::shutdown:
      return abi::leaf::kSysShutdown;
    case ApplyStep::install:
      return kSeamldrInstall;
    case ApplyStep::init:
      return abi::leaf::kSysInit;
    case ApplyStep::lp_init:
      return abi::leaf::kSysLpInit;
    case ApplyStep::update:
      return abi::leaf::kSysUpdate;
  }
  return 0;
}

/// A module that is not ready runs no TD, whichever it is.
UpdateOutcome module_of(const ApplyOutcome& outcome) {
  if (outcome.module == ModulePresence::unknown) return UpdateOutcome::unknown;
  if (outcome.module != ModulePresence::ready) return UpdateOutcome::no_module;
  return outcome.replaced ? UpdateOutcome::new_module : UpdateOutcome::old_module;
}

std::string_view way_on(ModulePresence module) {
  switch (module) {
    case ModulePresence::shut_down:
      return "the TDs are in memory and cannot run: the module is shut down, and takes another "
             "SEAMLDR.INSTALL";
    case ModulePresence::unfinished:
      return "the TDs are in memory and cannot run: SEAMLDR.INSTALL has not seen every LP";
    case ModulePresence::not_ready:
      return "the TDs are in memory and cannot run: the new module is loaded and not initialised";
    case ModulePresence::none:
      return "the TDs are lost: reboot";
    case ModulePresence::unknown:
    case ModulePresence::ready:
      break;
  }
  return {};
}

}  // namespace

std::string_view to_string(ApplyStep step) {
  switch (step) {
    case ApplyStep::ask:
      return "ask";
    case ApplyStep::shutdown:
      return "shutdown";
    case ApplyStep::install:
      return "install";
    case ApplyStep::init:
      return "init";
    case ApplyStep::lp_init:
      return "lp-init";
    case ApplyStep::update:
      return "update";
  }
  return {};
}

std::string_view to_string(ModulePresence presence) {
  switch (presence) {
    case ModulePresence::unknown:
      return "unknown";
    case ModulePresence::none:
      return "none";
    case ModulePresence::unfinished:
      return "unfinished";
    case ModulePresence::shut_down:
      return "shut-down";
    case ModulePresence::not_ready:
      return "not-ready";
    case ModulePresence::ready:
      return "ready";
  }
  return {};
}

UpdateAttempt to_attempt(const ApplyOutcome& outcome) {
  UpdateAttempt attempt{.outcome = module_of(outcome)};
  for (std::size_t i = 0; i < kApplySteps; ++i) {
    const auto step = static_cast<ApplyStep>(i);
    if (step == outcome.failed_step) break;
    attempt.steps.push_back({to_string(step), outcome.took[i]});
  }
  if (!outcome.failed_step) return attempt;
  Error error = seamcall_error(call_of(*outcome.failed_step), outcome.status);
  const bool nothing_lost = attempt.outcome == UpdateOutcome::old_module;
  error.id = nothing_lost ? ErrorId::update_had_no_effect : ErrorId::update_failed;
  error.what = "the update failed at the step " + std::string(to_string(*outcome.failed_step)) + " on LP " +
               std::to_string(outcome.failed_lp) + ": " + error.what;
  error.hint = nothing_lost ? "the old module runs on and nothing was lost" : way_on(outcome.module);
  attempt.error = std::move(error);
  return attempt;
}

}  // namespace tdxctl
