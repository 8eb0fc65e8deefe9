// SPDX-License-Identifier: MIT
#include "core/disable.h"

#include <algorithm>
#include <utility>

#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/abi/leaves.h"
#include "core/abi/releases.h"
#include "core/abi/status.h"
#include "core/module_answers.h"

namespace tdxctl {
namespace {

using namespace std::chrono_literals;

/// How long the driver may be away before progress is shown and a signal or the time limit is heeded.
constexpr Clock::Duration kSlice = 50ms;
constexpr Clock::Duration kTdPoll = 200ms;

constexpr Rule kCanDisable{ErrorId::module_cannot_disable, "the TDX module has TDH.SYS.DISABLE"};
constexpr Rule kNoTds{ErrorId::tds_in_use, "no TD is alive"};
constexpr Rule kTdsCounted{ErrorId::tds_unknown, "the TDs can be counted"};

constexpr std::string_view kHalfInitialised =
    "a module that is only half initialised may still hold memory and a KeyID, and cannot hand them back";

std::optional<NothingToDo> nothing_in(ModuleState state) {
  switch (state) {
    case ModuleState::not_loaded:
      return NothingToDo{"no TDX module is loaded"};
    case ModuleState::not_initialised:
      return NothingToDo{"the TDX module is not initialised"};
    case ModuleState::shut_down:
      return NothingToDo{"the TDX module is shut down"};
    case ModuleState::initialising:
      return NothingToDo{"the TDX module is not ready", std::string(kHalfInitialised)};
    case ModuleState::disabling:
    case ModuleState::ready:
      break;
  }
  return std::nullopt;
}

/// SEAMCALL raises #UD outside of VMX operation too, so that alone is not taken for a machine without TDX;
/// nor is what this user may not look at.
bool has_no_tdx(const HostStatus& status) {
  if (denied_look(status) != nullptr) return false;
  const ErrorId why = status.module_state.value.error().id;
  const auto& keyids = status.platform.keyids;
  const bool no_private_keyids = keyids && keyids->tdx == 0;
  switch (why) {
    case ErrorId::seamcall_gp:
    case ErrorId::seamcall_vmfailinvalid:
    case ErrorId::not_a_tdx_host:
      return true;
    case ErrorId::seamcall_ud:
      return no_private_keyids;
    default:
      return no_private_keyids || status.kexec.outlook == KexecOutlook::unaffected;
  }
}

std::optional<NothingToDo> nothing_needed(const HostStatus& status) {
  // Whether the module has the leaf does not matter: what this kernel cannot reach, nobody can.
  if (status.platform.kernel_disables_on_kexec && *status.platform.kernel_disables_on_kexec) {
    return NothingToDo{"this kernel calls TDH.SYS.DISABLE by itself before a kexec"};
  }
  if (!status.module_state.value && has_no_tdx(status)) {
    return NothingToDo{"no TDX here: " + status.module_state.value.error().what};
  }
  return std::nullopt;
}

/// The oldest published release that can be disabled; null where there is none yet.
const abi::Release* release_that_can() {
  const auto releases = abi::releases();
  const auto found = std::ranges::find_if(releases, [](const abi::Release& release) {
    return abi::bit(release.features0, abi::kFeatureSysDisable);
  });
  return found != releases.end() ? &*found : nullptr;
}

std::string releases_that_can() {
  const abi::Release* release = release_that_can();
  if (release == nullptr) return "no release in " + std::string(abi::kReleasesState) + " has it";
  return "release " + std::string(release->version) + " has it";
}

Error cannot_disable(std::string what) {
  Error error{ErrorId::module_cannot_disable, std::move(what)};
  // The hint of the id leads to such a release.
  if (release_that_can() == nullptr)
    error.hint = "no published release can be disabled yet: reboot, and do not kexec";
  return error;
}

Check check_feature(const HostStatus& status) {
  const auto& state = status.module_state.value;
  if (state && nothing_in(*state)) return {&kCanDisable, Verdict::skipped, nothing_in(*state)->why};
  const auto& features0 = status.features0.value;
  if (!features0) return {&kCanDisable, Verdict::unknown, features0.error().what};
  if (abi::bit(*features0, abi::kFeatureSysDisable))
    return {&kCanDisable, Verdict::ok, "feature bit 53 is set"};
  const auto& version = status.module_version.value;
  return {&kCanDisable, Verdict::bad,
          "feature bit 53 is clear in " + (version ? "version " + to_string(*version) : "this module") +
              "; " + releases_that_can()};
}

Check check_tds(const Result<HkidUse>& hkids, const Result<bool>& kvm_tdx) {
  if (hkids) {
    return {&kNoTds, hkids->in_use == 0 ? Verdict::ok : Verdict::bad,
            std::to_string(hkids->in_use) + " of " + std::to_string(hkids->total) + " HKIDs are in use"};
  }
  if (kvm_tdx && !*kvm_tdx) return {&kNoTds, Verdict::ok, "KVM runs no TDs on this host"};
  return {&kTdsCounted, Verdict::bad, hkids.error().what};
}

std::string estimate(const Result<HkidUse>& hkids) {
  if (hkids && hkids->in_use > 0) {
    return "grows with the memory that TDs hold: the module overwrites all of it before it is handed back";
  }
  return "short: without TDs only the module's own memory is overwritten";
}

std::vector<std::string> consequences_of(const PlatformFacts& platform) {
  std::vector<std::string> list = {"no TD can run until the TDX module is initialised again"};
  if (platform.kernel_owns_module && *platform.kernel_owns_module) {
    list.emplace_back(
        "Linux does not notice: until the next boot or kexec KVM's calls fail and sysfs shows old versions");
  }
  return list;
}

Result<std::string_view> driver_for_disable(Drivers& drivers) {
  const auto module = drivers.module(Operation::disable);
  if (!module) return fail(module.error());
  if (!module->port->can_disable()) {
    return fail(ErrorId::driver_unavailable,
                "the driver '" + std::string(module->driver) + "' cannot disable the TDX module",
                "use the helper: modprobe tdxctl");
  }
  return module->driver;
}

/// Whether the module could be called, though what it said is of no known state: then TDH.SYS.DISABLE answers
/// for itself.
bool was_answered(const Error& error) {
  return error.id == ErrorId::seamcall_failed || error.id == ErrorId::module_state;
}

/// The action, with what it has to know from call to call.
class Disabling {
 public:
  Disabling(Drivers& drivers, const DisableOptions& options, Clock& clock, DisableWatcher& watcher)
      : drivers_(drivers), options_(options), clock_(clock), watcher_(watcher), started_(clock.now()) {}

