// SPDX-License-Identifier: MIT
#include "core/image/identify.h"

#include <gtest/gtest.h>

#include "core/abi/releases.h"
#include "unit/core/image/test_image.h"

namespace tdxctl::image {
namespace {

using std::chrono::year;

Sha384 hash_of(std::uint8_t byte) {
  Sha384 hash;
  hash.fill(byte);
  return hash;
}

const std::vector<KnownImage> kKnown = {
    {{1, 5, 5}, hash_of(1), Svn{1, 5}, year(2024) / 1 / 29},
    {{1, 5, 6}, std::nullopt, std::nullopt, std::nullopt},
    {{1, 5, 8}, std::nullopt, std::nullopt, year(2024) / 6 / 1},
    {{1, 5, 13}, hash_of(2), Svn{1, 9}, std::nullopt},
    {{1, 5, 16}, std::nullopt, std::nullopt, std::nullopt},
    {{2, 0, 2}, hash_of(3), Svn{3, 3}, std::nullopt},
    {{2, 0, 4}, std::nullopt, std::nullopt, std::nullopt},
};

TEST(IdentifyMrseam, NamesTheReleaseOfAKnownHash) {
  const Identity identity = identify_mrseam(hash_of(2), kKnown);
  EXPECT_EQ(identity.how, IdentifiedBy::seamhash);
  EXPECT_TRUE(identity.certain);
  EXPECT_EQ(identity.releases, (std::vector<Version>{{1, 5, 13}}));
  EXPECT_EQ(identity.line, "1.5");
}

TEST(IdentifyMrseam, SaysNothingOfAnotherHash) {
  const Identity identity = identify_mrseam(hash_of(9), kKnown);
  EXPECT_EQ(identity.how, IdentifiedBy::nothing);
  EXPECT_FALSE(identity.certain);
  EXPECT_TRUE(identity.releases.empty());
}

TEST(IdentifySvn, IsNeverCertainBecauseReleasesShareThem) {
  const Identity identity = identify_svn({1, 5}, kKnown);
  EXPECT_EQ(identity.how, IdentifiedBy::svn);
  EXPECT_FALSE(identity.certain);
  EXPECT_EQ(identity.releases, (std::vector<Version>{{1, 5, 5}}));
}

TEST(IdentifySvn, BoundsWhatItDoesNotKnow) {
  const Identity between = identify_svn({1, 7}, kKnown);
  EXPECT_EQ(between.how, IdentifiedBy::svn_order);
  EXPECT_EQ(between.releases, (std::vector<Version>{{1, 5, 6}, {1, 5, 8}}));
  EXPECT_EQ(identify_svn({1, 20}, kKnown).releases, (std::vector<Version>{{1, 5, 16}}));
  EXPECT_EQ(identify_svn({3, 4}, kKnown).releases, (std::vector<Version>{{2, 0, 4}}));
  EXPECT_TRUE(identify_svn({1, 1}, kKnown).releases.empty());
}

TEST(IdentifySvn, SaysNothingOfAnUnknownLine) {
  const Identity identity = identify_svn({2, 5}, kKnown);
  EXPECT_EQ(identity.how, IdentifiedBy::nothing);
  EXPECT_EQ(identity.line, "");
}

TEST(IdentifyImage, GoesByTheHashFirst) {
  Sigstruct s = make_test_image().sigstruct;
  s.seamhash = hash_of(2);
  s.svn_minor = 5;
  const Identity identity = identify_image(s, kKnown);
  EXPECT_EQ(identity.how, IdentifiedBy::seamhash);
  EXPECT_EQ(identity.releases, (std::vector<Version>{{1, 5, 13}}));
}

TEST(IdentifyImage, TakesItsOwnWordForANewReleaseOfALaterLine) {
  Sigstruct s = make_test_image().sigstruct;
  s.svn_major = 3;
  s.svn_minor = 99;
  s.build_major = 2;
  s.build_update = 42;
  const Identity identity = identify_image(s, kKnown);
  EXPECT_EQ(identity.how, IdentifiedBy::build_info);
  EXPECT_TRUE(identity.certain);
  EXPECT_EQ(identity.releases, (std::vector<Version>{{2, 0, 42}}));
  EXPECT_EQ(identity.line, "2.0");
}

TEST(IdentifyImage, GoesByDateWhereTheHashIsNotKnown) {
  Sigstruct s = make_test_image().sigstruct;
  s.svn_minor = 7;
  s.date_bcd = 0x20240601;
  const Identity identity = identify_image(s, kKnown);
  EXPECT_EQ(identity.how, IdentifiedBy::svn_date);
  EXPECT_FALSE(identity.certain);
  EXPECT_EQ(identity.releases, (std::vector<Version>{{1, 5, 8}}));
}

TEST(IdentifyImage, FallsBackToTheSvn) {
  Sigstruct s = make_test_image().sigstruct;
  s.svn_minor = 9;
  s.date_bcd = 0x20250505;
  EXPECT_EQ(identify_image(s, kKnown).releases, (std::vector<Version>{{1, 5, 13}}));
}

TEST(PublishedImagesTable, HasARowForEveryRelease) {
  const auto images = published_images();
  EXPECT_EQ(images.size(), abi::releases().size());
  std::size_t with_hash = 0;
  std::size_t with_svn = 0;
  for (const KnownImage& image : images) {
    with_hash += image.seamhash.has_value();
    with_svn += image.svn.has_value();
    EXPECT_TRUE(!image.date || image.date->ok());
  }
  EXPECT_GE(with_hash, 2u);
  EXPECT_GE(with_svn, 2u);
}

TEST(MayBe, DoubtsWhatContradictsTheImage) {
  Sigstruct sigstruct = make_test_image().sigstruct;  // SVN 1.5
  EXPECT_TRUE(may_be({1, 5, 6}, sigstruct, kKnown));
  EXPECT_FALSE(may_be({2, 0, 4}, sigstruct, kKnown)) << "another line";
  EXPECT_FALSE(may_be({1, 5, 5}, sigstruct, kKnown)) << "another hash";
  EXPECT_FALSE(may_be({1, 5, 16}, sigstruct, kKnown)) << "a lower SVN than an older release";
  sigstruct.svn_minor = 9;
  EXPECT_TRUE(may_be({1, 5, 16}, sigstruct, kKnown));
  sigstruct.svn_minor = 10;
  sigstruct.seamhash = hash_of(2);
  EXPECT_FALSE(may_be({1, 5, 13}, sigstruct, kKnown)) << "another SVN";
}

}  // namespace
}  // namespace tdxctl::image
