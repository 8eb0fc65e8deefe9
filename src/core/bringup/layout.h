// SPDX-License-Identifier: MIT
// Which gigabytes go into which TDMR.
//
// A TDMR is a run of 1 GiB cells. Every hole between RAM inside it is a reserved area, and so is every PAMT
// that lies in it. The module limits the number of TDMRs and of reserved areas in each. Cells without RAM
// cost PAMT and give nothing, a TDMR over two NUMA nodes has a PAMT that is far from half of its memory: both
// are avoided as long as the limits allow. What is left to choose is solved exactly, in time that grows with
// the number of memory ranges times the number of TDMRs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/bringup/range.h"
#include "core/port/platform.h"

namespace tdxctl::bringup {

struct LayoutLimits {
  std::uint32_t tdmrs = 0;
  std::uint32_t reserved_areas = 0;  ///< in one TDMR
  /// RAM in one piece, of one node: a TDMR without any that large has no reserved area for PAMTs. At most 1
  /// GiB.
  std::uint64_t pamt_bytes = 0;
};

/// What a layout costs beyond what it must, the more important first.
struct LayoutCost {
  std::uint64_t empty_cells = 0;     ///< cells without RAM inside TDMRs
  std::uint64_t node_crossings = 0;  ///< neighbouring cells of different nodes in one TDMR
  std::uint64_t tdmrs = 0;

  auto operator<=>(const LayoutCost&) const = default;
};

/// What stood in the way of a layout.
enum class LayoutTrouble : std::uint8_t {
  none,
  holes_in_a_cell,  ///< one cell, which cannot be divided, has more holes than a TDMR can have reserved areas
  tdmrs,            ///< the holes need more TDMRs than there can be
  areas,            ///< there would be TDMRs enough, but no reserved areas left for their PAMTs
};

struct Layout {
  std::vector<Range> tdmrs;  ///< in rising order
  LayoutCost cost;
  /// Whether no other layout costs less. Certain as long as it is not the PAMTs that run short of reserved
  /// areas.
  bool least = true;
  LayoutTrouble trouble = LayoutTrouble::none;
  std::uint64_t needed = 0;   ///< with trouble: holes, TDMRs or reserved areas that the memory needs at least
  std::uint64_t allowed = 0;  ///< with trouble: and how many there can be
  Range where{};              ///< holes_in_a_cell: the cell
};

/// The layout of least cost in which every TDMR has at most the allowed number of holes, and all together
/// have a reserved area left for each TDMR's PAMT, in TDMRs with room for one. Where there is any such
/// layout, one is found. The memory must be tidy.
Layout lay_out(std::span<const MemoryRange> memory, const LayoutLimits& limits);

}  // namespace tdxctl::bringup
