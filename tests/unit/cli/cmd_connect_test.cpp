// SPDX-License-Identifier: MIT
#include "cli/cmd_connect.h"

#include <gtest/gtest.h>

#include "cli/memory_picture.h"

namespace tdxctl::cli {
namespace {

constexpr std::uint64_t kGiB = 1ull << 30;

TEST(ParseFeatures, TakesAnyNameOfAFeature) {
  EXPECT_EQ(*parse_features(""), 0u);
  EXPECT_EQ(*parse_features("connect"), 1ull << 6);
  EXPECT_EQ(*parse_features("tdx-io,DYNAMIC_PAMT,TDX_FEATURES0_QUOTE"), 1ull << 6 | 1ull << 36 | 1ull << 50);
}

TEST(ParseFeatures, RefusesWhatIsNone) {
  for (const char* list : {"nonsense", ",connect", "connect,,quote", "RESERVED_13", "connect quote"}) {
    const auto features = parse_features(list);
    ASSERT_FALSE(features) << list;
    EXPECT_EQ(features.error().id, ErrorId::unknown_name) << list;
  }
}

TEST(ParseFeatures, SaysWhatBringsTheExtensions) {
  const auto features = parse_features("connect,ext");
  ASSERT_FALSE(features);
  EXPECT_EQ(features.error().id, ErrorId::usage);
}

TEST(ParseWallClock, TakesTheTwoThatThereAre) {
  EXPECT_EQ(*parse_wall_clock("none"), bringup::WallClock::none);
  EXPECT_EQ(*parse_wall_clock("now"), bringup::WallClock::now);
  for (const char* word : {"", "NOW", "noon", "none,now"}) EXPECT_FALSE(parse_wall_clock(word)) << word;
}

bringup::PlannedTdmr tdmr(std::uint64_t first_gib, std::uint64_t gibs,
                          std::vector<bringup::Range> holes = {}) {
  bringup::PlannedTdmr tdmr;
  tdmr.range = {first_gib * kGiB, gibs * kGiB};
  tdmr.holes = std::move(holes);
  return tdmr;
}

std::string picture(std::vector<bringup::PlannedTdmr> tdmrs) {
  bringup::Plan plan;
  plan.tdmrs = std::move(tdmrs);
  return memory_picture(plan, Style{});
}

TEST(MemoryPicture, ShowsTdmrsHolesAndWhatIsBetween) {
  const std::string text = picture({tdmr(0, 2, {{0, 4096}}), tdmr(4, 3)});
  EXPECT_EQ(text.substr(0, text.find("a column")), "  +#..###\n  0   1\n  ");
  EXPECT_NE(text.find("a column is 1 GiB"), std::string::npos);
}

TEST(MemoryPicture, FitsAnyMachineIntoALine) {
  const std::string text = picture({tdmr(0, 64), tdmr(65536, 1)});
  const std::string line = text.substr(0, text.find('\n'));
  EXPECT_LE(line.size(), 66u);
  EXPECT_EQ(line.front(), ' ');
  EXPECT_EQ(line.back(), '#');
  EXPECT_EQ(line[2], '#');
  EXPECT_EQ(line[3], '.');
}

TEST(MemoryPicture, WithoutTdmrsThereIsNone) { EXPECT_EQ(picture({}), ""); }

}  // namespace
}  // namespace tdxctl::cli
