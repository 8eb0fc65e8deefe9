// SPDX-License-Identifier: MIT
#include "core/bringup/layout.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <optional>
#include <vector>

#include "core/bringup/memory_map.h"

namespace tdxctl::bringup {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;

constexpr LayoutLimits kUsual = {64, 16};

std::vector<Range> tdmrs_of(std::vector<MemoryRange> memory, const LayoutLimits& limits = kUsual) {
  return lay_out(*tidy_memory(std::move(memory)), limits).tdmrs;
}

Layout layout_of(std::vector<MemoryRange> memory, const LayoutLimits& limits = kUsual) {
  return lay_out(*tidy_memory(std::move(memory)), limits);
}

/// RAM with `holes` holes of 1 MiB in each of `cells` cells, from 4 GiB on.
std::vector<MemoryRange> with_holes(unsigned cells, unsigned holes) {
  std::vector<MemoryRange> memory;
  for (std::uint64_t cell = 0; cell < cells; ++cell) {
    std::uint64_t at = (4 + cell) * kGiB;
    for (unsigned hole = 1; hole <= holes; ++hole) {
      const std::uint64_t end = (4 + cell) * kGiB + hole * 50 * kMiB;
      memory.push_back({at, end - at, 0});
      at = end + kMiB;
    }
    memory.push_back({at, (5 + cell) * kGiB - at, 0});
  }
  return memory;
}

TEST(LayOut, OneRunOfMemoryIsOneTdmr) {
  const auto tdmrs = tdmrs_of({{4 * kGiB, 124 * kGiB, 0}});
  EXPECT_EQ(tdmrs, (std::vector<Range>{{4 * kGiB, 124 * kGiB}}));
}

TEST(LayOut, CellsWithoutMemoryAreLeftOut) {
  const auto tdmrs = tdmrs_of({{kMiB, 2 * kGiB - kMiB, 0}, {4 * kGiB, 4 * kGiB, 0}});
  EXPECT_EQ(tdmrs, (std::vector<Range>{{0, 2 * kGiB}, {4 * kGiB, 4 * kGiB}}));
}

TEST(LayOut, CellsWithoutMemoryAreCoveredRatherThanRefused) {
  const std::vector<MemoryRange> memory = {{kMiB, kGiB, 0}, {4 * kGiB, kGiB, 0}, {6 * kGiB, kGiB, 0}};
  const Layout layout = layout_of(memory, {2, 16});
  EXPECT_EQ(layout.tdmrs, (std::vector<Range>{{0, 2 * kGiB}, {4 * kGiB, 3 * kGiB}}));
  EXPECT_EQ(layout.cost, (LayoutCost{1, 0, 2}));
}

TEST(LayOut, NodesAreKeptApartAsLongAsThereAreTdmrs) {
  const std::vector<MemoryRange> memory = {{4 * kGiB, 4 * kGiB, 0}, {8 * kGiB, 4 * kGiB, 1}};
  EXPECT_EQ(tdmrs_of(memory), (std::vector<Range>{{4 * kGiB, 4 * kGiB}, {8 * kGiB, 4 * kGiB}}));
  EXPECT_EQ(tdmrs_of(memory, {1, 16}), (std::vector<Range>{{4 * kGiB, 8 * kGiB}}));
}

TEST(LayOut, ATdmrKeepsAReservedAreaForItsPamts) {
  EXPECT_EQ(tdmrs_of(with_holes(5, 3)).size(), 1u);
  EXPECT_EQ(tdmrs_of(with_holes(8, 2)).size(), 2u);  // 16 holes, and a PAMT
}

TEST(LayOut, AFullTdmrMayHaveItsPamtsInAnother) {
  auto memory = with_holes(1, 16);
  EXPECT_EQ(layout_of(memory).trouble, LayoutTrouble::areas);
  memory.push_back({5 * kGiB, kGiB, 0});
  EXPECT_EQ(tdmrs_of(memory).size(), 2u);
}

TEST(LayOut, AHoleOverACutCountsOnBothSides) {
  // 15 holes of which one lies over the only cut that would help.
  auto memory = with_holes(2, 8);
  ASSERT_EQ(tdmrs_of(memory).size(), 2u);
  memory[8].bytes -= kMiB;  // the end of the first cell
  memory[9].base += kMiB;   // and the beginning of the second
  memory[9].bytes -= kMiB;
  const Layout layout = layout_of(memory);
  ASSERT_EQ(layout.tdmrs.size(), 2u);
  EXPECT_EQ(layout.tdmrs[0].end(), 5 * kGiB);
}

TEST(LayOut, AnAreaCountsOnlyWherePamtsHaveRoom) {
  // A cell that is full of holes, 3 MiB with 15 areas to spare, and RAM.
  auto memory = with_holes(1, 16);
  memory.push_back({9 * kGiB - 3 * kMiB, 2 * kGiB + 3 * kMiB, 0});
  EXPECT_EQ(tdmrs_of(memory), (std::vector<Range>{{4 * kGiB, kGiB}, {8 * kGiB, 3 * kGiB}}));
  memory.back().bytes = 3 * kMiB;
  EXPECT_EQ(layout_of(memory).trouble, LayoutTrouble::none);
  EXPECT_EQ(layout_of(memory, {64, 16, 4 * kMiB}).trouble, LayoutTrouble::areas);
}

TEST(LayOut, ASliverOfRamIsJoinedToARunThatIsCut) {
  // 16 cells without an area to spare want their PAMTs in others: 15 beside the sliver, and one beside the
  // rest.
  auto memory = with_holes(16, 16);
  memory.push_back({30 * kGiB - 3 * kMiB, 2 * kGiB + 3 * kMiB, 1});
  const Layout layout = layout_of(memory, {64, 16, 4 * kMiB + 12288});
  ASSERT_EQ(layout.trouble, LayoutTrouble::none);
  ASSERT_EQ(layout.tdmrs.size(), 18u);
  EXPECT_EQ(layout.tdmrs[16], (Range{29 * kGiB, 2 * kGiB}));
  EXPECT_EQ(layout.tdmrs[17], (Range{31 * kGiB, kGiB}));
}

TEST(LayOut, SaysByHowMuchACellIsTooFull) {
  const Layout layout = layout_of(with_holes(1, 19));
  EXPECT_EQ(layout.trouble, LayoutTrouble::holes_in_a_cell);
  EXPECT_EQ(layout.needed, 19u);
  EXPECT_EQ(layout.allowed, 16u);
  EXPECT_EQ(layout.where, (Range{4 * kGiB, kGiB}));
}

TEST(LayOut, SaysByHowManyTdmrsAreTooFew) {
  const Layout layout = layout_of(with_holes(70, 15));
  EXPECT_EQ(layout.trouble, LayoutTrouble::tdmrs);
  EXPECT_EQ(layout.needed, 70u);
  EXPECT_EQ(layout.allowed, 64u);
  EXPECT_TRUE(layout.tdmrs.empty());
}

TEST(LayOut, SaysByHowManyReservedAreasAreTooFew) {
  const Layout layout = layout_of(with_holes(64, 16));
  EXPECT_EQ(layout.trouble, LayoutTrouble::areas);
  EXPECT_EQ(layout.needed, 64u * 17);
  EXPECT_EQ(layout.allowed, 64u * 16);
}

TEST(LayOut, FillsEveryLimit) {
  const Layout layout = layout_of(with_holes(64, 15));
  EXPECT_EQ(layout.trouble, LayoutTrouble::none);
  EXPECT_EQ(layout.tdmrs.size(), 64u);
}

// A machine of a few cells, in eighths, looked at without any cleverness.
class Small {
 public:
  static constexpr std::size_t kCells = 8, kParts = 8;
  static constexpr std::uint64_t kPartBytes = kGiB / kParts;

