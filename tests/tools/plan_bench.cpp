// SPDX-License-Identifier: MIT
// How long a bring-up takes to plan, as one JSON object. Exit 1 when the machine that fills every limit, 8
// packages and 64 TiB with 64 TDMRs of 16 reserved areas each, takes more than the 20 ms that are promised.

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "core/bringup/plan.h"

namespace {

using tdxctl::MemoryRange;
using tdxctl::bringup::Machine;

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kTiB = 1ull << 40;

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

/// As many ranges of 64 MiB as are asked for, one behind the other, with a hole behind every 16th part at
/// most.
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

}  // namespace

int main() {
  const Timing full = time_plan(large_server(15));
  const Timing refused = time_plan(large_server(18));
  std::printf("{\"full_ms\": %.3f, \"full_tdmrs\": %zu, \"refused_ms\": %.3f", full.best_ms, full.tdmrs,
              refused.best_ms);
  for (const std::uint64_t ranges : {10, 100, 1000, 10000}) {
    std::printf(", \"ranges_%llu_ms\": %.3f", static_cast<unsigned long long>(ranges),
                time_plan(fragments(ranges)).best_ms);
  }
  std::printf("}\n");
  return full.best_ms > 20 || full.tdmrs != 64;
}
