// SPDX-License-Identifier: MIT
#include "core/bringup/pamt.h"

#include <algorithm>
#include <numeric>

namespace tdxctl::bringup {
namespace {

std::uint64_t level_bytes(std::uint64_t tdmr_bytes, std::uint64_t page_bytes, std::uint64_t entry_bytes) {
  return round_up(tdmr_bytes / page_bytes * entry_bytes, kPageBytes);
}

/// The smallest piece that is large enough: large ones are kept for large PAMTs. Null where there is none.
MemoryRange* find_piece(PamtRoom& room, std::uint64_t bytes) {
  MemoryRange* found = nullptr;
  for (MemoryRange& piece : room.memory) {
    if (piece.bytes >= bytes && (found == nullptr || piece.bytes < found->bytes)) found = &piece;
  }
  return found;
}

bool settle(Pamt& pamt, std::size_t home, std::span<PamtRoom> rooms) {
  if (rooms[home].areas_left == 0) return false;
  MemoryRange* piece = find_piece(rooms[home], pamt.bytes());
  if (piece == nullptr) return false;
  piece->bytes -= pamt.bytes();
  --rooms[home].areas_left;
  pamt.home = home;
  pamt.node = piece->node;
  return true;
}

bool settle_away(Pamt& pamt, const PamtRoom& own, std::span<PamtRoom> rooms) {
  for (const bool same_node : {true, false}) {
    for (std::size_t home = 0; home < rooms.size(); ++home) {
      if ((rooms[home].node == own.node) == same_node && settle(pamt, home, rooms)) return true;
    }
  }
  return false;
}

Homeless homeless_pamt(std::size_t index, const Pamt& pamt, std::span<PamtRoom> rooms) {
  return {index, std::ranges::any_of(
                     rooms, [&](PamtRoom& room) { return find_piece(room, pamt.bytes()) != nullptr; })};
}

void largest_first(std::vector<std::size_t>& indices, std::span<const Pamt> pamts) {
  std::ranges::stable_sort(indices, std::ranges::greater{}, [&](std::size_t i) { return pamts[i].bytes(); });
}

}  // namespace

Pamt pamt_of(std::uint64_t tdmr_bytes, const ModuleLimits& limits, bool dynamic_pamt) {
  const std::uint64_t bitmap_bytes = tdmr_bytes / kPageBytes * limits.pamt_bitmap_entry_bits / 8;
  return {.bytes_4k = dynamic_pamt ? round_up(bitmap_bytes, kPageBytes)
                                   : level_bytes(tdmr_bytes, kPageBytes, limits.pamt_4k_entry_bytes),
          .bytes_2m = level_bytes(tdmr_bytes, kLargePageBytes, limits.pamt_2m_entry_bytes),
          .bytes_1g = level_bytes(tdmr_bytes, kCellBytes, limits.pamt_1g_entry_bytes)};
}

std::optional<Homeless> find_homes(std::span<Pamt> pamts, const std::vector<PamtRoom>& rooms) {
  std::vector<PamtRoom> left = rooms;
  std::vector<std::size_t> homeless;
  for (std::size_t i = 0; i < pamts.size(); ++i) {
    if (!settle(pamts[i], i, left)) homeless.push_back(i);
  }
  largest_first(homeless, pamts);
  for (const std::size_t i : homeless) {
    if (!settle_away(pamts[i], left[i], left)) return homeless_pamt(i, pamts[i], left);
  }

  // Once more in the order in which they are allocated.
  left = rooms;
  std::vector<std::size_t> all(pamts.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  largest_first(all, pamts);
  for (const std::size_t i : all) {
    if (!settle(pamts[i], *pamts[i].home, left)) return homeless_pamt(i, pamts[i], left);
  }
  return std::nullopt;
}

}  // namespace tdxctl::bringup
