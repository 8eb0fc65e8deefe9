// SPDX-License-Identifier: MIT
// What a bring-up is planned from: machines in files, and /proc/iomem.
#include "core/bringup/plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "check.h"
#include "core/bringup/machine_file.h"
#include "drv/host/memory_map.h"

using namespace tdxctl;

namespace {

void check_plan_of(const bringup::Machine& machine) {
  const auto plan = bringup::make_plan(machine, {.features = machine.features0.value_or(0)});
  if (!plan) return;
  fuzz::check(plan->tdmrs.size() <= plan->limits.max_tdmrs);
  std::uint64_t end = 0, covered = 0;
  for (const bringup::PlannedTdmr& tdmr : plan->tdmrs) {
    fuzz::check(tdmr.range.base >= end && tdmr.range.bytes > 0);
    fuzz::check((tdmr.range.base | tdmr.range.bytes) % bringup::kCellBytes == 0);
    fuzz::check(tdmr.reserved_areas() <= plan->limits.max_reserved_per_tdmr);
    end = tdmr.range.end();
    covered += tdmr.ram_bytes;
  }
  fuzz::check(plan->tdmrs.empty() || covered == plan->ram_bytes());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto memory = parse_iomem(text)) {
    fuzz::check(std::ranges::all_of(*memory, [](const MemoryRange& range) { return range.bytes > 0; }));
    bringup::Machine machine;
    machine.memory = *memory;
    check_plan_of(machine);
  }
  const auto machine = bringup::parse_machine(text);
  if (!machine) return 0;
  const std::string printed = bringup::to_json(*machine).dump();
  const auto again = bringup::parse_machine(printed);
  fuzz::check(again && bringup::to_json(*again).dump() == printed);
  check_plan_of(*machine);
  return 0;
}
