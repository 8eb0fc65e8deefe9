// SPDX-License-Identifier: MIT
#include "core/abi/releases.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/abi/bits.h"
#include "core/abi/features.h"
#include "unit/core/abi/reference.h"

namespace tdxctl::abi {
namespace {

using test::text;

std::string joined(const nlohmann::json& versions) {
  std::string out;
  for (const auto& version : versions) out += (out.empty() ? "" : " ") + version.get<std::string>();
  return out;
}

TEST(Releases, AreThoseOfTheReference) {
  const auto wanted = test::reference("releases");
  ASSERT_EQ(releases().size(), wanted.size());
  for (const auto& row : wanted) {
    SCOPED_TRACE(text(row, "version"));
    const Release* release = find_release(text(row, "version"));
    ASSERT_NE(release, nullptr);
    EXPECT_EQ(release->min_running, text(row, "min_running_module"));
    EXPECT_EQ(release->seamldr_min, joined(row.at("min_seamldr_versions")));
    EXPECT_EQ(release->features0, test::hex(row.at("tdx_features0")));
    EXPECT_EQ(release->strictly_compatible_with, joined(row.at("strict_compat_versions")));
    EXPECT_EQ(release->build_date, text(row, "build_date"));
    EXPECT_EQ(release->seamhash, text(row, "seamhash"));
  }
}

// What the release notes say in prose, and what users are told.
TEST(Releases, NoneOffersConnectOrDisableYet) {
  for (const Release& release : releases()) {
    EXPECT_TRUE(bit(release.features0, kFeatureTdPreserving)) << release.version;
    EXPECT_FALSE(bit(release.features0, kFeatureConnect)) << release.version;
    EXPECT_FALSE(bit(release.features0, kFeatureSysDisable)) << release.version;
  }
}

TEST(FindRelease, KnowsOnlyWhatIsListed) {
  EXPECT_EQ(find_release("1.5.5"), nullptr);
  EXPECT_EQ(find_release(""), nullptr);
  EXPECT_EQ(find_release("3.0.00"), nullptr);
}

}  // namespace
}  // namespace tdxctl::abi
