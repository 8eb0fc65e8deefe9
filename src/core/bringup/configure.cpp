// SPDX-License-Identifier: MIT
#include "core/bringup/configure.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/abi/features.h"
#include "core/abi/leaves.h"
#include "core/abi/operands.h"
#include "core/abi/status.h"
#include "core/bringup/proof.h"
#include "core/hex.h"
#include "core/module_answers.h"

namespace tdxctl::bringup {
namespace {

using namespace std::chrono_literals;

/// How long the driver may be away before progress is shown and a signal is heeded.
constexpr Clock::Duration kSlice = 50ms;

/// RAX of the call that a step makes.
std::uint64_t call_of(BringUpStep step, std::uint8_t config_version) {
  switch (step) {
    case BringUpStep::init:
      return abi::leaf::kSysInit;
    case BringUpStep::lp_init:
      return abi::leaf::kSysLpInit;
    case BringUpStep::config:
      return abi::compose_call_word({abi::leaf::kSysConfig, config_version, false, 0});
    case BringUpStep::key_config:
      return abi::leaf::kSysKeyConfig;
    case BringUpStep::tdmr_init:
      return abi::leaf::kSysTdmrInit;
    case BringUpStep::ext_mem_add:
      return abi::leaf::kExtMemAdd;
    case BringUpStep::ext_init:
      return abi::leaf::kExtInit;
    case BringUpStep::quote_init:
      return abi::leaf::kQuoteInit;
  }
  return 0;
}

BringUpOrder order_of(const Plan& plan, std::chrono::sys_seconds now) {
  BringUpOrder order{.tdmrs = {},
                     .config_version = plan.config_version,
                     .dynamic_pamt = plan.dynamic_pamt,
                     .features = plan.features};
  for (const PlannedTdmr& tdmr : plan.tdmrs) {
    order.tdmrs.push_back({static_cast<std::uint32_t>(tdmr.range.base / kCellBytes),
                           static_cast<std::uint32_t>(tdmr.range.bytes / kCellBytes),
                           static_cast<std::uint32_t>(tdmr.pamt.home.value_or(0))});
  }
  if (plan.config_version > 0 && plan.wall_clock == WallClock::now) {
    order.wall_clock_s = static_cast<std::uint64_t>(now.time_since_epoch().count());
  }
  return order;
}

bool refuses_no_time(const BringUpFailure& failure, const BringUpOrder& order) {
  return failure.step == BringUpStep::config && order.config_version > 0 && order.wall_clock_s == 0 &&
         failure.status == (abi::status::kOperandInvalid | abi::kOperandR11);
}

bool stayed_busy(const BringUpFailure& failure) {
  return abi::without_details(failure.status) == abi::status::kSysBusy;
}

/// Shows TDH.SYS.DISABLE as a step of the bring-up.
class DisableStep : public DisableWatcher {
 public:
  DisableStep(ConfigureWatcher& watcher, ConfigureProgress& progress)
      : watcher_(watcher), progress_(progress) {}
  void on_progress(const DisableProgress& progress) override {
    progress_.elapsed = progress.elapsed;
    watcher_.on_progress(progress_);
  }

 private:
  ConfigureWatcher& watcher_;
  ConfigureProgress& progress_;
};

/// The action, with what it has to know from call to call.
class Configuring {
 public:
  Configuring(Drivers& drivers, Store& store, const ConfigureOptions& options, Clock& clock,
              ConfigureWatcher& watcher, ConfigurePlan plan)
      : drivers_(drivers),
        store_(store),
        options_(options),
        clock_(clock),
        watcher_(watcher),
        started_(clock.now()),
        result_{.plan = std::move(plan)} {}

  ConfigureResult run() {
    act();
    progress_.elapsed = clock_.now() - started_;
    result_.progress = progress_;
    return std::move(result_);
  }

 private:
  void act() {
    if (clock_.stop_requested()) return stop({ErrorId::interrupted, "interrupted before anything was done"});
    if (result_.plan.nothing_to_do) {
      result_.outcome = result_.plan.nothing_to_do->why;
      return;
    }
    if (auto refused = refusal(result_.plan)) return stop(std::move(*refused));
    if (result_.plan.disable && !disable_first()) return;
    const auto served = drivers_.module(Operation::bring_up);
    if (!served) return stop(served.error());
    module_ = served->port;
    if (!initialise() || !plan_again() || !configure_in_slices()) return;
    prove();
  }