  DisableResult run() {
    DisablePlan plan = plan_disable(drivers_, options_);
    if (!plan.nothing_to_do && wait_for_tds(plan)) {
      // TDs may have come as well as gone: the checks are run again on what is there now.
      plan = plan_disable(drivers_, options_);
    }
    result_ = DisableResult{.plan = std::move(plan)};
    act();
    progress_.elapsed = clock_.now() - started_;
    result_->progress = progress_;
    return std::move(*result_);
  }

 private:
  void act() {
    if (clock_.stop_requested()) return stop({ErrorId::interrupted, "interrupted before anything was done"});
    if (result_->plan.nothing_to_do) return unchanged(*result_->plan.nothing_to_do);
    if (auto refused = refusal(result_->plan)) return stop(std::move(*refused));
    const auto module = drivers_.module(Operation::disable);
    if (!module) return stop(module.error());
    const auto status = repeat(*module->port);
    if (!status) return stop(status.error());
    conclude(*module->port, *status);
  }

  void stop(Error error) { result_->error = std::move(error); }
  void stop(Error error, const std::optional<SeamcallFailure>& cause) {
    error.seamcall = cause;
    stop(std::move(error));
  }

  void unchanged(NothingToDo nothing) {
    result_->outcome = std::move(nothing.why);
    result_->warning = std::move(nothing.warning);
  }

  void show() {
    progress_.elapsed = clock_.now() - started_;
    watcher_.on_progress(progress_);
  }

  /// Whether it waited at all.
  bool wait_for_tds(const DisablePlan& plan) {
    const auto limit = started_ + options_.wait_tds;
    auto hkids = plan.status.platform.hkids;
    bool waited = false;
    while (hkids && hkids->in_use > 0 && clock_.now() < limit) {
      waited = true;
      progress_.hkids_in_use = hkids->in_use;
      show();
      if (!clock_.sleep(std::min(kTdPoll, limit - clock_.now()))) break;
      hkids = drivers_.platform().hkids();
    }
    progress_.hkids_in_use = 0;
    return waited;
  }