  std::array<bool, kCells * kParts> ram{};
  std::array<std::uint32_t, kCells> node{};

  [[nodiscard]] std::vector<MemoryRange> memory() const {
    std::vector<MemoryRange> memory;
    for (std::size_t i = 0; i < ram.size(); ++i) {
      if (ram[i]) memory.push_back({4 * kGiB + i * kPartBytes, kPartBytes, node[i / kParts]});
    }
    return memory;
  }

  /// The least cost of all that can be tried; nothing where none is allowed.
  [[nodiscard]] std::optional<LayoutCost> best(const LayoutLimits& limits) const {
    std::optional<LayoutCost> best;
    try_from(0, {}, 0, limits, best);
    return best;
  }

 private:
  [[nodiscard]] bool has_ram(std::size_t cell) const {
    for (std::size_t i = cell * kParts; i < (cell + 1) * kParts; ++i) {
      if (ram[i]) return true;
    }
    return false;
  }

  [[nodiscard]] std::uint64_t holes(std::size_t first, std::size_t end) const {
    std::uint64_t holes = 0;
    for (std::size_t i = first * kParts; i < end * kParts; ++i) {
      if (!ram[i] && (i == first * kParts || ram[i - 1])) ++holes;
    }
    return holes;
  }

  /// Of RAM in one piece, of one node.
  [[nodiscard]] std::uint64_t largest_piece(std::size_t first, std::size_t end) const {
    std::uint64_t largest = 0, piece = 0;
    for (std::size_t i = first * kParts; i < end * kParts; ++i) {
      const bool goes_on = i > first * kParts && ram[i - 1] && node[i / kParts] == node[(i - 1) / kParts];
      piece = !ram[i] ? 0 : goes_on ? piece + kPartBytes : kPartBytes;
      largest = std::max(largest, piece);
    }
    return largest;
  }

