// SPDX-License-Identifier: MIT
#include "core/bringup/layout.h"

#include <algorithm>
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

/// How much each kind of cost counts in one number. There are fewer than 2^22 cells and 2^18 crossings, since
/// tidy_memory() limits the number of ranges, and at most 2^20 reserved areas.
struct Weights {
  std::int64_t empty_cell, node_crossing, area;
};
constexpr Weights kCheapest = {1ll << 40, 1ll << 21, 1};
constexpr Weights kFewestAreas = {1ll << 20, 1, 1ll << 42};

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
      next.joints.holes += one - (left.tail ? 1 : 0) - (right.head ? 1 : 0);
      next.joints.cost += empty * weights.empty_cell + (crossing ? weights.node_crossing : 0);
      next.joints.empty_cells += static_cast<std::uint64_t>(empty);
      next.joints.crossings += crossing ? 1 : 0;
    }
  }

  [[nodiscard]] std::size_t size() const { return sums_.size() - 1; }

  /// Holes of a TDMR of blocks [first, end): holes_to(end) - holes_from(first).
  [[nodiscard]] std::int64_t holes(std::size_t first, std::size_t end) const {
    return holes_to(end) - holes_from(first);
  }
  [[nodiscard]] std::int64_t holes_to(std::size_t end) const {
    return sums_[end].holes + sums_[end].before.holes;
  }
  [[nodiscard]] std::int64_t holes_from(std::size_t first) const {
    return sums_[first].holes + sums_[first].joints.holes;
  }
  /// Its cost without that of reserved areas: cost_to(end) - cost_from(first).
  [[nodiscard]] std::int64_t cost_to(std::size_t end) const { return sums_[end].before.cost; }
  [[nodiscard]] std::int64_t cost_from(std::size_t first) const { return sums_[first].joints.cost; }
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
};

/// For each end, of how many firsts a TDMR of blocks [first, end) has RAM of `bytes` in one piece: those
/// before that number have, and those behind it have not. It never falls, as a longer TDMR has all the pieces
/// of a shorter one.
std::vector<std::uint32_t> firsts_with_room(std::span<const Block> blocks,
                                            std::span<const MemoryRange> memory, std::uint64_t bytes) {
  std::vector<std::uint32_t> firsts = {0};
  auto range = memory.begin();
  std::uint32_t first = 0;
  for (const Block& block : blocks) {
    const std::uint64_t end = block.end_cell() * kCellBytes;
    // A range that goes on behind this block is looked at again with the next.
    for (; range != memory.end() && range->base < end; ++range) {
      const std::uint64_t piece_end = std::min(range->end(), end);
      if (piece_end - range->base >= bytes) {
        const std::uint64_t last_start = piece_end - bytes;
        while (first < firsts.size() && blocks[first].first_cell * kCellBytes <= last_start) ++first;
      }
      if (range->end() > end) break;
    }
    firsts.push_back(first);
  }
  return firsts;
}

/// Where a layout cuts: TDMR i is blocks [cuts[i], cuts[i + 1]).
struct Division {
  std::vector<std::size_t> cuts;
  LayoutCost cost;
  std::int64_t areas = 0;  ///< that holes take, and that are no use to PAMTs
  bool least = true;       ///< none with room for PAMTs costs less
};

/// Runs of blocks by where they may begin, the cheapest first, as their ends move forward: a queue that
/// keeps its memory, as this is where the time goes.
class Candidates {
 public:
  struct Candidate {
    std::uint32_t first;
    std::int64_t cost;
  };

  void clear() {
    queue_.clear();
    front_ = 0;
  }
  void add(std::uint32_t first, std::int64_t cost) {
    while (cheapest() != nullptr && queue_.back().cost >= cost) queue_.pop_back();
    queue_.push_back({first, cost});
  }
  template <class Gone>
  void drop_while(Gone gone) {
    while (cheapest() != nullptr && gone(queue_[front_].first)) ++front_;
  }
  [[nodiscard]] const Candidate* cheapest() const {
    return front_ < queue_.size() ? &queue_[front_] : nullptr;
  }

 private:
  std::vector<Candidate> queue_;
  std::size_t front_ = 0;
};

/// Cheapest divisions into 1, 2, 3 ... TDMRs, one more TDMR at each step.
///
/// best(n, end) = min over first of best(n - 1, first) + cost(first, end), for the firsts from which the
/// holes do not exceed the limit. A TDMR with room for PAMTs costs the areas that its holes take, one without
/// costs all its areas. Both are a difference of sums, and the window of either only moves forward with end,
/// so a queue of candidates in rising order of what they cost gives each minimum at once.
class Divisions {
 public:
  Divisions(std::span<const Block> blocks, std::span<const MemoryRange> memory, const LayoutLimits& limits,
            const Weights& weights)
      : runs_(blocks, weights),
        with_room_(firsts_with_room(blocks, memory, limits.pamt_bytes)),
        limit_(limits.reserved_areas),
        area_cost_(weights.area),
        best_(runs_.size() + 1, kImpossible) {
    best_[0] = 0;
  }

