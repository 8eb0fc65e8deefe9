// SPDX-License-Identifier: MIT
#include "core/abi/features.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/core/abi/reference.h"

namespace tdxctl::abi {
namespace {

using test::text;

TEST(Features, AreThoseOfTheReference) {
  const auto wanted = test::reference("features0");
  ASSERT_EQ(features().size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    SCOPED_TRACE(i);
    const auto& row = wanted[i];
    const Feature& feature = features()[i];
    EXPECT_EQ(feature.bit, row.at("bit").get<int>());
    EXPECT_EQ(feature.mask(), test::hex(row.at("mask")));
    EXPECT_EQ(feature.name, text(row, "name"));
    EXPECT_EQ(feature.reserved(), row.at("reserved").get<bool>());
    EXPECT_EQ(feature.meaning, text(row, "meaning"));
    EXPECT_EQ(feature.kernel_name, text(row, "kernel_name"));
    const std::string named_in = text(row, "kernel_name_in");
    EXPECT_EQ(feature.kernel_use, named_in == "Linux 7.3"      ? KernelUse::in_7_3
                                  : named_in == "patch series" ? KernelUse::patches
                                                               : KernelUse::none);
    EXPECT_EQ(feature.note, text(row, "note"));
    std::vector<std::string> aliases;
    for (const auto alias : {feature.alias, feature.second_alias}) {
      if (!alias.empty()) aliases.emplace_back(alias);
    }
    EXPECT_EQ(aliases, row.at("aliases").get<std::vector<std::string>>());
  }
}

TEST(FindFeature, FindsEachByEveryNameItHas) {
  for (const Feature& feature : features()) {
    EXPECT_EQ(find_feature(feature.name), &feature) << feature.name;
    for (const auto alias : {feature.alias, feature.second_alias}) {
      if (!alias.empty()) {
        EXPECT_EQ(find_feature(alias), &feature) << alias;
      }
    }
    if (!feature.kernel_name.empty()) {
      EXPECT_EQ(find_feature(feature.kernel_name), &feature) << feature.kernel_name;
    }
  }
}

TEST(FindFeature, TakesWhatPeopleType) {
  const std::pair<const char*, int> cases[] = {
      {"connect", 6},
      {"Connect", 6},
      {"TDX_CONNECT", 6},
      {"tdx-connect", 6},
      {"tdxconnect", 6},
      {"tdx_io", 6},
      {"TDX_FEATURES0_TDXCONNECT", 6},
      {"sys-disable", 53},
      {"SYS_DISABLE", 53},
      {"sysdisable", 53},
      {"tdx features0 sys disable", 53},
      {"ext", 39},
      {"EXT", 39},
      {"nrx", 39},
      {"update-compat", 47},
      {"quote", 50},
      {"dynamic-pamt", 36},
      {"connect-partitioning", 32},
  };
  for (const auto& [name, bit] : cases) {
    const Feature* feature = find_feature(name);
    ASSERT_NE(feature, nullptr) << name;
    EXPECT_EQ(feature->bit, bit) << name;
  }
}

TEST(FeatureList, IsPartOfASentence) {
  EXPECT_EQ(feature_list(1ull << 6 | 1ull << 50), "TDXCONNECT, QUOTE");
  EXPECT_EQ(feature_list(0), "no features");
}

TEST(FindFeature, DoesNotGuess) {
  for (const char* name : {"", "tdx", "TDX_FEATURES0", "-", "conn", "connects", "sys", "feature"}) {
    EXPECT_EQ(find_feature(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace tdxctl::abi
