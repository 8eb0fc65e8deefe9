// SPDX-License-Identifier: MIT
#include "drv/host/memory_map.h"

#include <gtest/gtest.h>

#include "drv/host/host_platform.h"
#include "recorded_tree.h"

namespace tdxctl {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;

using Memory = std::vector<MemoryRange>;

constexpr const char* kIomem =
    "00000000-00000fff : Reserved\n"
    "00001000-0009ffff : System RAM\n"
    "00100000-7fffffff : System RAM\n"
    "  01000000-01ffffff : Kernel code\n"
    "  02000000-02ffffff : System RAM\n"
    "80000000-8fffffff : PCI MMCONFIG 0000 [bus 00-ff]\n"
    "100000000-2ffffffff : System RAM\n";

TEST(ParseIomem, TakesTheTopLevelRamAlone) {
  const auto memory = parse_iomem(kIomem);
  ASSERT_TRUE(memory);
  EXPECT_EQ(*memory, (Memory{{0x1000, 0x9f000, {}}, {kMiB, 2 * kGiB - kMiB, {}}, {4 * kGiB, 8 * kGiB, {}}}));
}

TEST(ParseIomem, TellsHiddenAddressesFromNone) {
  const auto hidden = parse_iomem("00000000-00000000 : System RAM\n00000000-00000000 : System RAM\n");
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().id, ErrorId::not_permitted);
  const auto none = parse_iomem("00000000-00000fff : Reserved\n");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().id, ErrorId::driver_unavailable);
}

TEST(ParseIomem, PassesOverLinesOfAnotherForm) {
  const auto memory = parse_iomem(
      "System RAM\n-1 : System RAM\n5-4 : System RAM\n1x-2 : System RAM\n : System RAM\n"
      "10000000000000000-2 : System RAM\n1000-1fff : System RAM");
  ASSERT_TRUE(memory);
  EXPECT_EQ(*memory, (Memory{{0x1000, 0x1000, {}}}));
}

class ReadMemory : public testing::Test {
 protected:
  ReadMemory() {
    tree_.write("/proc/iomem", kIomem);
    tree_.write("/sys/devices/system/memory/block_size_bytes", "40000000\n");
    for (const int block : {0, 1, 4, 5, 6}) node(0, block);
    for (const int block : {7, 8, 9, 10, 11}) node(1, block);
    tree_.write("/sys/devices/system/node/has_memory", "0-1\n");
    tree_.write("/sys/devices/system/node/node0/memory_side_cache", "");
  }
  void node(int node, int block) const {
    tree_.make_directory("/sys/devices/system/node/node" + std::to_string(node) + "/memory" +
                         std::to_string(block));
  }

  test::RecordedTree tree_;
};

TEST_F(ReadMemory, CutsWhereTheNodeChanges) {
  const auto memory = HostPlatform(tree_.root()).memory();
  ASSERT_TRUE(memory);
  EXPECT_EQ(*memory, (Memory{{0x1000, 0x9f000, 0},
                             {kMiB, 2 * kGiB - kMiB, 0},
                             {4 * kGiB, 3 * kGiB, 0},
                             {7 * kGiB, 5 * kGiB, 1}}));
}

TEST_F(ReadMemory, LeavesNodesUnknownWhereLinuxDoesNotTell) {
  tree_.remove("/sys/devices/system/memory");
  const auto memory = read_memory(tree_.root());
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->size(), 3u);
  EXPECT_EQ(memory->back().node, std::nullopt);
}

TEST_F(ReadMemory, IsWithoutNodeWhereABlockHasNone) {
  tree_.remove("/sys/devices/system/node/node1/memory11");
  const auto memory = read_memory(tree_.root());
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->back(), (MemoryRange{11 * kGiB, kGiB, {}}));
}

TEST_F(ReadMemory, WithoutAMemoryMapSaysSo) {
  tree_.remove("/proc/iomem");
  const auto memory = read_memory(tree_.root());
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().id, ErrorId::driver_unavailable);
}

}  // namespace
}  // namespace tdxctl
