// SPDX-License-Identifier: MIT
#include "core/staging.h"

#include <gtest/gtest.h>

#include "unit/core/fake_store.h"

namespace tdxctl {
namespace {

using test::FakeStore;
using Bytes = std::vector<std::uint8_t>;

class Staging : public testing::Test {
 protected:
  Result<bool> stage(const Bytes& image, Version version = {1, 5, 20}) {
    StagedImage about;
    about.version = version;
    about.source = "/srv/image.blob";
    return stage_image(store_, image, about);
  }
  // The image that is staged and whole; empty for none.
  Bytes staged() {
    const auto about = read_staged(store_);
    EXPECT_TRUE(about) << about.error().what;
    if (!about || !*about) return {};
    const auto bytes = read_staged_image(store_, **about);
    EXPECT_TRUE(bytes) << bytes.error().what;
    return bytes ? *bytes : Bytes();
  }

  FakeStore store_;
  const Bytes old_ = Bytes(5000, 1);
  const Bytes new_ = Bytes(6000, 2);
};

TEST_F(Staging, KeepsTheImageAndWhatIsSaidOfIt) {
  ASSERT_EQ(stage(new_).value(), true);
  EXPECT_EQ(staged(), new_);
  const auto about = read_staged(store_);
  EXPECT_EQ((*about)->version, (Version{1, 5, 20}));
  EXPECT_EQ((*about)->source, "/srv/image.blob");
  EXPECT_EQ((*about)->bytes, new_.size());
  EXPECT_EQ((*about)->sha384, image::sha384(new_));
}

TEST_F(Staging, ReplacesAndLeavesNothingBehind) {
  ASSERT_TRUE(stage(old_));
  ASSERT_EQ(stage(new_).value(), true);
  EXPECT_EQ(staged(), new_);
  EXPECT_EQ(store_.documents.size(), 2u);
}

TEST_F(Staging, TheSameImageAgainChangesNothing) {
  ASSERT_TRUE(stage(new_));
  EXPECT_EQ(stage(new_).value(), false);
}

TEST_F(Staging, MendsTheSameImageWhereItIsDamaged) {
  ASSERT_TRUE(stage(new_));
  for (auto& [name, bytes] : store_.documents) {
    if (name != kManifest) bytes[9] ^= 1;
  }
  EXPECT_EQ(stage(new_).value(), true);
  EXPECT_EQ(staged(), new_);
}

TEST_F(Staging, KilledAtAnyPointItIsTheOldImageOrTheNewOne) {
  for (int changes = 0; changes < 4; ++changes) {
    store_ = {};
    ASSERT_TRUE(stage(old_));
    store_.changes_left = changes;
    const bool done = stage(new_).has_value();
    store_.changes_left = -1;
    EXPECT_EQ(done, changes >= 3);
    EXPECT_EQ(staged(), changes >= 2 ? new_ : old_) << changes;
    const std::size_t left = changes == 1 || changes == 2 ? 1 : 0;
    EXPECT_EQ(tidy_staged(store_).value(), left) << changes;
    EXPECT_EQ(store_.documents.size(), 2u) << changes;
    EXPECT_EQ(staged(), changes >= 2 ? new_ : old_) << changes;
  }
}

TEST_F(Staging, DiscardForgetsEverything) {
  ASSERT_TRUE(stage(old_));
  EXPECT_EQ(discard_staged(store_).value(), true);
  EXPECT_TRUE(store_.documents.empty());
  EXPECT_EQ(discard_staged(store_).value(), false);
}

TEST_F(Staging, AnAlteredImageIsNotTheStagedOne) {
  ASSERT_TRUE(stage(old_));
  const auto about = read_staged(store_);
  for (auto& [name, bytes] : store_.documents) {
    if (name != kManifest) bytes[9] ^= 1;
  }
  EXPECT_EQ(read_staged_image(store_, **about).error().id, ErrorId::store_damaged);
  std::erase_if(store_.documents, [](const auto& each) { return each.first != kManifest; });
  EXPECT_EQ(read_staged_image(store_, **about).error().id, ErrorId::store_damaged);
}

TEST_F(Staging, AManifestWithoutSenseIsDamageAndCanBeDiscarded) {
  for (const char* text : {"", "{", "[]", "{\"schema\": \"tdxctl.staged/1\"}", "null"}) {
    store_ = {};
    ASSERT_TRUE(stage(old_));
    store_.put(kManifest, text);
    const auto about = read_staged(store_);
    ASSERT_FALSE(about) << text;
    EXPECT_EQ(about.error().id, ErrorId::store_damaged);
    EXPECT_EQ(tidy_staged(store_).value(), 0u) << "nobody knows what to remove";
    EXPECT_EQ(discard_staged(store_).value(), true);
    EXPECT_TRUE(store_.documents.empty());
  }
}

TEST(Wanted, IsKeptUntilItIsCleared) {
  FakeStore store;
  EXPECT_EQ(read_wanted(store).value(), std::nullopt);
  EXPECT_EQ(set_wanted(store, Version{1, 5, 28}).value(), true);
  EXPECT_EQ(set_wanted(store, Version{1, 5, 28}).value(), false);
  EXPECT_EQ(read_wanted(store).value(), (Version{1, 5, 28}));
  EXPECT_EQ(set_wanted(store, std::nullopt).value(), true);
  EXPECT_EQ(set_wanted(store, std::nullopt).value(), false);
}

TEST(Wanted, NonsenseIsDamageAndCanBeReplaced) {
  FakeStore store;
  store.put(kWanted, "newest\n");
  EXPECT_EQ(read_wanted(store).error().id, ErrorId::store_damaged);
  EXPECT_EQ(set_wanted(store, Version{1, 5, 28}).value(), true);
  EXPECT_EQ(read_wanted(store).value(), (Version{1, 5, 28}));
}

}  // namespace
}  // namespace tdxctl
