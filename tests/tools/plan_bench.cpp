// SPDX-License-Identifier: MIT
// How long a bring-up takes to plan: on the machine that fills every limit, 8 packages and 64 TiB with 64
// TDMRs of 16 reserved areas each, and on machines of ever more ranges of memory. Prints each figure beside
// its goal. Time on a shared machine proves nothing, so a goal that is missed does not fail; a plan that is
// not the one meant does.

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "core/bringup/plan.h"

namespace {

using tdxctl::MemoryRange;
using tdxctl::bringup::Machine;

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kTiB = 1ull << 40;

constexpr double kGoalMs = 20;
constexpr double kGoalGrowth = 10;  ///< for ten times the ranges: no more than linear

/// 64 TiB on 8 nodes, in runs of 1 TiB that each have `holes` holes of 1 MiB. The first one has one that is
/// not made here: low memory.
Machine large_server(unsigned holes) {
  Machine machine;
  for (std::uint64_t run = 0; run < 64; ++run) {
    std::uint64_t at = run * kTiB;
    for (std::uint64_t hole = 0; hole <= holes; ++hole) {
      const std::uint64_t end = run * kTiB + (hole + 1) * kTiB / (holes + 1);
      const bool followed = hole < holes && (run > 0 || hole > 0);
      const std::uint64_t length = end - at - (followed ? kMiB : 0);
      machine.memory.push_back({at, length, static_cast<std::uint32_t>(run / 8)});
      at = end;
    }
  }
  return machine;
}

/// As many ranges of 64 MiB as are asked for, one behind the other, with holes behind 500 of them: 1024 areas
/// are all that 64 TDMRs can reserve.
Machine fragments(std::uint64_t ranges) {
  Machine machine;
  const std::uint64_t every = std::max<std::uint64_t>(ranges / 500, 1);
  std::uint64_t at = 4096 * kMiB;
  for (std::uint64_t i = 0; i < ranges; ++i) {
    machine.memory.push_back({at, 64 * kMiB, 0});
    at += 64 * kMiB + (i % every == 0 ? kMiB : 0);
  }
  return machine;
}

struct Timing {
  double best_ms;
  std::size_t tdmrs;
};

Timing time_plan(const Machine& machine) {
  Timing timing{1e9, 0};
  for (int i = 0; i < 10; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto plan = tdxctl::bringup::make_plan(machine, {});
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    timing = {std::min(timing.best_ms, took.count()), plan ? plan->tdmrs.size() : 0};
  }
  return timing;
}

void print(const char* what, double ms) {
  std::printf("%-32s %8.3f ms  (goal %.0f ms%s)\n", what, ms, kGoalMs, ms <= kGoalMs ? "" : ", missed");
}

int other_plan(const char* what) {
  std::fprintf(stderr, "plan_bench: %s: the plan is not the one meant\n", what);
  return 1;
}

}  // namespace

int main() {
  const Timing full = time_plan(large_server(15));
  if (full.tdmrs != 64) return other_plan("full");
  print("64 TDMRs of 16 reserved areas", full.best_ms);
  const Timing refused = time_plan(large_server(18));
  if (refused.tdmrs != 0) return other_plan("refused");
  print("refused: areas too many", refused.best_ms);

  double before_ms = 0;
  for (const unsigned ranges : {10, 100, 1000, 10000}) {
    const Timing timing = time_plan(fragments(ranges));
    if (timing.tdmrs == 0) return other_plan("ranges");
    std::printf("%5u ranges %29.3f ms", ranges, timing.best_ms);
    if (before_ms > 0) {
      const double growth = timing.best_ms / before_ms;
      std::printf("  x %5.2f (goal %.0f%s)", growth, kGoalGrowth, growth <= kGoalGrowth ? "" : ", missed");
    }
    std::printf("\n");
    before_ms = timing.best_ms;
  }
}
