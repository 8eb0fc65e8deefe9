// SPDX-License-Identifier: MIT
#include "cli/cpu_text.h"

#include <gtest/gtest.h>

namespace tdxctl::cli {
namespace {

TEST(CpuText, NamesCpusThatHostTdx) {
  EXPECT_EQ(cpu_text(0x806F8), "Sapphire Rapids (family 6, model 143, stepping 8)");
  EXPECT_EQ(cpu_text(0xA06F3), "Sierra Forest (family 6, model 175, stepping 3)");
}

TEST(CpuText, CountsTheExtendedFamilyFromFamily15On) {
  EXPECT_EQ(cpu_text(0xA10F11), "family 25, model 17, stepping 1");
  EXPECT_EQ(cpu_text(0x00543), "family 5, model 4, stepping 3");
}

TEST(CpuText, GivesJsonTheSameNumbers) {
  EXPECT_EQ(cpu_json(0x806F8).dump(),
            R"({"fms":"0x000806f8","family":6,"model":143,"stepping":8,"cpu_name":"Sapphire Rapids"})");
  EXPECT_TRUE(cpu_json(0xA10F11)["cpu_name"].is_null());
}

}  // namespace
}  // namespace tdxctl::cli