  void stop(Error error) { result_.error = std::move(error); }

  /// Stops after TDH.SYS.LP.INIT. A rule that is broken stays what it is, and who is busy can be asked again;
  /// anything else is a call that failed after the module was changed.
  void stop_initialised(Error why) {
    if (!result_.changed) return stop(std::move(why));
    const bool is_a_rule =
        std::ranges::find(result_.plan.plan.checks, why.id, &Check::id) != result_.plan.plan.checks.end();
    const ErrorClass why_class = error_info(why.id).error_class;
    why.what += "; TDH.SYS.INIT and TDH.SYS.LP.INIT were done before";
    if (!is_a_rule && why_class != ErrorClass::refused && why_class != ErrorClass::busy)
      return stop({ErrorId::bring_up_failed, std::move(why.what), {}, why.seamcall});
    stop(std::move(why));
  }

  void show(std::string_view step) {
    progress_.step = step;
    progress_.elapsed = clock_.now() - started_;
    watcher_.on_progress(progress_);
  }

  void note_time(std::string_view step, std::chrono::nanoseconds took) {
    if (result_.steps.empty() || result_.steps.back().name != step) result_.steps.push_back({step, {}});
    result_.steps.back().took += took;
  }

  bool disable_first() {
    progress_.step = "disable";
    DisableStep watcher(watcher_, progress_);
    const DisableResult disabled = disable(drivers_, {.timeout = time_left()}, clock_, watcher);
    note_time("disable", disabled.progress.elapsed);
    result_.changed = disabled.changed;
    if (disabled.error) stop(*disabled.error);
    return !disabled.error;
  }

  bool initialise() {
    show(to_string(BringUpStep::init));
    const bool was_initialised = result_.plan.read.machine.module_state == ModuleState::initialising;
    const auto done = module_->initialise();
    if (!done) {
      stop(done.error());
      return false;
    }
    note_time(to_string(BringUpStep::init), done->init);
    const bool init_failed = done->failure && done->failure->step == BringUpStep::init;
    if (!init_failed) note_time(to_string(BringUpStep::lp_init), done->lp_init);
    result_.changed |= !init_failed && !was_initialised;
    if (!done->failure) return true;
    result_.state_after = state();
    if (result_.changed || is_configured_already(*done->failure)) {
      stop(broken_off(*done->failure, ErrorId::bring_up_failed));
    } else {
      Error answer = seamcall_error(call_of(done->failure->step, 0), done->failure->status);
      if (stayed_busy(*done->failure)) answer.id = ErrorId::busy;
      stop(std::move(answer));
    }
    return false;
  }

  [[nodiscard]] std::optional<Clock::Duration> time_left() const {
    if (!options_.timeout) return std::nullopt;
    return std::max(*options_.timeout - (clock_.now() - started_), Clock::Duration{0});
  }

  /// Whether a signal or the time limit stops it here.
  bool is_stopped() {
    if (clock_.stop_requested()) {
      interrupt();
      return true;
    }
    if (const auto left = time_left(); !left || left->count() > 0) return false;
    take_back("the time limit was reached", ErrorId::time_limit);
    return true;
  }

  /// By what an initialised module tells: nothing may be unknown any more.
  bool plan_again() {
    if (is_stopped()) return false;
    result_.state_after = state();
    ConfigureOptions options = options_;
    options.seen.initialised = true;
    auto plan = plan_configure(drivers_, store_, options);
    if (!plan) {
      stop_initialised(plan.error());
      return false;
    }
    result_.plan.read = std::move(plan->read);
    result_.plan.plan = std::move(plan->plan);
    if (auto refused = refusal(result_.plan, Told::all)) {
      stop_initialised(std::move(*refused));
      return false;
    }
    order_ = order_of(result_.plan.plan, options_.now);
    progress_.tdmrs = order_.tdmrs.size();
    for (const BringUpTdmr& tdmr : order_.tdmrs) progress_.gibs += tdmr.gibs;
    return true;
  }

