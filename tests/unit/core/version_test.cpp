// SPDX-License-Identifier: MIT
#include "core/version.h"

#include <gtest/gtest.h>

#include "core/abi/releases.h"

namespace tdxctl {
namespace {

TEST(VersionText, TheUpdateHasTwoDigits) {
  EXPECT_EQ(to_string(Version{1, 5, 5}), "1.5.05");
  EXPECT_EQ(to_string(Version{2, 0, 16}), "2.0.16");
  EXPECT_EQ(to_string(Version{1, 5, 0}), "1.5.00");
  EXPECT_EQ(to_string(Version{65535, 65535, 65535}), "65535.65535.65535");
}

TEST(ParseVersion, ReadsOneOrTwoDigits) {
  EXPECT_EQ(parse_version("1.5.05"), (Version{1, 5, 5}));
  EXPECT_EQ(parse_version("1.5.5"), (Version{1, 5, 5}));
  EXPECT_EQ(parse_version("0.0.0"), (Version{0, 0, 0}));
}

TEST(ParseVersion, UndoesToString) {
  for (const auto& release : abi::releases()) {
    const auto version = parse_version(release.version);
    ASSERT_TRUE(version) << release.version;
    EXPECT_EQ(to_string(*version), release.version);
  }
}

TEST(ParseVersion, ReadsNothingElse) {
  for (const char* text : {"",
                           ".",
                           "..",
                           "1",
                           "1.5",
                           "1.5.",
                           ".5.05",
                           "1..05",
                           "1.5.05.",
                           "1.5.05.1",
                           " 1.5.05",
                           "1.5.05 ",
                           "1.5.05\n",
                           "1,5,05",
                           "v1.5.05",
                           "1.5.0x5",
                           "-1.5.05",
                           "+1.5.05",
                           "1.-5.05",
                           "65536.5.05",
                           "1.65536.05",
                           "1.5.65536",
                           "1.5.99999999999999999999"}) {
    EXPECT_FALSE(parse_version(text)) << "'" << text << "'";
  }
  EXPECT_FALSE(parse_version(std::string_view("1.5\0.05", 7)));
}

TEST(Version, OrdersByNumberNotByText) {
  EXPECT_LT((Version{1, 5, 9}), (Version{1, 5, 16}));
  EXPECT_LT((Version{1, 5, 34}), (Version{2, 0, 2}));
  EXPECT_LT((Version{9, 0, 0}), (Version{10, 0, 0}));
}

}  // namespace
}  // namespace tdxctl
