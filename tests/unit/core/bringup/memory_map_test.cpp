// SPDX-License-Identifier: MIT
#include "core/bringup/memory_map.h"

#include <gtest/gtest.h>

namespace tdxctl::bringup {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;

using Memory = std::vector<MemoryRange>;
using Ranges = std::vector<Range>;

TEST(TidyMemory, SortsAndMergesNeighboursOfOneNode) {
  const auto tidy = tidy_memory({{6 * kGiB, kGiB, 1}, {4 * kGiB, kGiB, 0}, {5 * kGiB, kGiB, 0}});
  ASSERT_TRUE(tidy);
  EXPECT_EQ(*tidy, (Memory{{4 * kGiB, 2 * kGiB, 0}, {6 * kGiB, kGiB, 1}}));
}

TEST(TidyMemory, LeavesOutLowMemoryAndPartsOfPages) {
  const auto tidy = tidy_memory({{0x1000, 0x9e000, 0}, {kMiB - 0x1000, kMiB, 0}, {kGiB + 1, 0x2fff, 0}});
  ASSERT_TRUE(tidy);
  EXPECT_EQ(*tidy, (Memory{{kMiB, kMiB - 0x1000, 0}, {kGiB + 0x1000, 0x2000, 0}}));
}

TEST(TidyMemory, RefusesWhatCannotBe) {
  const auto refused = [](Memory memory) {
    const auto tidy = tidy_memory(std::move(memory));
    return !tidy && tidy.error().id == ErrorId::memory_map_invalid;
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({{0, kMiB, 0}}));
  EXPECT_TRUE(refused({{kGiB, kGiB, 0}, {2 * kGiB - 1, kGiB, 0}}));
  EXPECT_TRUE(refused({{kGiB, kGiB, 0}, {kGiB, kGiB, 0}}));
  EXPECT_TRUE(refused({{kAddressEnd - kGiB, kGiB + 1, 0}}));
  EXPECT_TRUE(refused({{~0ull, ~0ull, 0}}));
  EXPECT_TRUE(refused(Memory((1u << 18) + 1)));
  EXPECT_TRUE(tidy_memory({{kAddressEnd - kGiB, kGiB, 0}}));
}

TEST(ExtentsOf, DoNotEndWhereANodeDoes) {
  EXPECT_EQ(extents_of(Memory{{kGiB, kGiB, 0}, {2 * kGiB, kGiB, 1}, {4 * kGiB, kGiB, 1}}),
            (Ranges{{kGiB, 2 * kGiB}, {4 * kGiB, kGiB}}));
}

TEST(Outside, GivesWhatNoCmrCovers) {
  const Ranges cmrs = {{kGiB, kGiB}, {2 * kGiB, kGiB}, {4 * kGiB, kGiB}};
  EXPECT_EQ(outside(Ranges{{kGiB, 2 * kGiB}}, cmrs), Ranges{});
  EXPECT_EQ(outside(Ranges{{0, 8 * kGiB}}, cmrs),
            (Ranges{{0, kGiB}, {3 * kGiB, kGiB}, {5 * kGiB, 3 * kGiB}}));
  EXPECT_EQ(outside(Ranges{{kGiB, kMiB}, {kGiB + 2 * kMiB, kMiB}, {6 * kGiB, kMiB}}, cmrs),
            (Ranges{{6 * kGiB, kMiB}}));
  EXPECT_EQ(outside(Ranges{{kGiB, kMiB}}, Ranges{}), (Ranges{{kGiB, kMiB}}));
}

}  // namespace
}  // namespace tdxctl::bringup
