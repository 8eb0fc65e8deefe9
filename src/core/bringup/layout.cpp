// SPDX-License-Identifier: MIT
#include "core/bringup/layout.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <numeric>
#include <optional>
#include <tuple>

namespace tdxctl::bringup {
namespace {

/// Cells that nothing is gained by dividing: one cell with holes, or a run of full ones of one node.
struct Block {
  std::uint64_t first_cell = 0;
  std::uint64_t cells = 1;
  std::uint64_t inner_holes = 0;
  bool head = false;  ///< begins with a hole
  bool tail = false;  ///< ends with one
  std::optional<std::uint32_t> first_node{}, last_node{};

  [[nodiscard]] std::uint64_t end_cell() const { return first_cell + cells; }
  [[nodiscard]] std::uint64_t holes() const { return inner_holes + (head ? 1 : 0) + (tail ? 1 : 0); }
};

/// Cuts memory into blocks, in one pass over its ranges.
class Blocks {
 public:
  explicit Blocks(std::span<const MemoryRange> memory) {
    for (const MemoryRange& range : memory) add(range);
    close();
  }
  [[nodiscard]] std::vector<Block> take() { return std::move(blocks_); }

 private:
  void add(const MemoryRange& range) {
    std::uint64_t at = range.base;
    const auto part_until = [&](std::uint64_t end) {
      if (at < end) add_part(at, end, range);
      at = std::max(at, end);
    };
    part_until(std::min(range.end(), round_up(range.base, kCellBytes)));
    const std::uint64_t full_end = round_down(range.end(), kCellBytes);
    if (at < full_end) {
      close();
      blocks_.push_back({.first_cell = at / kCellBytes,
                         .cells = (full_end - at) / kCellBytes,
                         .first_node = range.node,
                         .last_node = range.node});
      at = full_end;
    }
    part_until(range.end());
  }

  /// RAM that fills its cell in part.
  void add_part(std::uint64_t base, std::uint64_t end, const MemoryRange& range) {
    const std::uint64_t cell = base / kCellBytes;
    if (ram_end_ == 0 || blocks_.back().first_cell != cell) {
      close();
      blocks_.push_back({.first_cell = cell, .head = base % kCellBytes != 0, .first_node = range.node});
    } else if (base > ram_end_) {
      ++blocks_.back().inner_holes;
    }
    blocks_.back().last_node = range.node;
    ram_end_ = end;
  }

  /// No more RAM will come into the cell that was filled last.
  void close() {
    if (ram_end_ != 0) blocks_.back().tail = ram_end_ % kCellBytes != 0;
    ram_end_ = 0;
  }

  std::vector<Block> blocks_;
  std::uint64_t ram_end_ = 0;  ///< in the cell that is being filled; 0 when none is
};

/// How much each kind of cost counts in one number. There are fewer than 2^22 cells, and fewer than 2^20
/// holes and crossings, since tidy_memory() limits the number of ranges.
struct Weights {
  std::int64_t empty_cell, node_crossing, hole;
};
constexpr Weights kCheapest = {1ll << 40, 1ll << 20, 1};
constexpr Weights kFewestHoles = {1ll << 20, 1, 1ll << 42};

constexpr std::int64_t kImpossible = std::numeric_limits<std::int64_t>::max();

/// Sums over blocks from the first one on, so that what any run of blocks has is a difference.
class Runs {
 public:
  Runs(std::span<const Block> blocks, const Weights& weights) : sums_(blocks.size() + 1) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      Sum& next = sums_[i + 1];
      next = sums_[i];
      next.holes += static_cast<std::int64_t>(blocks[i].holes());
      next.before = next.joints = sums_[i].joints;
      if (i + 1 == blocks.size()) break;
      const Block &left = blocks[i], &right = blocks[i + 1];
      const auto empty = static_cast<std::int64_t>(right.first_cell - left.end_cell());
      const bool crossing = left.last_node != right.first_node;
      // The holes on both sides of the joint are one when it lies inside a TDMR.
      const int one = left.tail || right.head || empty != 0 ? 1 : 0;
      const int extra = one - (left.tail ? 1 : 0) - (right.head ? 1 : 0);
      next.joints.holes += extra;
      next.joints.cost +=
          empty * weights.empty_cell + (crossing ? weights.node_crossing : 0) + extra * weights.hole;
      next.joints.empty_cells += static_cast<std::uint64_t>(empty);
      next.joints.crossings += crossing ? 1 : 0;
    }
    hole_weight_ = weights.hole;
  }

  [[nodiscard]] std::size_t size() const { return sums_.size() - 1; }

