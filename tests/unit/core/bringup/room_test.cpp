// SPDX-License-Identifier: MIT
// Where reserved areas and memory in one piece are both short, a plan is found whenever there is one: all
// layouts of small machines are tried, without any cleverness.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "core/bringup/memory_map.h"
#include "core/bringup/pamt.h"
#include "core/bringup/plan.h"

namespace tdxctl::bringup {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;

/// A GiB of a machine: where its holes are, and whether what is between them has room for a PAMT.
struct Cell {
  enum Kind { empty, full, riddled, slivers } kind = empty;
  unsigned holes = 1;
  bool from_start = false;  ///< RAM begins where the cell begins, or ends where it ends
  std::uint32_t node = 0;
};

/// RAM of a cell in pieces of 60 MiB, or of less than the PAMTs of 1 GiB take.
void add_pieces(std::vector<MemoryRange>& memory, std::uint64_t cell_base, const Cell& cell) {
  const std::uint64_t bytes = cell.kind == Cell::riddled ? 60 * kMiB : 3 * kMiB;
  for (unsigned i = 0; i < cell.holes; ++i) {
    const std::uint64_t offset = i * 100 * kMiB;
    memory.push_back({cell_base + (cell.from_start ? offset : kGiB - offset - bytes), bytes, cell.node});
  }
}

std::vector<MemoryRange> memory_of(const std::vector<Cell>& cells) {
  std::vector<MemoryRange> memory;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::uint64_t base = (4 + i) * kGiB;
    if (cells[i].kind == Cell::full) memory.push_back({base, kGiB, cells[i].node});
    if (cells[i].kind == Cell::riddled || cells[i].kind == Cell::slivers) add_pieces(memory, base, cells[i]);
  }
  return memory;
}

/// All ways to cut a machine into TDMRs, until one has room for all PAMTs.
class AllLayouts {
 public:
  AllLayouts(std::span<const MemoryRange> memory, const ModuleLimits& limits)
      : memory_(memory), limits_(limits) {}

  [[nodiscard]] bool one_fits() { return fits_from(round_down(memory_.front().base, kGiB)); }

 private:
  [[nodiscard]] std::vector<MemoryRange> inside(const Range& tdmr) const {
    std::vector<MemoryRange> parts;
    for (const MemoryRange& range : memory_) {
      const std::uint64_t base = std::max(range.base, tdmr.base), end = std::min(range.end(), tdmr.end());
      if (base < end) parts.push_back({base, end - base, range.node});
    }
    return parts;
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  bool fits_from(std::uint64_t base) {
    if (base >= memory_.back().end()) return pamts_fit();
    // One that begins without RAM is never better than one that begins with it.
    if (inside({base, kGiB}).empty()) return fits_from(base + kGiB);
    if (tdmrs_.size() == limits_.max_tdmrs) return false;
    for (std::uint64_t end = base + kGiB; end < memory_.back().end() + kGiB; end += kGiB) {
      tdmrs_.push_back({base, end - base});
      const bool fits = fits_from(end);
      tdmrs_.pop_back();
      if (fits) return true;
    }
    return false;
  }

  [[nodiscard]] bool pamts_fit() const {
    std::vector<Pamt> pamts;
    std::vector<PamtRoom> rooms;
    for (const Range& tdmr : tdmrs_) {
      auto parts = inside(tdmr);
      const std::size_t holes = outside({&tdmr, 1}, extents_of(parts)).size();
      if (holes > limits_.max_reserved_per_tdmr) return false;
      pamts.push_back(pamt_of(tdmr.bytes, limits_, false));
      rooms.push_back(
          {std::move(parts), limits_.max_reserved_per_tdmr - static_cast<std::uint32_t>(holes), {}});
    }
    return !find_homes(pamts, rooms);
  }

  std::span<const MemoryRange> memory_;
  const ModuleLimits& limits_;
  std::vector<Range> tdmrs_;
};

bool is_about_the_layout(const Check& check) {
  return check.id() == ErrorId::tdmr_limit || check.id() == ErrorId::reserved_area_limit ||
         check.id() == ErrorId::pamt_room;
}

rc::Gen<std::vector<Cell>> any_cells() {
  return rc::gen::exec([] {
    std::vector<Cell> cells(7);
    for (Cell& cell : cells) {
      cell.kind = *rc::gen::element(Cell::empty, Cell::full, Cell::riddled, Cell::slivers);
      cell.holes = *rc::gen::inRange(1u, 4u);
      cell.from_start = *rc::gen::arbitrary<bool>();
      cell.node = *rc::gen::inRange(0u, 2u);
    }
    cells.back().kind = *rc::gen::element(Cell::full, Cell::riddled, Cell::slivers);
    return cells;
  });
}

RC_GTEST_PROP(BringUpRoom, APlanIsFoundWheneverThereIsOne, ()) {
  Machine machine;
  machine.memory = *tidy_memory(memory_of(*any_cells()));
  machine.limits = ModuleLimits{.max_tdmrs = *rc::gen::inRange(2u, 8u),
                                .max_reserved_per_tdmr = *rc::gen::inRange(2u, 8u)};
  const bool there_is_one = AllLayouts(machine.memory, *machine.limits).one_fits();
  const auto plan = make_plan(machine, {});
  RC_ASSERT(plan.has_value());
  const bool found = std::ranges::none_of(plan->checks, [](const Check& check) {
    return is_about_the_layout(check) && check.verdict == Verdict::bad;
  });
  RC_TAG(there_is_one ? "there is a plan" : "there is none");
  RC_ASSERT(found == there_is_one);
}

/// 16 cells full of holes, and a sliver of RAM below 2 GiB: that has areas to spare, and no room for a PAMT.
Machine riddled_machine(std::uint64_t roomy_gibs) {
  Machine machine;
  for (std::uint64_t cell = 1; cell <= 16; ++cell) {
    for (std::uint64_t i = 0; i < 17; ++i) {
      const std::uint64_t base = cell * kGiB + i * 60 * kMiB;
      machine.memory.push_back({base, i < 16 ? 59 * kMiB : (cell + 1) * kGiB - base, 0});
    }
  }
  machine.memory.push_back({21 * kGiB - 7 * kMiB / 2, 7 * kMiB / 2, 1});
  if (roomy_gibs > 0) machine.memory.push_back({21 * kGiB, roomy_gibs * kGiB, 1});
  return machine;
}

const Check& check_of(const Plan& plan, ErrorId id) {
  return *std::ranges::find(plan.checks, id, &Check::id);
}

TEST(BringUpRoom, AreasWithoutRoomAreNotCounted) {
  const auto plan = make_plan(riddled_machine(2), {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(check_of(*plan, ErrorId::pamt_room).verdict, Verdict::ok)
      << check_of(*plan, ErrorId::pamt_room).evidence;
  ASSERT_EQ(plan->tdmrs.size(), 18u);
  EXPECT_EQ(plan->tdmrs[16].range, (Range{20 * kGiB, 2 * kGiB}));
  for (const PlannedTdmr& tdmr : plan->tdmrs) EXPECT_TRUE(tdmr.pamt.home);
}

TEST(BringUpRoom, WhatIsShortIsSaid) {
  const auto plan = make_plan(riddled_machine(1), {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(check_of(*plan, ErrorId::pamt_room).evidence,
            "no TDMR that has 4 MiB in one piece has a reserved area left for the PAMTs of the TDMR at "
            "0x400000000");
  EXPECT_FALSE(plan->tdmrs.front().pamt.home);
}

}  // namespace
}  // namespace tdxctl::bringup
