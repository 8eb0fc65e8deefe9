// SPDX-License-Identifier: MIT
#include "core/decode/number.h"

#include <gtest/gtest.h>

#include <string>

namespace tdxctl {
namespace {

TEST(ParseNumber, TakesHexAndDecimal) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"0", 0},
      {"007", 7},
      {"42", 42},
      {"18446744073709551615", ~0ull},
      {"0x0", 0},
      {"0xc000010000000000", 0xC000010000000000},
      {"0XC000010000000000", 0xC000010000000000},
      {"0x8000_0203_0000_0000", 0x8000020300000000},
      {"1_000", 1000},
      {"0x00000000000000000000001", 1},
  };
  for (const auto& [text, value] : cases) {
    const auto number = parse_number(text);
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(*number, value) << text;
  }
}

TEST(ParseNumber, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "the number is empty"},
      {"0x", "'0x' is not a number"},
      {"0x_1", "'0x_1' is not a number"},
      {"1__0", "'1__0' is not a number"},
      {"1_", "'1_' is not a number"},
      {"_1", "'_1' is not a number"},
      {"-1", "'-1' is not a number"},
      {" 1", "' 1' is not a number"},
      {"1 ", "'1 ' is not a number"},
      {"0x12g", "'0x12g' is not a number"},
      {"TDX_SYS_BUSY", "'TDX_SYS_BUSY' is not a number"},
      {"c000010000000000", "'c000010000000000' is not a decimal number"},
      {"18446744073709551616", "'18446744073709551616' does not fit in 64 bits"},
      {"0x10000000000000000", "'0x10000000000000000' does not fit in 64 bits"},
      {"1\n", "'1?' is not a number"},
      {std::string("1\0", 2), "'1?' is not a number"},
      {std::string(100, '9'), "'9999999999999999999999999999999999999999...' does not fit in 64 bits"},
  };
  for (const auto& [text, what] : cases) {
    const auto number = parse_number(text);
    ASSERT_FALSE(number) << text;
    EXPECT_EQ(number.error().id, ErrorId::bad_number);
    EXPECT_EQ(number.error().what, what);
  }
}

TEST(ParseNumber, HintsAtBareHex) {
  EXPECT_EQ(parse_number("8000020300000000f").error().hint, "write 0x before hex digits");
  EXPECT_EQ(parse_number("xyz").error().hint, "");
}

}  // namespace
}  // namespace tdxctl