  /// Holes of a TDMR of blocks [first, end).
  [[nodiscard]] std::int64_t holes(std::size_t first, std::size_t end) const {
    return sums_[end].holes - sums_[first].holes + sums_[end].before.holes - sums_[first].joints.holes;
  }
  /// Its cost is this difference: cost_to(end) - cost_from(first).
  [[nodiscard]] std::int64_t cost_to(std::size_t end) const {
    return sums_[end].holes * hole_weight_ + sums_[end].before.cost;
  }
  [[nodiscard]] std::int64_t cost_from(std::size_t first) const {
    return sums_[first].holes * hole_weight_ + sums_[first].joints.cost;
  }
  [[nodiscard]] std::uint64_t empty_cells(std::size_t first, std::size_t end) const {
    return sums_[end].before.empty_cells - sums_[first].joints.empty_cells;
  }
  [[nodiscard]] std::uint64_t crossings(std::size_t first, std::size_t end) const {
    return sums_[end].before.crossings - sums_[first].joints.crossings;
  }

 private:
  struct Joints {
    std::int64_t holes = 0, cost = 0;
    std::uint64_t empty_cells = 0, crossings = 0;
  };
  /// Of the first n blocks.
  struct Sum {
    std::int64_t holes = 0;
    Joints before{};  ///< joints between them
    Joints joints{};  ///< and the one to the next block
  };
  std::vector<Sum> sums_;
  std::int64_t hole_weight_ = 1;
};

/// Where a layout cuts: TDMR i is blocks [cuts[i], cuts[i + 1]).
struct Division {
  std::vector<std::size_t> cuts;
  LayoutCost cost;
  std::int64_t holes = 0;
  bool least = true;  ///< none with room for PAMTs costs less
};

/// Cheapest divisions into 1, 2, 3 ... TDMRs, one more TDMR at each step.
///
/// best(n, end) = min over first of best(n - 1, first) + cost(first, end), for the firsts from which the
/// holes do not exceed the limit. The cost is a difference of sums and that window only moves forward with
/// end, so a queue of candidates in rising order of what they cost gives each minimum at once.
class Divisions {
 public:
  Divisions(const Runs& runs, const LayoutLimits& limits)
      : runs_(runs), limit_(limits.reserved_areas), best_(runs.size() + 1, kImpossible) {
    best_[0] = 0;
  }

  void add_tdmr() {
    std::vector<std::int64_t> next(best_.size(), kImpossible);
    std::vector<std::uint32_t> first(best_.size(), 0);
    std::deque<std::uint32_t> candidates;
    const auto key = [&](std::uint32_t at) { return best_[at] - runs_.cost_from(at); };
    for (std::uint32_t end = 1; end < best_.size(); ++end) {
      const std::uint32_t candidate = end - 1;
      if (best_[candidate] != kImpossible) {
        while (!candidates.empty() && key(candidates.back()) >= key(candidate)) candidates.pop_back();
        candidates.push_back(candidate);
      }
      while (!candidates.empty() && runs_.holes(candidates.front(), end) > limit_) candidates.pop_front();
      if (candidates.empty()) continue;
      first[end] = candidates.front();
      next[end] = key(first[end]) + runs_.cost_to(end);
    }
    best_ = std::move(next);
    firsts_.push_back(std::move(first));
  }

  /// The division of all blocks into the TDMRs so far; nothing where there is none.
  [[nodiscard]] std::optional<Division> all() const {
    if (best_.back() == kImpossible) return std::nullopt;
    Division division{.cuts = {runs_.size()}, .cost = {.tdmrs = firsts_.size()}};
    for (auto firsts = firsts_.rbegin(); firsts != firsts_.rend(); ++firsts) {
      const std::size_t end = division.cuts.back(), first = (*firsts)[end];
      division.cost.empty_cells += runs_.empty_cells(first, end);
      division.cost.node_crossings += runs_.crossings(first, end);
      division.holes += runs_.holes(first, end);
      division.cuts.push_back(first);
    }
    std::ranges::reverse(division.cuts);
    return division;
  }

 private:
  const Runs& runs_;
  std::int64_t limit_;
  std::vector<std::int64_t> best_;
  std::vector<std::vector<std::uint32_t>> firsts_;
};

/// Whether a division leaves a reserved area for each TDMR's PAMT.
bool has_room_for_pamts(const Division& division, const LayoutLimits& limits) {
  return division.holes + static_cast<std::int64_t>(division.cost.tdmrs) <=
         static_cast<std::int64_t>(division.cost.tdmrs * limits.reserved_areas);
}

/// Whether a layout has less of what is to be avoided, however many TDMRs it needs.
bool avoids_more(const LayoutCost& a, const LayoutCost& b) {
  return std::tie(a.empty_cells, a.node_crossings) < std::tie(b.empty_cells, b.node_crossings);
}

/// The cheapest of the divisions that have room for PAMTs.
std::optional<Division> divide(std::span<const Block> blocks, const LayoutLimits& limits,
                               const Weights& weights) {
  const Runs runs(blocks, weights);
  Divisions divisions(runs, limits);
  std::optional<Division> best;
  std::optional<LayoutCost> without_room;
  for (std::uint32_t n = 1; n <= limits.tdmrs && n <= blocks.size(); ++n) {
    divisions.add_tdmr();
    auto division = divisions.all();
    if (!division) continue;
    if (!has_room_for_pamts(*division, limits)) {
      without_room = std::min(division->cost, without_room.value_or(division->cost));
      continue;
    }
    if (!best || division->cost < best->cost) best = std::move(division);
    // More TDMRs can only be cheaper where there is something left to avoid.
    if (best->cost.empty_cells == 0 && best->cost.node_crossings == 0) break;
  }
  // Between one that is cheaper and has no room, and this one, there may be others.
  if (best && without_room) best->least = !avoids_more(*without_room, best->cost);
  return best;
}

