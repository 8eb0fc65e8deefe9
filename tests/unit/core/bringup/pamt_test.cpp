// SPDX-License-Identifier: MIT
#include "core/bringup/pamt.h"

#include <gtest/gtest.h>

namespace tdxctl::bringup {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;

TEST(PamtOf, TakesSixteenBytesAPageOfEachSize) {
  const Pamt pamt = pamt_of(kGiB, {}, false);
  EXPECT_EQ(pamt.bytes_4k, 4 * kMiB);
  EXPECT_EQ(pamt.bytes_2m, 8192u);
  EXPECT_EQ(pamt.bytes_1g, 4096u);  // 16 bytes, in whole pages
  EXPECT_EQ(pamt_of(1024 * kGiB, {}, false).bytes_1g, 16384u);
}

TEST(PamtOf, WithDynamicPamtTakesABitFor4KiB) {
  const Pamt pamt = pamt_of(kGiB, {}, true);
  EXPECT_EQ(pamt.bytes_4k, 32768u);
  EXPECT_EQ(pamt.bytes_2m, 8192u);
}

TEST(PamtOf, FollowsTheModulesEntrySizes) {
  ModuleLimits limits;
  limits.pamt_4k_entry_bytes = 24;
  limits.pamt_bitmap_entry_bits = 2;
  EXPECT_EQ(pamt_of(kGiB, limits, false).bytes_4k, 6 * kMiB);
  EXPECT_EQ(pamt_of(kGiB, limits, true).bytes_4k, 65536u);
}

Pamt of_bytes(std::uint64_t bytes) { return {.bytes_4k = bytes}; }

PamtRoom room(std::uint32_t node, std::uint32_t areas, std::initializer_list<std::uint64_t> pieces) {
  PamtRoom room{{}, areas, node};
  for (const std::uint64_t bytes : pieces) room.memory.push_back({0, bytes, node});
  return room;
}

TEST(FindHomes, IsAtHomeWhereItFits) {
  std::vector<Pamt> pamts = {of_bytes(kMiB), of_bytes(kMiB)};
  EXPECT_FALSE(find_homes(pamts, {room(0, 1, {kGiB}), room(1, 1, {kMiB})}));
  EXPECT_EQ(pamts[0].home, 0u);
  EXPECT_EQ(pamts[1].home, 1u);
  EXPECT_EQ(pamts[1].node, 1u);
}

TEST(FindHomes, StaysOnItsNodeWhereItCan) {
  std::vector<Pamt> pamts(3, of_bytes(kMiB));
  EXPECT_FALSE(find_homes(pamts, {room(0, 9, {kGiB}), room(1, 0, {kGiB}), room(1, 9, {kGiB})}));
  EXPECT_EQ(pamts[1].home, 2u);
}

TEST(FindHomes, GoesToAnotherNodeRatherThanNowhere) {
  std::vector<Pamt> pamts(2, of_bytes(kMiB));
  EXPECT_FALSE(find_homes(pamts, {room(0, 2, {kGiB}), room(1, 2, {kMiB - 4096})}));
  EXPECT_EQ(pamts[1].home, 0u);
  EXPECT_EQ(pamts[1].node, 0u);
}

TEST(FindHomes, NeedsOnePiece) {
  std::vector<Pamt> pamts = {of_bytes(2 * kMiB)};
  EXPECT_EQ(find_homes(pamts, {room(0, 9, {kMiB, kMiB})}), (Homeless{0, false}));
}

TEST(FindHomes, NeedsAReservedAreaForEach) {
  std::vector<Pamt> pamts(2, of_bytes(4096));
  EXPECT_EQ(find_homes(pamts, {room(0, 1, {kGiB}), room(0, 0, {kGiB})}), (Homeless{1, true}));
}

TEST(FindHomes, DoesNotGiveAPieceTwice) {
  std::vector<Pamt> pamts(2, of_bytes(kMiB));
  EXPECT_EQ(find_homes(pamts, {room(0, 9, {kMiB}), room(0, 9, {})}), (Homeless{1, false}));
}

}  // namespace
}  // namespace tdxctl::bringup
