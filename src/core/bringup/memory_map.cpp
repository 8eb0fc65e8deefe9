// SPDX-License-Identifier: MIT
#include "core/bringup/memory_map.h"

#include <algorithm>
#include <numeric>

#include "core/hex.h"

namespace tdxctl::bringup {
namespace {

constexpr std::uint64_t kLowMemoryEnd = 1ull << 20;
// A hundred times what the largest machine could have: sums over ranges stay small.
constexpr std::size_t kMostRanges = 1u << 18;

tl::unexpected<Error> invalid(std::string what) { return fail(ErrorId::memory_map_invalid, std::move(what)); }

/// The whole pages of a range that are above low memory; no bytes where there are none.
MemoryRange usable_part(const MemoryRange& range) {
  const std::uint64_t base = std::max(round_up(range.base, kPageBytes), kLowMemoryEnd);
  const std::uint64_t end = round_down(range.end(), kPageBytes);
  return {base, end > base ? end - base : 0, range.node};
}

}  // namespace

Result<std::vector<MemoryRange>> tidy_memory(std::vector<MemoryRange> memory) {
  if (memory.size() > kMostRanges) {
    return invalid("there are " + std::to_string(memory.size()) + " ranges of memory, more than " +
                   std::to_string(kMostRanges));
  }
  std::ranges::sort(memory, {}, &MemoryRange::base);
  std::vector<MemoryRange> tidy;
  std::uint64_t end = 0;
  for (const MemoryRange& range : memory) {
    if (range.bytes > kAddressEnd || range.base > kAddressEnd - range.bytes) {
      return invalid("the memory at " + hex(range.base) + " ends above 2^52");
    }
    if (range.base < end) return invalid("two ranges of memory overlap at " + hex(range.base));
    end = range.end();
    const MemoryRange part = usable_part(range);
    if (part.bytes == 0) continue;
    if (!tidy.empty() && tidy.back().end() == part.base && tidy.back().node == part.node) {
      tidy.back().bytes += part.bytes;
    } else {
      tidy.push_back(part);
    }
  }
  if (tidy.empty()) return invalid("there is no memory above 1 MiB");
  return tidy;
}

std::vector<Range> extents_of(std::span<const MemoryRange> memory) {
  std::vector<Range> extents;
  for (const MemoryRange& range : memory) {
    if (!extents.empty() && extents.back().end() == range.base) {
      extents.back().bytes += range.bytes;
    } else {
      extents.push_back({range.base, range.bytes});
    }
  }
  return extents;
}

std::vector<Range> outside(std::span<const Range> extents, std::span<const Range> cmrs) {
  std::vector<Range> parts;
  auto cmr = cmrs.begin();
  for (const Range& extent : extents) {
    while (cmr != cmrs.end() && cmr->end() <= extent.base) ++cmr;
    std::uint64_t at = extent.base;
    // A CMR can reach into the next extent too: it is not used up here.
    for (auto each = cmr; each != cmrs.end() && each->base < extent.end(); ++each) {
      if (each->base > at) parts.push_back({at, each->base - at});
      at = std::max(at, each->end());
    }
    if (at < extent.end()) parts.push_back({at, extent.end() - at});
  }
  return parts;
}

std::uint64_t total_bytes(std::span<const Range> ranges) {
  return std::accumulate(ranges.begin(), ranges.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Range& range) { return sum + range.bytes; });
}

}  // namespace tdxctl::bringup