/// Fewest TDMRs that hold all the holes, however many there may be, without room for PAMTs.
std::uint64_t fewest_tdmrs(const Runs& runs, std::int64_t most_holes) {
  std::uint64_t tdmrs = 0;
  for (std::size_t first = 0; first < runs.size(); ++tdmrs) {
    std::size_t end = first + 1;
    while (end < runs.size() && runs.holes(first, end + 1) <= most_holes) ++end;
    first = end;
  }
  return tdmrs;
}

/// The blocks with as many cells split off the longest runs of full ones as there can be TDMRs. It does not
/// matter for the reserved areas from which run a TDMR of nothing but RAM comes.
std::vector<Block> fine_blocks(std::span<const Block> blocks, const LayoutLimits& limits) {
  std::vector<std::size_t> longest(blocks.size());
  std::iota(longest.begin(), longest.end(), std::size_t{0});
  std::ranges::stable_sort(longest, std::ranges::greater{}, [&](std::size_t i) { return blocks[i].cells; });
  std::vector<std::uint64_t> split(blocks.size(), 0);
  std::uint64_t left = limits.tdmrs;
  for (const std::size_t i : longest) {
    split[i] = std::min(blocks[i].cells - 1, left);
    left -= split[i];
  }

  std::vector<Block> fine;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    Block rest = blocks[i];
    for (; split[i] > 0; --split[i]) {
      Block cell = rest;
      cell.cells = 1;
      fine.push_back(cell);
      ++rest.first_cell;
      --rest.cells;
    }
    fine.push_back(rest);
  }
  return fine;
}

Layout troubled(LayoutTrouble trouble, std::uint64_t needed, std::uint64_t allowed, Range where = {}) {
  Layout layout;
  layout.trouble = trouble;
  layout.needed = needed;
  layout.allowed = allowed;
  layout.where = where;
  return layout;
}

/// A limit that the holes alone exceed.
std::optional<Layout> find_trouble(std::span<const Block> blocks, const LayoutLimits& limits) {
  const auto crowded = std::ranges::max_element(blocks, {}, &Block::holes);
  if (crowded->holes() > limits.reserved_areas) {
    return troubled(LayoutTrouble::holes_in_a_cell, crowded->holes(), limits.reserved_areas,
                    {crowded->first_cell * kCellBytes, kCellBytes});
  }
  const std::uint64_t tdmrs = fewest_tdmrs(Runs(blocks, kFewestHoles), limits.reserved_areas);
  if (tdmrs > limits.tdmrs) return troubled(LayoutTrouble::tdmrs, tdmrs, limits.tdmrs);
  return std::nullopt;
}

/// The holes leave too few reserved areas for PAMTs: by how much, where it is least.
Layout explain_areas(std::span<const Block> blocks, const LayoutLimits& limits) {
  const Runs runs(blocks, kFewestHoles);
  Divisions divisions(runs, limits);
  std::optional<Layout> closest;
  for (std::uint32_t n = 1; n <= limits.tdmrs && n <= blocks.size(); ++n) {
    divisions.add_tdmr();
    const auto division = divisions.all();
    if (!division) continue;
    const std::uint64_t needed = static_cast<std::uint64_t>(division->holes) + n;
    const std::uint64_t allowed = std::uint64_t{n} * limits.reserved_areas;
    if (closest && needed - allowed >= closest->needed - closest->allowed) continue;
    closest = troubled(LayoutTrouble::areas, needed, allowed);
  }
  return *closest;
}

}  // namespace

Layout lay_out(std::span<const MemoryRange> memory, const LayoutLimits& limits) {
  std::vector<Block> blocks = Blocks(memory).take();
  if (auto trouble = find_trouble(blocks, limits)) return *trouble;
  auto division = divide(blocks, limits, kCheapest);
  if (!division) {
    // The PAMTs lack reserved areas. TDMRs of nothing but RAM have some to spare, and holes count most.
    blocks = fine_blocks(blocks, limits);
    division = divide(blocks, limits, kFewestHoles);
    if (division) division->least = false;
  }
  if (!division) return explain_areas(blocks, limits);
  Layout layout;
  layout.cost = division->cost;
  layout.least = division->least;
  for (std::size_t i = 0; i + 1 < division->cuts.size(); ++i) {
    const std::uint64_t first = blocks[division->cuts[i]].first_cell;
    const std::uint64_t end = blocks[division->cuts[i + 1] - 1].end_cell();
    layout.tdmrs.push_back({first * kCellBytes, (end - first) * kCellBytes});
  }
  return layout;
}

}  // namespace tdxctl::bringup
