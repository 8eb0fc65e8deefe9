// SPDX-License-Identifier: MIT
#include "core/hex.h"

#include <gtest/gtest.h>

namespace tdxctl {
namespace {

TEST(Hex, HasNoMoreDigitsThanAskedOrNeeded) {
  EXPECT_EQ(hex(0), "0x0");
  EXPECT_EQ(hex(0xABC), "0xabc");
  EXPECT_EQ(hex(5, 2), "0x05");
  EXPECT_EQ(hex(0x12345, 2), "0x12345");
  EXPECT_EQ(hex(7, 0), "0x7");
  EXPECT_EQ(hex(7, -3), "0x7");
}

TEST(Hex64, HasAll16Digits) {
  EXPECT_EQ(hex64(0), "0x0000000000000000");
  EXPECT_EQ(hex64(0x8000FF00FFFF0000), "0x8000ff00ffff0000");
  EXPECT_EQ(hex64(~0ull), "0xffffffffffffffff");
}

}  // namespace
}  // namespace tdxctl
