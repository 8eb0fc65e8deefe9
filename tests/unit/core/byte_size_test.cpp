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
  EXPECT_EQ(byte_size((1ull << 30) - 1), "1023.9 MiB");
  EXPECT_EQ(byte_size(64ull << 40), "64 TiB");
  EXPECT_EQ(byte_size(~0ull), "15.9 EiB");
}

}  // namespace
}  // namespace tdxctl
