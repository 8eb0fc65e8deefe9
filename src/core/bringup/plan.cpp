// SPDX-License-Identifier: MIT
#include "core/bringup/plan.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <queue>

#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "core/bringup/memory_map.h"
#include "core/bringup/plan_rules.h"

namespace tdxctl::bringup {
namespace {

constexpr std::uint64_t feature_bit(std::uint8_t bit) { return std::uint64_t{1} << bit; }

// Measured on pre-production modules, for each feature that is built on the Extensions.
// Source: Linux mailing list, Extensions and DICE quoting series, 2026.
constexpr std::uint64_t kExtensionBytes = 35ull << 20;

// PAMT entries of 4 KiB pages that one TDH.SYS.TDMR.INIT initialises.
// Source: intel/tdx-module 1.5.05 and 2.0.16 tdh_sys_tdmr_init.c.
constexpr std::uint64_t kInitBytes = 1024 * kPageBytes;
constexpr std::uint64_t kInitBytesDynamic = 4096 * kPageBytes;

std::vector<MemoryRange> memory_in(const Range& tdmr, std::span<const MemoryRange> memory) {
  std::vector<MemoryRange> parts;
  auto range = std::ranges::upper_bound(memory, tdmr.base, {}, &MemoryRange::end);
  for (; range != memory.end() && range->base < tdmr.end(); ++range) {
    const std::uint64_t base = std::max(range->base, tdmr.base);
    parts.push_back({base, std::min(range->end(), tdmr.end()) - base, range->node});
  }
  return parts;
}

std::optional<std::uint32_t> main_node(std::span<const MemoryRange> memory) {
  std::map<std::optional<std::uint32_t>, std::uint64_t> bytes;
  for (const MemoryRange& range : memory) bytes[range.node] += range.bytes;
  return std::ranges::max_element(bytes, {}, [](const auto& each) { return each.second; })->first;
}

/// TDMRs, and PAMTs in them.
struct Placed {
  Layout layout;
  std::vector<PlannedTdmr> tdmrs{};
  std::optional<Homeless> homeless{};
  std::uint64_t least_room = kCellBytes;  ///< least RAM in one piece of a TDMR that counts as having room
};

std::uint64_t largest_piece(std::span<const MemoryRange> memory) {
  return std::ranges::max_element(memory, {}, &MemoryRange::bytes)->bytes;
}

Placed place(const Plan& plan, std::uint64_t pamt_bytes) {
  const ModuleLimits& limits = plan.limits;
  Placed placed{.layout = lay_out(plan.memory, {limits.max_tdmrs, limits.max_reserved_per_tdmr, pamt_bytes})};
  std::vector<Pamt> pamts;
  std::vector<PamtRoom> rooms;
  for (const Range& range : placed.layout.tdmrs) {
    auto memory = memory_in(range, plan.memory);
    PlannedTdmr tdmr{.range = range,
                     .ram_bytes = total_bytes(extents_of(memory)),
                     .node = main_node(memory),
                     .holes = outside({&range, 1}, extents_of(memory)),
                     .pamt = pamt_of(range.bytes, limits, plan.dynamic_pamt)};
    pamts.push_back(tdmr.pamt);
    const std::uint64_t room = largest_piece(memory);
    if (room >= pamt_bytes) placed.least_room = std::min(placed.least_room, room);
    const auto holes = static_cast<std::uint32_t>(tdmr.holes.size());
    rooms.push_back({std::move(memory), limits.max_reserved_per_tdmr - holes, tdmr.node});
    placed.tdmrs.push_back(std::move(tdmr));
  }
  placed.homeless = find_homes(pamts, rooms);
  if (placed.homeless) return placed;
  for (std::size_t i = 0; i < pamts.size(); ++i) {
    placed.tdmrs[i].pamt = pamts[i];
    ++placed.tdmrs[*pamts[i].home].pamts_held;
  }
  return placed;
}

/// Reserved areas are enough nearly always. Where a PAMT finds no room beside them all the same, only TDMRs
/// with ever larger pieces of RAM count as having any.
Placed place_with_room(const Plan& plan) {
  Placed placed = place(plan, 0);
  std::uint64_t bytes = std::max(pamt_of(kCellBytes, plan.limits, plan.dynamic_pamt).bytes(), kPageBytes);
  for (Placed last = placed; last.homeless; bytes *= 2) {
    // As long as the same TDMRs have room, the same layout is found again.
    bytes = std::max(bytes, last.least_room + kPageBytes);
    if (bytes > kCellBytes) break;
    last = place(plan, bytes);
    if (last.layout.trouble != LayoutTrouble::none) break;
    if (!last.homeless) return last;
  }
  return placed;
}

void plan_config(Plan& plan, const Request& request) {
  plan.dynamic_pamt = abi::bit(request.features, abi::kFeatureDynamicPamt);
  plan.features = request.features & ~feature_bit(abi::kFeatureDynamicPamt);
  plan.config_version = plan.features != 0 ? 1 : 0;
  plan.config_reason = plan.features != 0 ? "version 1 is the first that switches features on"
                                          : "no feature is asked for that version 0 cannot switch on";
  plan.wall_clock = request.wall_clock;
}

void plan_extensions(Plan& plan, const Machine& machine) {
  const std::uint64_t estimate = estimated_pool_bytes(plan.features);
  if (estimate == 0) return;
  plan.extensions = machine.extension_pool_bytes ? ExtensionPool{*machine.extension_pool_bytes, true}
                                                 : ExtensionPool{estimate, false};
}

/// TDH.SYS.TDMR.INIT calls of the LP that has most to do, where each LP that is free takes the largest TDMR
/// that is left. A TDMR is initialised by one LP at a time.
std::uint64_t calls_in_a_row(std::vector<std::uint64_t> calls, std::size_t lps) {
  std::ranges::sort(calls, std::ranges::greater{});
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> busy;
  std::uint64_t longest = 0;
  for (std::uint64_t each : calls) {
    if (busy.size() == lps) {
      each += busy.top();
      busy.pop();
    }
    busy.push(each);
    longest = std::max(longest, each);
  }
  return longest;
}

void count_calls(Plan& plan, const Machine& machine) {
  if (!machine.lps_online || *machine.lps_online == 0 || !machine.packages || plan.tdmrs.empty()) return;
  Calls calls{.lp_init = *machine.lps_online, .key_config = machine.packages->size()};
  std::vector<std::uint64_t> of_tdmrs;
  for (const PlannedTdmr& tdmr : plan.tdmrs) {
    of_tdmrs.push_back(tdmr.range.bytes / (plan.dynamic_pamt ? kInitBytesDynamic : kInitBytes));
  }
  calls.tdmr_init = std::accumulate(of_tdmrs.begin(), of_tdmrs.end(), std::uint64_t{0});
  calls.tdmr_init_in_a_row = calls_in_a_row(std::move(of_tdmrs), *machine.lps_online);
  plan.calls = calls;
}

}  // namespace

std::string_view to_string(WallClock wall_clock) {
  switch (wall_clock) {
    case WallClock::none:
      return "none";
    case WallClock::now:
      return "now";
  }
  return {};
}

std::uint64_t Plan::ram_bytes() const { return total_bytes(extents_of(memory)); }

std::uint64_t Plan::pamt_bytes() const {
  return std::accumulate(tdmrs.begin(), tdmrs.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const PlannedTdmr& tdmr) { return sum + tdmr.pamt.bytes(); });
}

