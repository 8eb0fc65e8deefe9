// SPDX-License-Identifier: MIT
// Where each member of SEAMLDR_INFO stands: offsets by number, so that the struct in the parser is checked by
// something other than itself. Source: Linux arch/x86/include/asm/seamldr.h.
#include "core/seamldr_info.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace tdxctl {
namespace {

using Bytes = std::array<std::uint8_t, kSeamldrInfoBytes>;

/// An answer in which only the bytes from `offset` on are not zero.
template <class T>
SeamldrInfo with(std::size_t offset, T value) {
  Bytes bytes{};
  for (std::size_t i = 0; i < sizeof value; ++i) {
    bytes.at(offset + i) = static_cast<std::uint8_t>(std::uint64_t{value} >> (8 * i));
  }
  return parse_seamldr_info(bytes);
}

TEST(SeamldrInfo, EveryMemberComesFromItsOffset) {
  EXPECT_EQ(with(12, std::uint32_t{20240130}).build_date, 20240130u);
  EXPECT_EQ(with(16, std::uint16_t{212}).build_number, 212);
  EXPECT_EQ(with(18, std::uint16_t{0x0105}).version.minor, 0x0105);
  EXPECT_EQ(with(20, std::uint16_t{0x0203}).version.major, 0x0203);
  EXPECT_EQ(with(22, std::uint16_t{0x0405}).version.update, 0x0405);
  EXPECT_EQ(with(28, std::uint32_t{0x01020304}).updates_left, 0x01020304u);
  EXPECT_EQ(with(40, std::uint8_t{5}).svn_minor, 5);
  EXPECT_EQ(with(41, std::uint8_t{1}).svn_major, 1);
  EXPECT_TRUE(with(160, std::uint8_t{1}).module_ready);
  EXPECT_EQ(with(168, std::uint64_t{0x1122334455667788}).features0, 0x1122334455667788u);
}

TEST(SeamldrInfo, DebugIsTheTopBitOfTheAttributes) {
  EXPECT_TRUE(with(4, std::uint32_t{0x80000000}).debug);
  EXPECT_FALSE(with(4, std::uint32_t{0x7FFFFFFF}).debug);
}

TEST(SeamldrInfo, MrseamIsWhole) {
  Bytes bytes{};
  for (std::size_t i = 0; i < 48; ++i) bytes[56 + i] = static_cast<std::uint8_t>(i + 1);
  const SeamldrInfo info = parse_seamldr_info(bytes);
  for (std::size_t i = 0; i < 48; ++i) EXPECT_EQ(info.mrseam[i], i + 1) << i;
}

TEST(SeamldrInfo, BytesThatMeanNothingToTheHostChangeNothing) {
  struct Gap {
    std::size_t from, to;
  };
  const SeamldrInfo none = parse_seamldr_info(Bytes{});
  for (const Gap gap : {Gap{0, 4}, Gap{8, 12}, Gap{24, 28}, Gap{32, 40}, Gap{42, 56}, Gap{104, 160},
                        Gap{161, 168}, Gap{176, 256}}) {
    Bytes bytes{};
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(gap.from),
              bytes.begin() + static_cast<std::ptrdiff_t>(gap.to), std::uint8_t{0xFF});
    const SeamldrInfo info = parse_seamldr_info(bytes);
    EXPECT_EQ(info.version, none.version) << gap.from;
    EXPECT_EQ(info.build_date, 0u) << gap.from;
    EXPECT_EQ(info.build_number, 0) << gap.from;
    EXPECT_FALSE(info.debug) << gap.from;
    EXPECT_EQ(info.updates_left, 0u) << gap.from;
    EXPECT_FALSE(info.module_ready) << gap.from;
    EXPECT_EQ(info.svn_minor, 0) << gap.from;
    EXPECT_EQ(info.svn_major, 0) << gap.from;
    EXPECT_EQ(info.mrseam, none.mrseam) << gap.from;
    EXPECT_EQ(info.features0, 0u) << gap.from;
  }
}

}  // namespace
}  // namespace tdxctl
