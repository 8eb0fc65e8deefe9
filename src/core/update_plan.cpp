// SPDX-License-Identifier: MIT
#include "core/update_plan.h"

#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/image/verify.h"

namespace tdxctl {
namespace {

struct Subject {
  const image::Candidate& candidate;
  const UpdateHost& host;
  const Result<Served<Loader>>& updater;
  const PlanOptions& options;

  [[nodiscard]] const PlatformFacts& platform() const { return host.status.platform; }
  /// The helper goes behind Linux's back where Linux initialised the module itself.
  [[nodiscard]] bool by_linux() const { return updater && updater->driver == "native"; }
};

Finding somebody_can(const Subject& s) {
  return s.updater ? ok("by the driver " + std::string(s.updater->driver)) : bad(s.updater.error().what);
}

Finding module_is_ready(const Subject& s) {
  const auto& state = s.host.status.module_state.value;
  if (!state) return unknown(state.error());
  if (const auto& why = s.host.status.only_looks_ready) return bad(why->what);
  return holds(*state == ModuleState::ready, "it is " + std::string(to_string(*state)));
}

Finding module_hands_over(const Subject& s) {
  const auto& features0 = s.host.status.features0.value;
  if (features0) return holds(abi::bit(*features0, abi::kFeatureTdPreserving), "TDX_FEATURES0 bit 1");
  // Linux makes its upload device only on a module that has the feature.
  return s.by_linux() ? ok("Linux offers the update") : unknown(features0.error());
}

Finding every_lp_is_online(const Subject& s) {
  const auto& online = s.platform().lps_online;
  const auto& present = s.platform().lps_present;
  if (!online) return unknown(online.error());
  if (!present) return unknown(present.error());
  return holds(*online == *present, std::to_string(*online) + " of " + std::to_string(*present));
}

Finding linux_is_not_bypassed(const Subject& s) {
  if (!s.updater) return skipped("nobody can update the module");
  if (s.by_linux()) return ok("Linux does it itself");
  const auto& owns = s.platform().kernel_owns_module;
  if (!owns) return unknown(owns.error());
  return *owns ? bad("Linux initialised the module, and would not learn of the update")
               : ok("Linux does not use the module");
}

std::string hkids_text(const HkidUse& use) { return std::to_string(use.in_use) + " HKIDs in use by TDs"; }

Finding no_td_is_required(const Subject& s) {
  const auto& hkids = s.platform().hkids;
  if (!s.options.require_no_tds)
    return skipped((hkids ? hkids_text(*hkids) : "TDs cannot be counted") + ", and they stay alive");
  if (!hkids) return unknown(hkids.error());
  if (hkids->in_use == 0) return ok(hkids_text(*hkids));
  return {Verdict::bad, hkids_text(*hkids),
          "an update keeps the TDs: leave --require-no-tds out, or end the TDs first"};
}

// Only the P-SEAMLDR knows which key it trusts, and it is asked when every TD is stopped already.
Finding key_is_trusted(const Subject& s) {
  if (!s.candidate.sigstruct) return skipped("the image has no sigstruct");
  if (image::key_hash(s.candidate.sigstruct->modulus) == image::kIntelKeyHash) return ok("it is Intel's");
  return skipped(
      "it is NOT Intel's: a P-SEAMLDR that was not made to trust it refuses the image, when every TD is "
      "stopped already");
}

// A TD that is being built looks like any other from here. Linux 7.3 does not ask the module to refuse.
Finding no_td_is_spoiled(const Subject& s) {
  const auto& hkids = s.platform().hkids;
  if (hkids && hkids->in_use == 0) return ok("there are no TDs");
  const auto& features0 = s.host.status.features0.value;
  const bool module_guards = features0 && abi::bit(*features0, abi::kFeatureUpdateCompatibility);
  if (module_guards && s.updater && !s.by_linux()) return ok("the module refuses the update while one is");
  return skipped("nothing shows it: build no TD during the update, or its measurement may be wrong");
}

using enum ErrorId;

constexpr RuleRow<Subject> kRules[] = {
    {{other_key, "the P-SEAMLDR trusts the key of the image", "SEAMLDR_EBADSIG"}, key_is_trusted},
    {{no_updater, "a driver can update the TDX module here"}, somebody_can},
    {{module_not_ready, "the TDX module is ready"}, module_is_ready},
    {{module_cannot_update, "the running module can hand its TDs over"}, module_hands_over},
    {{lp_offline, "every LP of the platform is online"}, every_lp_is_online},
    {{kernel_owns_module, "the update does not go behind Linux's back"}, linux_is_not_bypassed},
    {{tds_in_use, "no TD exists"}, no_td_is_required},
    {{td_build_unguarded, "no TD is being built"}, no_td_is_spoiled},
};

}  // namespace

std::optional<Error> UpdatePlan::refusal() const {
  if (up_to_date) return std::nullopt;
  if (const Check* broken = first_with(Verdict::bad, checks)) {
    // The reason is an error by itself: busy is another answer than not supported.
    return broken->id() == no_updater ? no_driver : to_error(*broken);
  }
  const Check* open = first_with(Verdict::unknown, checks);
  if (open == nullptr) return std::nullopt;
  return Error{image_fit_unknown,
               "it could not be checked that " + std::string(open->rule->text) + ": " + open->evidence,
               open->hint};
}

UpdatePlan plan_update(const image::Candidate& candidate, const UpdateHost& host,
                       const Result<Served<Loader>>& updater, const PlanOptions& options) {
  UpdatePlan plan;
  plan.checks = candidate.verification;
  plan.image_checks = plan.checks.size();
  check_fit(candidate, facts_of(host), options.fit, plan.checks);
  for (Check& check : plan.checks) {
    if (check.verdict == Verdict::unknown && check.hint.empty()) check.hint = hint_to_see(host, check.id());
  }
  run_rules<Subject>(kRules, {candidate, host, updater, options}, plan.checks);
  if (updater) {
    plan.driver = updater->driver;
  } else {
    plan.no_driver = updater.error();
  }
  plan.up_to_date =
      is_running(candidate, facts_of(host)) && first_with(Verdict::bad, candidate.verification) == nullptr;
  return plan;
}

}  // namespace tdxctl
