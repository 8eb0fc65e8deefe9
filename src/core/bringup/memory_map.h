// SPDX-License-Identifier: MIT
// The RAM that is to become TDX memory, and what of it the platform can convert.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/bringup/range.h"
#include "core/port/platform.h"
#include "core/result.h"

namespace tdxctl::bringup {

/// RAM in whole pages, in rising order, neighbours of one node merged. What is below 1 MiB is left out, as
/// Linux does: firmware uses it and no CMR has it.
/// Errors: memory_map_invalid where ranges overlap, end above 2^52, hold no memory at
/// all, or are more than 2^18.
/// Source: Linux arch/x86/virt/vmx/tdx/tdx.c, build_tdx_memlist().
Result<std::vector<MemoryRange>> tidy_memory(std::vector<MemoryRange> memory);

/// RAM regardless of nodes: ranges that touch are one. The memory must be tidy.
std::vector<Range> extents_of(std::span<const MemoryRange> memory);

/// The parts of extents that CMRs do not cover; CMRs that touch count as one. Both must be in rising order.
std::vector<Range> outside(std::span<const Range> extents, std::span<const Range> cmrs);

/// Bytes of all ranges.
std::uint64_t total_bytes(std::span<const Range> ranges);

}  // namespace tdxctl::bringup
