// SPDX-License-Identifier: MIT
// An update in terms of the helper's STAGE and APPLY, and what their outcome means.
#include "core/abi/leaves.h"
#include "core/image/container.h"
#include "core/module_answers.h"
#include "drv/uapi/uapi_driver.h"
#include "kmod/uapi/tdxctl.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kToSeamldr = 1ull << 63;

/// RAX of the call that a step makes.
constexpr std::uint64_t call_of(ApplyStep step) {
  switch (step) {
    case ApplyStep::ask:
      return kToSeamldr | abi::leaf::kSeamldrInfo;
    case ApplyStep::shutdown:
      return abi::leaf::kSysShutdown;
    case ApplyStep::install:
      return kToSeamldr | abi::leaf::kSeamldrInstall;
    case ApplyStep::init:
      return abi::leaf::kSysInit;
    case ApplyStep::lp_init:
      return abi::leaf::kSysLpInit;
    case ApplyStep::update:
      return abi::leaf::kSysUpdate;
    case ApplyStep::extensions:
      return abi::leaf::kExtInit;
  }
  return 0;
}

/// What the machine has got, in the words of the port, of a person, and what to do next.
struct Meaning {
  UpdateOutcome outcome;
  ErrorId failure;  ///< of an update that ended so, and had a step that failed
  std::string_view words;
  std::string_view hint{};
};

constexpr std::string_view kRecover = "'tdxctl update recover' goes on from here; do not reboot before";
constexpr std::string_view kLoad = "'tdxctl update recover' loads a module anew, without the TDs";

constexpr Meaning meaning_of(const ApplyOutcome& applied, UpdateFrom from) {
  using enum UpdateOutcome;
  switch (applied.module) {
    case ModulePresence::ready:
      // Taken up at its initialisation, it is the new module that was there before.
      if (applied.replaced || from == UpdateFrom::init)
        return {new_module, ErrorId::update_unproven, "the new module runs"};
      return {old_module, ErrorId::update_had_no_effect, "the old module runs on"};
    case ModulePresence::shut_down:
      return {no_module, ErrorId::update_failed, "the old module is shut down, and the TDs are kept",
              kRecover};
    case ModulePresence::unfinished:
      return {no_module, ErrorId::update_failed, "the P-SEAMLDR waits for more LPs, and the TDs are kept",
              kRecover};
    case ModulePresence::not_ready:
      if (from == UpdateFrom::load)
        return {no_module, ErrorId::update_failed, "a module is loaded and not ready"};
      return {no_module, ErrorId::update_failed,
              "the new module is loaded and not ready, and the TDs are kept", kRecover};
    case ModulePresence::none:
      if (from == UpdateFrom::load)
        return {no_module, ErrorId::seamldr_failed, "there is still no module", kLoad};
      return {no_module, ErrorId::update_failed, "there is no module any more, and the TDs are lost", kLoad};
    case ModulePresence::unknown:
      break;
  }
  return {unknown, ErrorId::update_unproven, "it cannot be seen which module there is"};
}

}  // namespace

UpdateAttempt judge_apply(const ApplyOutcome& applied, UpdateFrom from) {
  const Meaning meaning = meaning_of(applied, from);
  UpdateAttempt attempt;
  attempt.outcome = meaning.outcome;
  for (std::size_t step = 0; step < kApplySteps; ++step) {
    if (applied.took[step].count() > 0) {
      attempt.steps.push_back({to_string(static_cast<ApplyStep>(step)), applied.took[step]});
    }
  }
  if (!applied.failed_step) {
    // LPs that had joined a session before are no failure; that no module came of it is one.
    if (from == UpdateFrom::load && applied.module != ModulePresence::not_ready) {
      attempt.error = Error{meaning.failure, "no call failed, but " + std::string(meaning.words),
                            std::string(meaning.hint)};
    }
    return attempt;
  }
  Error error = seamcall_error(call_of(*applied.failed_step), applied.status);
  error.id = meaning.failure;
  error.what += " on LP " + std::to_string(applied.failed_lp) + ": " + std::string(meaning.words);
  error.hint = meaning.hint;
  attempt.error = std::move(error);
  return attempt;
}

Result<void> UapiLoader::can_update() {
  return has_capability(transport_, TDXCTL_CAP_UPDATE, "update the TDX module");
}

// While all LPs are stopped nobody can wait, nor stop it: there is nothing to limit or to show.
Result<UpdateAttempt> UapiLoader::update(UpdateFrom from, std::span<const std::uint8_t> image,
                                         const UpdateWait& /*wait*/) {
  if (from == UpdateFrom::load) {
    const auto able = has_capability(transport_, TDXCTL_CAP_LOAD, "load a TDX module");
    if (!able) return fail(able.error());
  }
  if (from != UpdateFrom::init) {
    const auto container = image::parse_container(image);
    if (!container) return fail(container.error());
    const auto staged = stage(container->parts.sigstruct, container->parts.module);
    if (!staged) return fail(staged.error());
  }
  const auto applied = apply(from);
  if (!applied) return fail(applied.error());
  return judge_apply(*applied, from);
}

}  // namespace tdxctl
