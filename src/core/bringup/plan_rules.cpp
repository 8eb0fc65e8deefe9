// SPDX-License-Identifier: MIT
#include "core/bringup/plan_rules.h"

#include <algorithm>
#include <bit>
#include <string>

#include "core/abi/features.h"
#include "core/bringup/memory_map.h"
#include "core/byte_size.h"
#include "core/hex.h"

namespace tdxctl::bringup {
namespace {

std::string count_of(std::uint64_t count, std::string_view thing) {
  return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

/// "17 holes, 1 more than the 16 that there can be"
std::string excess(std::uint64_t needed, std::uint64_t allowed, std::string_view thing) {
  return count_of(needed, thing) + ", " + std::to_string(needed - allowed) + " more than the " +
         std::to_string(allowed) + " that there can be";
}

Finding ram_is_convertible(const PlanSubject& s) {
  if (!s.machine.cmrs) return unknown("the CMRs are not known");
  const auto parts = outside(extents_of(s.plan.memory), *s.machine.cmrs);
  if (parts.empty()) {
    return ok(byte_size(s.plan.ram_bytes()) + " in " + count_of(s.machine.cmrs->size(), "CMR"));
  }
  return bad(byte_size(total_bytes(parts)) + " of RAM in " + count_of(parts.size(), "range") +
             " outside, the first at " + hex(parts.front().base));
}

Finding tdmrs_suffice(const PlanSubject& s) {
  if (s.layout.trouble == LayoutTrouble::tdmrs) {
    return bad(excess(s.layout.needed, s.layout.allowed, "TDMR"));
  }
  if (s.layout.trouble != LayoutTrouble::none) return skipped("there are no TDMRs to count");
  return ok(std::to_string(s.layout.tdmrs.size()) + " of " + std::to_string(s.plan.limits.max_tdmrs));
}

Finding reserved_areas_suffice(const PlanSubject& s) {
  switch (s.layout.trouble) {
    case LayoutTrouble::holes_in_a_cell:
      return bad("the GiB at " + hex(s.layout.where.base) + " has " +
                 excess(s.layout.needed, s.layout.allowed, "hole"));
    case LayoutTrouble::areas:
      return bad("holes and PAMTs need " + excess(s.layout.needed, s.layout.allowed, "reserved area"));
    case LayoutTrouble::tdmrs:
      return skipped("there are no TDMRs to look into");
    case LayoutTrouble::none:
      break;
  }
  std::size_t most = 0;
  for (const PlannedTdmr& tdmr : s.plan.tdmrs) most = std::max(most, tdmr.reserved_areas());
  return ok("at most " + std::to_string(most) + " of " + std::to_string(s.plan.limits.max_reserved_per_tdmr));
}

Finding pamts_have_room(const PlanSubject& s) {
  if (s.layout.trouble != LayoutTrouble::none) return skipped("there are no TDMRs to have PAMTs");
  if (s.homeless) {
    const PlannedTdmr& tdmr = s.plan.tdmrs[s.homeless->pamt];
    const std::string piece = "has " + byte_size(tdmr.pamt.bytes()) + " in one piece";
    return bad((s.homeless->areas_short ? "no TDMR that " + piece + " has a reserved area left"
                                        : "no TDMR " + piece) +
               " for the PAMTs of the TDMR at " + hex(tdmr.range.base));
  }
  return ok(byte_size(s.plan.pamt_bytes()));
}

Finding module_awaits_init(const PlanSubject& s) {
  if (!s.machine.module_state) return unknown("the state of the module is not known");
  switch (*s.machine.module_state) {
    case ModuleState::not_initialised:
      return ok("it is loaded and not initialised");
    case ModuleState::initialising:
      if (s.seen.initialised) return ok("it is initialised and not configured");
      return unknown("it is initialised, and only a call tells whether it is configured already");
    case ModuleState::ready:
      if (s.request.take_over) return skipped("it is ready, and disabled first");
      if (s.seen.only_looks_ready) return bad(s.seen.only_looks_ready->what);
      return bad("it is ready: it was brought up already");
    case ModuleState::disabling:
      return bad("TDH.SYS.DISABLE was interrupted: 'tdxctl disable' finishes it");
    case ModuleState::shut_down:
      return bad("it is shut down");
    case ModuleState::not_loaded:
      return bad("it is not loaded");
  }
  return unknown("");
}

Finding extensions_have_room(const PlanSubject& s) {
  if (!s.plan.extensions) return skipped("no feature needs the Extensions");
  if (s.layout.trouble != LayoutTrouble::none) return skipped("there are no TDMRs to have PAMTs");
  const std::uint64_t ram = s.plan.ram_bytes(), pamts = std::min(s.plan.pamt_bytes(), ram);
  return holds(s.plan.extensions->bytes <= ram - pamts,
               byte_size(s.plan.extensions->bytes) + " of " + byte_size(ram - pamts) + " beside PAMTs");
}

/// How a module in that state comes to be one that waits to be brought up.
std::string way_to_pending(ModuleState state) {
  switch (state) {
    case ModuleState::not_initialised:
      break;
    case ModuleState::initialising:
      return "'tdxctl connect configure' finds out, and does no harm by that";
    case ModuleState::ready:
      return "nothing is to be done for a module that is ready; to bring it up anew, 'tdxctl disable' first, "
             "or "
             "'tdxctl connect configure' with --take-over";
    case ModuleState::disabling:
      return "finish with 'tdxctl disable'";
    case ModuleState::shut_down:
      return "see 'tdxctl update recover'";
    case ModuleState::not_loaded:
      return "reboot: the BIOS or the boot loader loads the module; one that was lost, see 'tdxctl update "
             "recover'";
  }
  return {};
}

Finding kernel_leaves_module(const PlanSubject& s) {
  if (s.request.take_over && s.machine.kernel_owns_module.value_or(true)) return skipped("it is taken over");
  if (!s.machine.kernel_owns_module) return unknown("it is not known whether the kernel uses the module");
  return holds(!*s.machine.kernel_owns_module,
               *s.machine.kernel_owns_module ? "the kernel initialised it" : "the kernel does not use it");
}

Finding hibernation_is_off(const PlanSubject& s) {
  if (!s.machine.hibernation_possible) return unknown("it is not known whether the kernel can hibernate");
  return holds(!*s.machine.hibernation_possible,
               *s.machine.hibernation_possible ? "the kernel can hibernate" : "the kernel cannot hibernate");
}

Finding lps_are_online(const PlanSubject& s) {
  if (!s.machine.lps_online || !s.machine.lps_present) return unknown("the number of LPs is not known");
  return holds(
      *s.machine.lps_online >= *s.machine.lps_present,
      std::to_string(*s.machine.lps_online) + " of " + std::to_string(*s.machine.lps_present) + " online");
}

Finding keyids_are_there(const PlanSubject& s) {
  if (!s.machine.keyids) return unknown("the KeyIDs are not known");
  return holds(s.machine.keyids->tdx >= 2, count_of(s.machine.keyids->tdx, "private KeyID"));
}

Finding module_has_features(const PlanSubject& s) {
  const std::uint64_t asked =
      s.plan.features | (s.plan.dynamic_pamt ? std::uint64_t{1} << abi::kFeatureDynamicPamt : 0);
  if (asked == 0) return ok("none is asked for");
  if (!s.machine.features0) return unknown("the features of the module are not known");
  const std::uint64_t missing = asked & ~*s.machine.features0;
  return missing == 0 ? ok(abi::feature_list(asked)) : bad("it does not have " + abi::feature_list(missing));
}

Finding extensions_are_safe(const PlanSubject& s) {
  if (!s.plan.extensions) return skipped("no feature needs the Extensions");
  if (!s.machine.partial_write_erratum) return unknown("it is not known whether the CPU has the erratum");
  return holds(!*s.machine.partial_write_erratum,
               *s.machine.partial_write_erratum ? "it has the erratum" : "it does not have the erratum");
}

Finding hkids_are_low(const PlanSubject& s) {
  if (!s.plan.dynamic_pamt) return skipped("dynamic PAMT is not asked for");
  if (!s.machine.keyids) return unknown("the KeyIDs are not known");
  const auto bits =
      static_cast<std::uint32_t>(std::bit_width(s.machine.keyids->mktme + s.machine.keyids->tdx));
  return holds(bits >= s.plan.limits.dynamic_pamt_hkid_bits,
               std::to_string(bits) + " of at least " + std::to_string(s.plan.limits.dynamic_pamt_hkid_bits));
}

// What the module can never do comes before what can be changed about it.
constexpr RuleRow<PlanSubject> kRules[] = {
    {{ErrorId::feature_missing, "the module has the features that are asked for"}, module_has_features},
    {{ErrorId::module_not_pending, "the module is loaded and waits to be brought up"}, module_awaits_init},
    {{ErrorId::kernel_owns_module, "the kernel does not use the module"}, kernel_leaves_module},
    {{ErrorId::hibernation_possible, "the kernel cannot hibernate"}, hibernation_is_off},
    {{ErrorId::lp_offline, "all LPs are online"}, lps_are_online},
    {{ErrorId::too_few_keyids, "there are at least two private KeyIDs"}, keyids_are_there},
    {{ErrorId::extensions_erratum, "the CPU has no partial-write erratum where Extensions are needed"},
     extensions_are_safe},
    {{ErrorId::dynamic_pamt_hkids, "dynamic PAMT has the KeyID bits that it needs"}, hkids_are_low},
    {{ErrorId::ram_outside_cmrs, "CMRs cover all RAM"}, ram_is_convertible},
    {{ErrorId::tdmr_limit, "the module takes that many TDMRs"}, tdmrs_suffice},
    {{ErrorId::reserved_area_limit, "TDMRs have reserved areas for all holes and PAMTs"},
     reserved_areas_suffice},
    {{ErrorId::pamt_room, "every PAMT finds memory in one piece"}, pamts_have_room},
    {{ErrorId::extension_room, "memory has room for the Extensions"}, extensions_have_room},
};

}  // namespace

Error plan_error(const Machine& machine, const Check& check) {
  Error error = to_error(check);
  if (error.id == ErrorId::module_not_pending && machine.module_state)
    error.hint = way_to_pending(*machine.module_state);
  return error;
}

std::vector<Check> check_plan(const PlanSubject& subject) {
  std::vector<Check> checks;
  run_rules<PlanSubject>(kRules, subject, checks);
  return checks;
}

}  // namespace tdxctl::bringup