std::uint64_t Plan::spent_bytes() const { return pamt_bytes() + (extensions ? extensions->bytes : 0); }

Verdict Plan::verdict() const {
  for (const Verdict verdict : {Verdict::bad, Verdict::unknown}) {
    if (first_with(verdict, checks) != nullptr) return verdict;
  }
  return Verdict::ok;
}

std::uint64_t estimated_pool_bytes(std::uint64_t features) {
  const auto count = std::ranges::count_if(abi::kFeaturesOnExtensions,
                                           [&](std::uint8_t bit) { return abi::bit(features, bit); });
  return static_cast<std::uint64_t>(count) * kExtensionBytes;
}

Result<Plan> make_plan(const Machine& machine, const Request& request, const Seen& seen) {
  auto memory = tidy_memory(machine.memory);
  if (!memory) return fail(memory.error());
  Plan plan;
  plan.memory = std::move(*memory);
  plan.limits = machine.limits.value_or(ModuleLimits{});
  plan.limits_read = machine.limits.has_value();
  plan_config(plan, request);
  Placed placed = place_with_room(plan);
  plan.cost = placed.layout.cost;
  plan.tdmrs = std::move(placed.tdmrs);
  plan_extensions(plan, machine);
  count_calls(plan, machine);
  plan.checks = check_plan({machine, request, seen, plan, placed.layout, placed.homeless});
  return plan;
}

std::optional<Error> objection(const Machine& machine, const Plan& plan) {
  if (const Check* broken = first_with(Verdict::bad, plan.checks)) return plan_error(machine, *broken);
  if (machine.module_state != ModuleState::initialising) return std::nullopt;
  const auto pending = std::ranges::find(plan.checks, ErrorId::module_not_pending, &Check::id);
  if (pending == plan.checks.end() || pending->verdict != Verdict::unknown) return std::nullopt;
  return plan_error(machine, *pending);
}

}  // namespace tdxctl::bringup
