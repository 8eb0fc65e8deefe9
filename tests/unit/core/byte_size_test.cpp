// SPDX-License-Identifier: MIT
#include "core/byte_size.h"

#include <gtest/gtest.h>

namespace tdxctl {
namespace {

TEST(ByteSize, UsesTheLargestUnitThatIsWhole) {
  EXPECT_EQ(byte_size(0), "0 B");
  EXPECT_EQ(byte_size(1023), "1023 B");
  EXPECT_EQ(byte_size(1024), "1 KiB");
  EXPECT_EQ(byte_size(1536), "1.5 KiB");
  EXPECT_EQ(byte_size(64ull << 40), "64 TiB");
}

TEST(ByteSize, IsRoundedToTheNearestTenth) {
  EXPECT_EQ(byte_size((1ull << 30) - 1), "1 GiB");
  EXPECT_EQ(byte_size((64ull << 40) - (2ull << 30)), "64 TiB");
  EXPECT_EQ(byte_size((1ull << 20) + 104857), "1.1 MiB");
  EXPECT_EQ(byte_size((1ull << 20) + 52428), "1 MiB");
  EXPECT_EQ(byte_size((1ull << 20) + 52429), "1.1 MiB");
  EXPECT_EQ(byte_size((1023ull << 20) + (972ull << 10)), "1023.9 MiB");
  EXPECT_EQ(byte_size((1ull << 60) - 1), "1 EiB");
  EXPECT_EQ(byte_size(~0ull), "16 EiB");
}

}  // namespace
}  // namespace tdxctl
