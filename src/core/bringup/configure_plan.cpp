// SPDX-License-Identifier: MIT
#include "core/bringup/configure_plan.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/bringup/call_times.h"
#include "core/history.h"
#include "core/metadata_read.h"

namespace tdxctl::bringup {
namespace {

/// Whether the update history has one that did not come to its end, and whether the module holds what that
/// one would go on with.
struct UpdateTraces {
  Result<bool> broken_off = false;
  std::optional<bool> handoff_data{};  ///< nothing where the module does not tell
};

struct Subject {
  const Machine& machine;
  const Request& request;
  const Result<std::optional<std::uint64_t>>& brought_up;
  const UpdateTraces& update;
};

bool is_half_way(const ConfigurePlan& plan) {
  return !plan.brought_up && plan.brought_up.error().id == ErrorId::busy;
}

bool is_ready(const Machine& machine) { return machine.module_state == ModuleState::ready; }

Finding features_are_free(const Subject& s) {
  if (!is_ready(s.machine)) return skipped("it is not ready");
  if (s.request.take_over) return skipped("it is taken over, and disabled first");
  if (s.request.features == 0) return skipped("none are asked for");
  if (s.machine.features0 && (s.request.features & ~*s.machine.features0) != 0)
    return skipped("the module does not have them");
  if (!s.brought_up) return bad("it cannot be seen which are on: " + s.brought_up.error().what);
  if (*s.brought_up == s.request.features) return ok(abi::feature_list(s.request.features));
  if (*s.brought_up) return bad("it was brought up with " + abi::feature_list(**s.brought_up));
  return bad(s.machine.kernel_owns_module.value_or(false) ? "the kernel brought it up"
                                                          : "nobody here knows with which it was brought up");
}

Finding no_update_waits(const Subject& s) {
  if (is_ready(s.machine)) return skipped("a module runs");
  if (s.update.handoff_data) {
    return holds(!*s.update.handoff_data, *s.update.handoff_data
                                              ? "the module holds handoff data of the one before it"
                                              : "the module holds no handoff data");
  }
  if (!s.update.broken_off) return unknown(s.update.broken_off.error().what);
  if (!*s.update.broken_off) return ok("the history has none");
  if (s.machine.module_state == ModuleState::not_initialised) {
    return unknown("the history has one; the module tells once it is initialised");
  }
  return bad("the history has one");
}

constexpr RuleRow<Subject> kRules[] = {
    {{ErrorId::module_features_differ, "a module that is ready has the features that are asked for"},
     features_are_free},
    {{ErrorId::update_broken_off, "no update waits to be taken up"}, no_update_waits},
};

UpdateTraces traces_of(Drivers& drivers, Store& store, const Machine& machine) {
  if (is_ready(machine)) return {};
  UpdateTraces traces{.broken_off = update_was_broken_off(store, drivers.platform())};
  const std::array<std::string, 1> names = {"HANDOFF_DATA_VALID"};
  const auto answers = read_metadata(drivers, names);
  if (answers && !abi::bit(answers->data.front().status, 63)) {
    traces.handoff_data = answers->data.front().value != 0;
  }
  return traces;
}

Result<Module*> builder(Drivers& drivers) {
  const auto module = drivers.module(Operation::bring_up);
  if (!module) return fail(module.error());
  const auto able = module->port->can_bring_up();
  if (!able) return fail(able.error());
  return module->port;
}

Result<std::string_view> driver_of(Drivers& drivers) {
  if (const auto able = builder(drivers); !able) return fail(able.error());
  return drivers.module(Operation::bring_up)->driver;
}

Result<std::optional<std::uint64_t>> brought_up_by_us(Drivers& drivers) {
  const auto able = builder(drivers);
  if (!able) return fail(able.error());
  return (*able)->brought_up();
}

std::optional<NothingToDo> nothing_to_do(const ConfigurePlan& plan, const Request& request) {
  const Machine& machine = plan.read.machine;
  if (!is_ready(machine) || plan.read.only_looks_ready) return std::nullopt;
  const bool ours = plan.brought_up && plan.brought_up->has_value();
  if (ours && **plan.brought_up == request.features) {
    return NothingToDo{"the TDX module is ready, brought up with " + abi::feature_list(request.features)};
  }
  // Whoever brought it up: nothing is asked for that it could lack.
  const bool to_be_freed = request.take_over && machine.kernel_owns_module.value_or(false) && !ours;
  if (request.features == 0 && !to_be_freed) return NothingToDo{"the TDX module is ready"};
  return std::nullopt;
}

std::vector<std::string> consequences_of(const Machine& machine) {
  if (!machine.kernel_owns_module.value_or(false)) return {};
  return {
      "until the next boot or kexec Linux keeps the sizes that it read of the module, and the memory of its "
      "own PAMTs",
      "KVM's calls fail until then or, worse, work with sizes that are no longer right: run no TD before "
      "that",
  };
}

/// Whether a module in that state tells what this check could not see once it is initialised, which one that
/// is initialised can be again.
bool is_told_later(const std::optional<ModuleState>& state, ErrorId id) {
  if (state == ModuleState::initialising) return id == ErrorId::module_not_pending;
  return state == ModuleState::not_initialised &&
         (id == ErrorId::feature_missing || id == ErrorId::ram_outside_cmrs ||
          id == ErrorId::update_broken_off);
}

std::optional<Error> refusal_of(const Machine& machine, const Check& check) {
  Error error = plan_error(machine, check);
  if (error.id == ErrorId::kernel_owns_module) {
    error.hint = "--take-over brings it up all the same: see tdxctl-connect(8) for what breaks";
  }
  return error;
}

}  // namespace

Result<ConfigurePlan> plan_configure(Drivers& drivers, Store& store, const ConfigureOptions& options) {
  auto read = read_machine(drivers);
  if (!read) return fail(read.error());
  Seen seen = options.seen;
  seen.only_looks_ready = read->only_looks_ready;
  auto plan = make_plan(read->machine, options.request, seen);
  if (!plan) return fail(plan.error());
  ConfigurePlan made{.read = std::move(*read),
                     .plan = std::move(*plan),
                     .driver = driver_of(drivers),
                     .brought_up = brought_up_by_us(drivers)};
  const Machine& machine = made.read.machine;
  const UpdateTraces update = traces_of(drivers, store, machine);
  std::vector<Check> checks;
  run_rules<Subject>(kRules, {machine, options.request, made.brought_up, update}, checks);
  made.plan.checks.insert(made.plan.checks.begin(), checks.begin(), checks.end());
  if (options.is_this_host) made.plan.expected = foretell(made.plan, store);
  made.nothing_to_do = nothing_to_do(made, options.request);
  if (options.request.take_over && !made.nothing_to_do) {
    made.consequences = consequences_of(machine);
    if (is_ready(machine)) made.disable = plan_disable(drivers, {});
  }
  return made;
}

std::optional<Error> refusal(const ConfigurePlan& plan, Told told) {
  if (plan.nothing_to_do) return std::nullopt;
  if (!plan.driver) return plan.driver.error();
  // What could not be taken back is what taking over begins with; a module that is not ready any more has let
  // go.
  if (is_half_way(plan)) return plan.brought_up.error();
  if (plan.read.only_looks_ready && !plan.disable) return *plan.read.only_looks_ready;
  const auto unseen = std::ranges::find(plan.read.unseen, "module_state", &UnseenFact::fact);
  if (unseen != plan.read.unseen.end()) return unseen->why;
  const Machine& machine = plan.read.machine;
  if (const Check* broken = first_with(Verdict::bad, plan.plan.checks)) return refusal_of(machine, *broken);
  if (plan.disable) {
    if (auto refused = tdxctl::refusal(*plan.disable)) return refused;
  }
  for (const Check& check : plan.plan.checks) {
    if (check.verdict != Verdict::unknown) continue;
    const bool later = told == Told::maybe_later && is_told_later(machine.module_state, check.id());
    if (!later) return refusal_of(machine, check);
  }
  return std::nullopt;
}

}  // namespace tdxctl::bringup