  /// Calls until the module has answered for good; gives that answer.
  Result<std::uint64_t> repeat(Module& module) {
    const auto begun = clock_.now();
    for (;;) {
      const auto slice = module.disable_slice(kSlice);
      if (!slice) return fail(slice.error());
      progress_.calls += slice->calls;
      progress_.interrupted += slice->interrupted;
      progress_.busy += slice->busy;
      show();
      if (slice->finished) return slice->status;
      if (clock_.stop_requested()) return fail(not_finished(ErrorId::interrupted, "interrupted"));
      if (options_.timeout && clock_.now() - begun >= *options_.timeout) {
        return fail(not_finished(ErrorId::time_limit, "the time limit was reached"));
      }
    }
  }

  [[nodiscard]] bool has_begun() const {
    const auto& before = result_->plan.status.module_state.value;
    return progress_.interrupted > 0 || (before && *before == ModuleState::disabling);
  }

  [[nodiscard]] Error not_finished(ErrorId before_begin, const std::string& cause) const {
    if (has_begun()) {
      return {ErrorId::disable_unfinished,
              cause + " half way: the TDX module answers nothing else until it is disabled"};
    }
    return {before_begin, cause + " while the TDX module was busy: it has not begun"};
  }

  /// What the final status of TDH.SYS.DISABLE means.
  void conclude(Module& module, std::uint64_t status) {
    if (abi::without_details(status) == 0) return confirm(module);
    const Error answer = seamcall_error(abi::leaf::kSysDisable, status);
    if (has_begun()) {
      return stop({ErrorId::disable_unfinished, answer.what + ", after it had begun", {}, answer.seamcall});
    }
    switch (abi::without_details(status)) {
      case abi::status::kSysNotReady:
        return unchanged(*nothing_in(ModuleState::initialising));
      case abi::status::kSysShutdown:
        return unchanged(*nothing_in(ModuleState::shut_down));
      case abi::status::kOperandInvalid:
        // Operand 0 is RAX, the leaf; any other means something else.
        if (status != abi::status::kOperandInvalid) return stop(answer);
        return stop(cannot_disable("this TDX module does not know TDH.SYS.DISABLE"), answer.seamcall);
      default:
        return stop(answer);
    }
  }

  /// The call says success: the module itself has to say the same.
  void confirm(Module& module) {
    const auto state = module.state();
    if (state && (*state == ModuleState::not_initialised || *state == ModuleState::not_loaded)) {
      result_->changed = true;
      result_->state_after = *state;
      result_->outcome = "the TDX module is disabled, and can be initialised again";
      return;
    }
    stop({ErrorId::disable_not_confirmed,
          "TDH.SYS.DISABLE answered success, but " +
              (state ? "the state of the TDX module is '" + std::string(to_string(*state)) + "'"
                     : state.error().what)});
  }

  Drivers& drivers_;
  const DisableOptions& options_;
  Clock& clock_;
  DisableWatcher& watcher_;
  Clock::Duration started_;
  std::optional<DisableResult> result_{};
  DisableProgress progress_{};
};

}  // namespace

DisablePlan plan_disable(Drivers& drivers, const DisableOptions& options) {
  DisablePlan plan{.status = read_host_status(drivers), .driver = fail(ErrorId::driver_unavailable, "")};
  const HostStatus& status = plan.status;
  plan.driver = driver_for_disable(drivers);
  plan.duration = estimate(status.platform.hkids);
  plan.consequences = consequences_of(status.platform);
  // TDs of an update that was broken off outlive their module: who disables before a kexec must not lose
  // them.
  const bool has_tds = status.platform.hkids && status.platform.hkids->in_use > 0;
  if (status.module_state.value && !has_tds) plan.nothing_to_do = nothing_in(*status.module_state.value);
  if (!plan.nothing_to_do && options.if_needed) plan.nothing_to_do = nothing_needed(status);
  plan.checks = {check_feature(status), check_tds(status.platform.hkids, status.platform.kvm_tdx)};
  return plan;
}

std::optional<Error> refusal(const DisablePlan& plan) {
  if (plan.nothing_to_do) return std::nullopt;
  if (!plan.driver) return plan.driver.error();
  if (const auto& state = plan.status.module_state.value; !state && !was_answered(state.error()))
    return state.error();
  const Check* broken = first_with(Verdict::bad, plan.checks);
  if (broken == nullptr) return std::nullopt;
  Error error = to_error(*broken);
  return error.id == ErrorId::module_cannot_disable ? cannot_disable(std::move(error.what)) : error;
}

DisableResult disable(Drivers& drivers, const DisableOptions& options, Clock& clock,
                      DisableWatcher& watcher) {
  return Disabling(drivers, options, clock, watcher).run();
}

}  // namespace tdxctl