  bool configure_in_slices() {
    show(to_string(BringUpStep::config));
    for (;;) {
      const auto slice = module_->configure_slice(order_, kSlice);
      if (!slice) {
        fail_between_steps(slice.error());
        return false;
      }
      note_slice(*slice);
      if (slice->failure) {
        fail_step(*slice->failure);
        return false;
      }
      if (slice->finished) return true;
      if (is_stopped()) return false;
    }
  }

  void note_slice(const BringUpSlice& slice) {
    if (slice.config_took.count() > 0) note_time(to_string(BringUpStep::config), slice.config_took);
    if (slice.step != BringUpStep::config) note_time(to_string(slice.step), slice.took);
    configured_ |= slice.step != BringUpStep::config || !slice.failure;
    result_.changed |= configured_;
    result_.pamt_bytes = slice.pamt_bytes;
    progress_.pool_pages = slice.pool_pages;
    progress_.tdmrs_done = progress_.gibs_done = 0;
    for (std::size_t i = 0; i < std::min(slice.initialised_gibs.size(), order_.tdmrs.size()); ++i) {
      progress_.gibs_done += slice.initialised_gibs[i];
      progress_.tdmrs_done += slice.initialised_gibs[i] == order_.tdmrs[i].gibs ? 1 : 0;
    }
    show(to_string(slice.step));
  }

  /// The driver itself failed: what it has begun is taken back before the module is asked what there is now.
  void fail_between_steps(const Error& why) {
    if (clock_.stop_requested()) return interrupt();
    give_up();
    if (configured_) return stop(left_behind(why.what, ErrorId::bring_up_failed));
    stop_initialised(why);
  }

  void interrupt() { take_back("interrupted", ErrorId::interrupted); }

  /// `unchanged`: what it is where this run has changed nothing.
  void take_back(const std::string& why, ErrorId unchanged) {
    const std::string cause = why + " during " + std::string(progress_.step);
    give_up();
    stop(left_behind(cause, result_.changed ? ErrorId::bring_up_interrupted : unchanged));
  }

  void give_up() {
    // Where that fails too, the state that is read next tells what is left.
    (void)module_->give_up();
    look_at_what_is_left();
  }

  void look_at_what_is_left() {
    result_.state_after = state();
    // All this comes after TDH.SYS.LP.INIT.
    result_.changed |= result_.state_after && *result_.state_after != ModuleState::initialising;
    const bool given_back = !configured_ || result_.state_after == ModuleState::not_initialised ||
                            result_.state_after == ModuleState::initialising;
    if (given_back) result_.pamt_bytes = progress_.pool_pages = 0;
  }

  void fail_step(const BringUpFailure& failure) {
    look_at_what_is_left();
    Error error = broken_off(failure, meaning_of(failure));
    if (refuses_no_time(failure, order_) && error.id == meaning_of(failure))
      error.hint = error_info(ErrorId::wall_clock_refused).hint;
    stop(std::move(error));
  }

  /// What a step that failed is where nothing stands in the way of another run.
  [[nodiscard]] ErrorId meaning_of(const BringUpFailure& failure) const {
    if (!result_.changed) {
      return stayed_busy(failure) ? ErrorId::busy : seamcall_error(call_behind(failure), failure.status).id;
    }
    return refuses_no_time(failure, order_) ? ErrorId::wall_clock_refused : ErrorId::bring_up_failed;
  }

  [[nodiscard]] std::optional<ModuleState> state() const {
    const auto now = module_->state();
    return now ? std::optional(*now) : std::nullopt;
  }

  /// RAX of the call that failed a step: some begin with reading metadata.
  [[nodiscard]] std::uint64_t call_behind(const BringUpFailure& failure) const {
    constexpr std::uint8_t kMetadataClass = 12;
    const bool was_read = abi::parse_status(failure.status).class_code == kMetadataClass;
    return was_read ? kReadLeaf : call_of(failure.step, order_.config_version);
  }

