// SPDX-License-Identifier: MIT
// Memory maps as firmware makes them, and worse: holes of all sizes, gaps between CMRs, NUMA nodes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <random>
#include <vector>

#include "core/bringup/machine.h"

namespace tdxctl::bringup {

/// What a random memory map is like. The same shape always gives the same map.
struct Shape {
  std::uint64_t seed = 0;
  unsigned ranges = 1;        ///< of RAM
  unsigned nodes = 1;         ///< NUMA nodes
  unsigned holes_log2 = 12;   ///< holes have up to 2^holes_log2 bytes
  unsigned memory_log2 = 30;  ///< ranges of RAM have up to 2^memory_log2 bytes
  bool cmr_gaps = false;      ///< some RAM may be outside the CMRs
};

inline void showValue(const Shape& shape, std::ostream& os) {
  os << "seed " << shape.seed << ", " << shape.ranges << " ranges of up to 2^" << shape.memory_log2 << " on "
     << shape.nodes << " nodes, holes of up to 2^" << shape.holes_log2
     << (shape.cmr_gaps ? ", CMR gaps" : "");
}

class RandomMemory {
 public:
  explicit RandomMemory(const Shape& shape) : shape_(shape), random_(shape.seed) {}

  /// All facts that a plan asks for are good ones, but for memory and CMRs.
  Machine machine() {
    Machine machine;
    machine.memory = memory();
    machine.cmrs = cmrs(machine.memory);
    machine.limits = ModuleLimits{};
    machine.features0 = ~0ull;
    machine.module_state = ModuleState::not_initialised;
    machine.packages = {{0, 0xa06d1, 2}, {1, 0xa06d1, 2}};
    machine.lps_online = 4;
    machine.lps_present = 4;
    machine.keyids = KeyIdPartition{15, 16};
    machine.kernel_owns_module = false;
    machine.hibernation_possible = false;
    machine.partial_write_erratum = false;
    return machine;
  }

 private:
  static constexpr std::uint64_t kMiB = 1ull << 20;
  static constexpr std::uint64_t kEnd = 1ull << 46;

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  /// Small sizes as often as large ones; now and then a round one, or one that is not of whole pages.
  std::uint64_t size(unsigned log2) {
    const std::uint64_t bytes = 1 + below(1ull << (12 + below(log2 - 11)));
    switch (below(4)) {
      case 0:
        return round_up(bytes, kCellBytes);
      case 1:
        return bytes;
      default:
        return round_up(bytes, kPageBytes);
    }
  }

  std::vector<MemoryRange> memory() {
    std::vector<MemoryRange> memory;
    std::uint64_t at = below(2) == 0 ? 0 : kMiB;
    for (unsigned i = 0; i < shape_.ranges; ++i) {
      const std::uint64_t bytes = size(shape_.memory_log2);
      if (bytes >= kEnd - at) break;
      memory.push_back({at, bytes, static_cast<std::uint32_t>(i * shape_.nodes / shape_.ranges)});
      at += bytes;
      if (below(8) != 0) at += size(shape_.holes_log2);
      if (below(8) == 0) at = round_up(at, kCellBytes);
      if (at >= kEnd) break;
    }
    // Whatever the others are, one is of whole pages above low memory.
    memory.back().bytes = std::max(memory.back().bytes, 2 * kPageBytes);
    if (memory.back().end() < 2 * kMiB) memory.back().bytes = 2 * kMiB - memory.back().base;
    return memory;
  }

  /// At most 32, over all RAM; some are divided for no reason, and with gaps some are too short.
  std::vector<Range> cmrs(const std::vector<MemoryRange>& memory) {
    std::vector<Range> cmrs;
    std::uint64_t base = kMiB;
    for (std::size_t i = 0; i < memory.size(); ++i) {
      const bool last = i + 1 == memory.size();
      const std::uint64_t end =
          last ? round_up(memory.back().end(), kPageBytes) : round_down(memory[i].end(), kPageBytes);
      if (end <= base || (!last && (cmrs.size() >= 31 || below(3) != 0))) continue;
      cmrs.push_back({base, end - base});
      base = end;
      // A hole need not be convertible.
      if (!last && below(2) == 0) base = std::max(base, round_up(memory[i + 1].base, kPageBytes));
    }
    if (shape_.cmr_gaps && !cmrs.empty()) {
      Range& cut = cmrs[below(cmrs.size())];
      if (cut.bytes > kPageBytes) cut.bytes -= kPageBytes * (1 + below(cut.bytes / kPageBytes - 1));
    }
    return cmrs;
  }

  Shape shape_;
  std::mt19937_64 random_;
};

}  // namespace tdxctl::bringup
