// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include <gtest/gtest.h>

namespace tdxctl::cli {
namespace {

Options with_driver(std::string driver) {
  Options options;
  options.driver = std::move(driver);
  return options;
}

TEST(ParseDriver, KnowsEveryName) {
  EXPECT_EQ(parse_driver(with_driver("auto"))->kind, DriverKind::automatic);
  EXPECT_EQ(parse_driver(with_driver("native"))->kind, DriverKind::native);
  EXPECT_EQ(parse_driver(with_driver("helper"))->kind, DriverKind::helper);
  EXPECT_EQ(parse_driver(with_driver("sim"))->kind, DriverKind::sim);
  EXPECT_EQ(parse_driver(with_driver("sim"))->machine, "");
}

TEST(ParseDriver, TakesAMachineForSimOnly) {
  const auto choice = parse_driver(with_driver("sim=./a=b.json"));
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->machine, "./a=b.json");
  EXPECT_FALSE(parse_driver(with_driver("native=x")));
  EXPECT_FALSE(parse_driver(with_driver("sim=")));
}

TEST(ParseDriver, NeverTakesAnUnknownNameForAnother) {
  for (const char* wrong : {"", "simulator", "SIM", " sim", "auto ", "help", "="}) {
    const auto choice = parse_driver(with_driver(wrong));
    ASSERT_FALSE(choice) << wrong;
    EXPECT_EQ(choice.error().id, ErrorId::usage);
  }
}

}  // namespace
}  // namespace tdxctl::cli