  /// `harmless`: what it is where nothing stands in the way of another run.
  [[nodiscard]] Error broken_off(const BringUpFailure& failure, ErrorId harmless) const {
    const Error answer = seamcall_error(call_behind(failure), failure.status);
    const bool is_tdmr = failure.step == BringUpStep::tdmr_init;
    std::string cause = answer.what + (is_tdmr ? " on TDMR " : " on LP ") + std::to_string(failure.at);
    if (abi::without_details(failure.disable_status) != 0) {
      cause += ", and TDH.SYS.DISABLE after it with status " + hex64(failure.disable_status);
    }
    Error error =
        is_configured_already(failure)
            ? Error{result_.changed ? ErrorId::bring_up_without_keys : ErrorId::module_without_keys,
                    cause + ": it is configured already, or LPs are missing that Linux does not know"}
            : left_behind(cause, harmless);
    error.seamcall = answer.seamcall;
    return error;
  }

  /// What a module says that is configured and not ready; TDH.SYS.CONFIG also where LPs of the platform are
  /// missing.
  [[nodiscard]] bool is_configured_already(const BringUpFailure& failure) const {
    const std::uint64_t status = abi::without_details(failure.status);
    return result_.state_after == ModuleState::initialising &&
           ((failure.step == BringUpStep::lp_init && status == abi::status::kSysLpInitNotPending) ||
            (failure.step == BringUpStep::config && status == abi::status::kSysConfigNotPending));
  }

  /// What the module was left as, and what that is as an error.
  [[nodiscard]] Error left_behind(const std::string& cause, ErrorId harmless) const {
    const std::string back = cause + (order_.tdmrs.empty() ? "; " : "; all memory was given back, and ");
    // The driver takes memory away from a module that has let go of it only, or was never given any.
    const std::string kept = configured_ ? cause + "; its memory is kept, because " : back;
    if (!result_.state_after) {
      return {ErrorId::bring_up_not_undone, kept + "it cannot be told what state the module is in"};
    }
    switch (*result_.state_after) {
      case ModuleState::not_initialised:
        if (order_.tdmrs.empty()) {
          return {harmless, back + "TDH.SYS.INIT was done, and TDH.SYS.LP.INIT not on every LP"};
        }
        return {harmless, back + "the module is as after a load"};
      case ModuleState::initialising:
        if (!configured_) return {harmless, back + "the module is initialised and not configured"};
        return {ErrorId::bring_up_without_keys, back + "the module is configured and has not all its keys"};
      case ModuleState::ready:
        return {ErrorId::bring_up_not_undone, kept + "the module is ready and could not be disabled"};
      case ModuleState::disabling:
        return {ErrorId::bring_up_not_undone, kept + "TDH.SYS.DISABLE was interrupted",
                "'tdxctl disable' finishes it"};
      case ModuleState::shut_down:
      case ModuleState::not_loaded:
        break;
    }
    return {ErrorId::bring_up_not_undone,
            kept + "the module is " + std::string(to_string(*result_.state_after))};
  }

  void prove() {
    result_.proof =
        prove_bring_up(drivers_, result_.plan.plan, options_.request.features, result_.pamt_bytes);
    result_.state_after = state();
    if (const Check* broken = first_with(Verdict::bad, result_.proof)) return stop(to_error(*broken));
    result_.outcome = "the TDX module is up and ready";
  }

  Drivers& drivers_;
  Store& store_;
  const ConfigureOptions& options_;
  Clock& clock_;
  ConfigureWatcher& watcher_;
  Clock::Duration started_;
  ConfigureResult result_;
  ConfigureProgress progress_{};
  Module* module_ = nullptr;
  BringUpOrder order_{};
  bool configured_ = false;  ///< TDH.SYS.CONFIG succeeded
};

}  // namespace

Result<ConfigureResult> configure(Drivers& drivers, Store& store, const ConfigureOptions& options,
                                  Clock& clock, ConfigureWatcher& watcher) {
  auto plan = plan_configure(drivers, store, options);
  if (!plan) return fail(plan.error());
  return Configuring(drivers, store, options, clock, watcher, std::move(*plan)).run();
}

}  // namespace tdxctl::bringup
