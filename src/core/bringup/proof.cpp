// SPDX-License-Identifier: MIT
#include "core/bringup/proof.h"

#include <string>

#include "core/abi/features.h"
#include "core/byte_size.h"
#include "core/connect_view.h"

namespace tdxctl::bringup {
namespace {

struct Subject {
  const Plan& plan;
  const ConnectView& view;
  std::uint64_t features;  ///< that were asked for
  std::uint64_t pamt_bytes;
};

std::string not_read_back(const Error& why) { return "it could not be read back: " + why.what; }

Finding module_is_ready(const Subject& s) {
  const auto& state = s.view.status.module_state.value;
  if (!state) return bad(not_read_back(state.error()));
  return holds(*state == ModuleState::ready, "it is " + std::string(to_string(*state)));
}

/// The module tells what it can; who configured it tells with what.
Finding features_are_on(const Subject& s) {
  const auto& features0 = s.view.status.features0.value;
  if (!features0) return bad(not_read_back(features0.error()));
  if (const std::uint64_t gone = s.features & ~*features0; gone != 0) {
    return bad("TDX_FEATURES0 has lost " + abi::feature_list(gone));
  }
  const auto& told = s.view.brought_up;
  if (!told) return bad(not_read_back(told.error()));
  if (!*told) return bad("the driver has brought nothing up");
  return holds(**told == s.features, abi::feature_list(**told));
}

Finding pamts_are_as_planned(const Subject& s) {
  return holds(s.pamt_bytes == s.plan.pamt_bytes(),
               byte_size(s.pamt_bytes) + " of " + byte_size(s.plan.pamt_bytes()));
}

Finding extensions_are_made(const Subject& s) {
  if (!s.plan.extensions) return skipped("no feature needs the Extensions");
  const auto& need = s.view.extensions;
  if (!need) return bad(not_read_back(need.error()));
  if (!need->required) return bad("the module says that it needs none");
  return holds(need->pool_bytes == 0, byte_size(need->pool_bytes) + " still to be added");
}

constexpr RuleRow<Subject> kRules[] = {
    {{ErrorId::bring_up_not_ready, "the module is ready"}, module_is_ready},
    {{ErrorId::bring_up_wrong_features, "the features that were asked for are on"}, features_are_on},
    {{ErrorId::bring_up_wrong_pamts, "PAMTs take as much as was planned"}, pamts_are_as_planned},
    {{ErrorId::bring_up_wrong_pool, "the Extensions have all the memory that they want"},
     extensions_are_made},
};

}  // namespace

std::vector<Check> prove_bring_up(Drivers& drivers, const Plan& plan, std::uint64_t features,
                                  std::uint64_t pamt_bytes) {
  const ConnectView view = read_connect(drivers);
  std::vector<Check> checks;
  run_rules<Subject>(kRules, {plan, view, features, pamt_bytes}, checks);
  return checks;
}

}  // namespace tdxctl::bringup