  void add_tdmr() {
    std::vector<std::int64_t> next(best_.size(), kImpossible);
    std::vector<std::uint32_t> firsts(best_.size(), 0);
    roomy_.clear();
    roomless_.clear();
    const auto has_too_many_holes = [&](std::uint32_t end) {
      return [this, end](std::uint32_t first) { return runs_.holes(first, end) > limit_; };
    };
    for (std::uint32_t end = 1; end < best_.size(); ++end) {
      for (std::uint32_t first = with_room_[end - 1]; first < with_room_[end]; ++first) {
        if (best_[first] == kImpossible) continue;
        roomy_.add(first, best_[first] - runs_.cost_from(first) - area_cost_ * runs_.holes_from(first));
      }
      if (best_[end - 1] != kImpossible) roomless_.add(end - 1, best_[end - 1] - runs_.cost_from(end - 1));
      roomless_.drop_while([&](std::uint32_t first) { return first < with_room_[end]; });
      roomy_.drop_while(has_too_many_holes(end));
      roomless_.drop_while(has_too_many_holes(end));
      const auto take = [&](const Candidates& candidates, std::int64_t areas) {
        const auto* candidate = candidates.cheapest();
        if (candidate == nullptr) return;
        const std::int64_t cost = candidate->cost + runs_.cost_to(end) + area_cost_ * areas;
        if (cost >= next[end]) return;
        next[end] = cost;
        firsts[end] = candidate->first;
      };
      take(roomy_, runs_.holes_to(end));
      take(roomless_, limit_);
    }
    best_ = std::move(next);
    firsts_.push_back(std::move(firsts));
  }

  /// The division of all blocks into the TDMRs so far; nothing where there is none.
  [[nodiscard]] std::optional<Division> all() const {
    if (best_.back() == kImpossible) return std::nullopt;
    Division division{.cuts = {runs_.size()}, .cost = {.tdmrs = firsts_.size()}};
    for (auto firsts = firsts_.rbegin(); firsts != firsts_.rend(); ++firsts) {
      const std::size_t end = division.cuts.back(), first = (*firsts)[end];
      division.cost.empty_cells += runs_.empty_cells(first, end);
      division.cost.node_crossings += runs_.crossings(first, end);
      division.areas += first < with_room_[end] ? runs_.holes(first, end) : limit_;
      division.cuts.push_back(first);
    }
    std::ranges::reverse(division.cuts);
    return division;
  }

 private:
  Runs runs_;
  std::vector<std::uint32_t> with_room_;
  std::int64_t limit_;
  std::int64_t area_cost_;
  std::vector<std::int64_t> best_;
  std::vector<std::vector<std::uint32_t>> firsts_;
  Candidates roomy_, roomless_;
};

/// Whether a division leaves a reserved area for each TDMR's PAMT.
bool has_room_for_pamts(const Division& division, const LayoutLimits& limits) {
  return division.areas + static_cast<std::int64_t>(division.cost.tdmrs) <=
         static_cast<std::int64_t>(division.cost.tdmrs * limits.reserved_areas);
}

/// Whether a layout has less of what is to be avoided, however many TDMRs it needs.
bool avoids_more(const LayoutCost& a, const LayoutCost& b) {
  return std::tie(a.empty_cells, a.node_crossings) < std::tie(b.empty_cells, b.node_crossings);
}

/// The cheapest of the divisions that have room for PAMTs.
std::optional<Division> divide(std::span<const Block> blocks, std::span<const MemoryRange> memory,
                               const LayoutLimits& limits, const Weights& weights) {
  Divisions divisions(blocks, memory, limits, weights);
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
  // Between one that is cheaper and has no room, and this one, there may be others: of more TDMRs, or, where
  // PAMTs want pieces of a size, of as many with a run of RAM cut elsewhere.
  if (best && without_room) best->least = limits.pamt_bytes == 0 && !avoids_more(*without_room, best->cost);
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

/// The blocks with cells split off the runs of full ones: two of each, to give room to neighbours on both
/// sides with a cut between them, and as many of the longest as there can be TDMRs. It does not matter for
/// the reserved areas from which run a TDMR of nothing but RAM comes.
std::vector<Block> fine_blocks(std::span<const Block> blocks, const LayoutLimits& limits) {
  std::vector<std::size_t> longest(blocks.size());
  std::iota(longest.begin(), longest.end(), std::size_t{0});
  std::ranges::stable_sort(longest, std::ranges::greater{}, [&](std::size_t i) { return blocks[i].cells; });
  std::vector<std::uint64_t> split(blocks.size(), 0);
  std::uint64_t left = limits.tdmrs;
  for (const std::size_t i : longest) {
    split[i] = std::min(blocks[i].cells - 1, std::max<std::uint64_t>(left, 2));
    left -= std::min(left, split[i]);
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
  const std::uint64_t tdmrs = fewest_tdmrs(Runs(blocks, kFewestAreas), limits.reserved_areas);
  if (tdmrs > limits.tdmrs) return troubled(LayoutTrouble::tdmrs, tdmrs, limits.tdmrs);
  return std::nullopt;
}

/// The holes leave too few reserved areas for PAMTs: by how much, where it is least.
Layout explain_areas(std::span<const Block> blocks, std::span<const MemoryRange> memory,
                     const LayoutLimits& limits) {
  Divisions divisions(blocks, memory, limits, kFewestAreas);
  std::optional<Layout> closest;
  for (std::uint32_t n = 1; n <= limits.tdmrs && n <= blocks.size(); ++n) {
    divisions.add_tdmr();
    const auto division = divisions.all();
    if (!division) continue;
    const std::uint64_t needed = static_cast<std::uint64_t>(division->areas) + n;
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
  auto division = divide(blocks, memory, limits, kCheapest);
  if (!division) {
    // The PAMTs lack reserved areas. TDMRs of nothing but RAM have some to spare, and areas count most.
    blocks = fine_blocks(blocks, limits);
    division = divide(blocks, memory, limits, kFewestAreas);
    if (division) division->least = false;
  }
  if (!division) return explain_areas(blocks, memory, limits);
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