  /// Reserved areas that holes take, or all where there is no room for PAMTs.
  [[nodiscard]] std::uint64_t areas(std::size_t first, std::size_t end, const LayoutLimits& limits) const {
    return largest_piece(first, end) >= limits.pamt_bytes ? holes(first, end) : limits.reserved_areas;
  }

  void try_from(std::size_t cell, LayoutCost cost, std::uint64_t taken, const LayoutLimits& limits,
                std::optional<LayoutCost>& best) const {
    if (cell == kCells) {
      if (taken + cost.tdmrs > cost.tdmrs * limits.reserved_areas || cost.tdmrs > limits.tdmrs) return;
      if (!best || cost < *best) best = cost;
      return;
    }
    // A TDMR that begins without RAM is never better than one that begins with it.
    if (!has_ram(cell)) return try_from(cell + 1, cost, taken, limits, best);
    for (std::size_t end = cell + 1; end <= kCells; ++end) {
      if (holes(cell, end) > limits.reserved_areas) continue;
      LayoutCost with = cost;
      ++with.tdmrs;
      std::optional<std::uint32_t> last;
      for (std::size_t each = cell; each < end; ++each) {
        if (!has_ram(each)) {
          ++with.empty_cells;
          continue;
        }
        if (last && *last != node[each]) ++with.node_crossings;
        last = node[each];
      }
      try_from(end, with, taken + areas(cell, end, limits), limits, best);
    }
  }
};

rc::Gen<Small> any_small() {
  return rc::gen::exec([] {
    Small small;
    const int density = *rc::gen::inRange(1, 8);
    for (bool& each : small.ram) each = *rc::gen::inRange(0, 8) < density;
    // Whole cells, full or empty, are what is most common.
    for (std::size_t cell = 0; cell < Small::kCells; ++cell) {
      const int kind = *rc::gen::inRange(0, 4);
      if (kind > 1) continue;
      std::fill_n(small.ram.begin() + static_cast<std::ptrdiff_t>(cell * Small::kParts), Small::kParts,
                  kind == 0);
    }
    small.ram.back() = true;
    for (std::uint32_t& each : small.node) each = *rc::gen::inRange(0u, 2u);
    return small;
  });
}

RC_GTEST_PROP(LayOut, FindsWhatTryingEverythingFinds, ()) {
  const Small small = *any_small();
  const LayoutLimits limits = {*rc::gen::inRange(1u, 7u), *rc::gen::inRange(1u, 9u),
                               *rc::gen::inRange(0u, 9u) * Small::kPartBytes};
  const auto best = small.best(limits);
  const Layout layout = layout_of(small.memory(), limits);
  RC_ASSERT(best.has_value() == (layout.trouble == LayoutTrouble::none));
  if (!best) {
    RC_TAG("none");
    RC_ASSERT(layout.needed > layout.allowed);
    return;
  }
  RC_TAG(layout.least ? "least" : "short of reserved areas");
  RC_ASSERT(layout.cost >= *best);
  if (layout.least) RC_ASSERT(layout.cost == *best);
}

}  // namespace
}  // namespace tdxctl::bringup
