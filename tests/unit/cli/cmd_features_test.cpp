// SPDX-License-Identifier: MIT
#include "cli/cmd_features.h"

#include <gtest/gtest.h>

namespace tdxctl::cli {
namespace {

constexpr std::uint64_t kRelease_1_5_05 = 0x61F0FBF;

FeatureState state_of(std::uint8_t bit, std::uint64_t features0) {
  return feature_state(abi::features()[bit], features0, {});
}

TEST(FeatureState, OfAPlainFeatureIsOnWhereItIsSupported) {
  EXPECT_EQ(state_of(abi::kFeatureTdPreserving, 0x2).enabled, true);
  EXPECT_EQ(state_of(abi::kFeatureTdPreserving, 0x0).enabled, false);
}

TEST(FeatureState, OfAnOptInFeatureIsUnknownWhereItIsSupported) {
  for (const std::uint8_t bit :
       {abi::kFeatureConnect, abi::kFeatureDynamicPamt, abi::kFeatureExtensions, abi::kFeatureQuote}) {
    const FeatureState supported = state_of(bit, std::uint64_t{1} << bit);
    EXPECT_TRUE(supported.supported);
    EXPECT_EQ(supported.enabled, std::nullopt);
    EXPECT_FALSE(supported.reason.empty());
    EXPECT_EQ(state_of(bit, 0).enabled, false);
  }
}

TEST(FeatureState, OfAnOptInFeatureIsKnownWhereItIsKnownWhatWasSwitchedOn) {
  const auto on = [](std::uint8_t bit, std::uint64_t switched_on) {
    return feature_state(abi::features()[bit], ~0ull, switched_on).enabled;
  };
  constexpr std::uint64_t kQuote = 1ull << abi::kFeatureQuote;
  EXPECT_EQ(on(abi::kFeatureConnect, 0), false);
  EXPECT_EQ(on(abi::kFeatureQuote, kQuote), true);
  EXPECT_EQ(on(abi::kFeatureExtensions, kQuote), true) << "quoting is built on them";
  EXPECT_EQ(feature_state(abi::features()[abi::kFeatureConnect], 0, kQuote).enabled, false);
}

TEST(UnknownFeature, NamesTheOneThatWasMeant) {
  EXPECT_EQ(unknown_feature("conect").hint, "did you mean 'CONNECT'?");
  EXPECT_EQ(unknown_feature("dynamic-pamd").hint, "did you mean 'DYNAMIC_PAMT'?");
  EXPECT_EQ(unknown_feature("TDXCONECT").hint, "did you mean 'TDXCONNECT'?");
  EXPECT_NE(unknown_feature("nothing-like-it").hint.find("--all"), std::string::npos);
}

TEST(FeatureListJson, HasEveryNamedBitAndNoOther) {
  const Json json = to_json(FeatureList{kRelease_1_5_05});
  std::size_t named = 0;
  for (const abi::Feature& feature : abi::features()) named += feature.reserved() ? 0 : 1;
  ASSERT_EQ(json["features"].size(), named);
  std::uint64_t supported = 0;
  for (const Json& feature : json["features"]) {
    if (feature["supported"] == true) supported |= std::uint64_t{1} << feature["bit"].get<unsigned>();
  }
  EXPECT_EQ(supported, kRelease_1_5_05);
  EXPECT_EQ(json["unnamed_bits"], "0x0000000000000000");
}

TEST(FeatureListJson, KeepsBitsWithoutAName) {
  EXPECT_EQ(to_json(FeatureList{1ull << 63 | 1})["unnamed_bits"], "0x8000000000000000");
}

TEST(FeatureListText, NamesWhatIsMissedMost) {
  const std::string text = to_text(FeatureList{kRelease_1_5_05}, Style{});
  EXPECT_NE(text.find("of note, and not supported: TDXCONNECT, UPDATE_COMPATIBILITY, SYS_DISABLE\n"),
            std::string::npos);
  EXPECT_EQ(text.find("SEALKEY_128"), std::string::npos);
}

TEST(FeatureListText, ShowsAllOnDemand) {
  const std::string text = to_text(FeatureList{kRelease_1_5_05, true}, Style{});
  for (const abi::Feature& feature : abi::features()) {
    EXPECT_EQ(text.find(" " + std::string(feature.name) + " ") != std::string::npos, !feature.reserved())
        << feature.name;
  }
}

TEST(FeatureAnswersJson, ListsTheMissingOnesInTheOrderAsked) {
  const auto features = abi::features();
  const FeatureAnswers answers{
      0x1, {&features[abi::kFeatureSysDisable], &features[0], &features[abi::kFeatureConnect]}};
  const Json json = to_json(answers);
  EXPECT_EQ(json["asked"].size(), 3u);
  EXPECT_EQ(json["missing"].dump(), R"(["SYS_DISABLE","TDXCONNECT"])");
  EXPECT_EQ(to_text(answers, Style{}), "SYS_DISABLE   no\nTD_MIGRATION  yes\nTDXCONNECT    no\n");
}

}  // namespace
}  // namespace tdxctl::cli
