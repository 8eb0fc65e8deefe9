// SPDX-License-Identifier: MIT
#include "core/image/select.h"

#include <gtest/gtest.h>

#include <deque>

#include "unit/core/image/fit_host.h"

namespace tdxctl::image {
namespace {

constexpr Policy kNewest = {Policy::Kind::newest};
constexpr Policy kSmallestStep = {Policy::Kind::smallest_step};
constexpr Policy pinned(Version version) { return {Policy::Kind::pinned, version}; }

class Select : public testing::Test {
 protected:
  Candidate& add(Version version) {
    releases_.push_back(listed_release(version));
    candidates_.push_back(candidate_of(releases_.back()));
    return candidates_.back();
  }
  Selection choose(const Policy& policy) { return select(candidates_, host_, policy); }
  std::string chosen(const Policy& policy) {
    const Selection selection = choose(policy);
    return selection.chosen ? to_string(*candidates_[*selection.chosen].version) : "none";
  }
  // The ids of the reasons against one candidate.
  std::set<std::string> reasons(const Policy& policy, std::size_t index) {
    for (const Rejected& rejected : choose(policy).rejected) {
      if (rejected.index != index) continue;
      std::set<std::string> names;
      for (const Check& check : rejected.reasons) names.emplace(check.name());
      return names;
    }
    return {"not rejected"};
  }

  HostFacts host_ = sapphire_rapids_host();
  std::deque<CatalogRelease> releases_;
  std::vector<Candidate> candidates_;
};

TEST_F(Select, TakesTheNewestThatFits) {
  add({1, 5, 20});
  add({1, 5, 34});
  add({1, 5, 24});
  EXPECT_EQ(chosen(kNewest), "1.5.34");
  EXPECT_EQ(reasons(kNewest, 0), std::set<std::string>{"image_passed_over"});
}

TEST_F(Select, LooksAtFitBeforeVersion) {
  add({1, 5, 24});
  add({1, 5, 25}).sigstruct->cpus[0] = 0xA06F0;
  EXPECT_EQ(chosen(kNewest), "1.5.24");
  EXPECT_EQ(reasons(kNewest, 1), std::set<std::string>{"image_cpu_not_listed"});
}

TEST_F(Select, TakesTheSmallestStepUpwards) {
  add({1, 5, 34});
  add({1, 5, 16});
  add({1, 5, 13});
  add({1, 5, 20});
  EXPECT_EQ(chosen(kSmallestStep), "1.5.20");
  EXPECT_EQ(reasons(kSmallestStep, 1), std::set<std::string>{"image_already_running"});
  EXPECT_EQ(reasons(kSmallestStep, 2), std::set<std::string>{"image_older_version"});
}

TEST_F(Select, TakesThePinnedReleaseOnly) {
  add({1, 5, 20});
  add({1, 5, 34});
  EXPECT_EQ(chosen(pinned({1, 5, 20})), "1.5.20");
  EXPECT_EQ(reasons(pinned({1, 5, 20}), 1), std::set<std::string>{"image_not_pinned"});
  EXPECT_EQ(chosen(pinned({1, 5, 24})), "none");
}

TEST_F(Select, HoldsThePinnedReleaseToEveryRule) {
  add({1, 5, 34}).sigstruct->svn_minor = 1;
  EXPECT_EQ(chosen(pinned({1, 5, 34})), "none");
  EXPECT_EQ(reasons(pinned({1, 5, 34}), 0), std::set<std::string>{"image_svn_lower"});
}

TEST_F(Select, NeverTakesWhatMayNotFit) {
  add({1, 5, 34}).release = nullptr;
  EXPECT_EQ(chosen(kNewest), "none");
  EXPECT_FALSE(choose(kNewest).up_to_date);
  EXPECT_TRUE(reasons(kNewest, 0).contains("image_seamldr_too_old"));
}

TEST_F(Select, TakesNothingWhereTheHostIsNotKnown) {
  host_ = {};
  add({1, 5, 34});
  EXPECT_EQ(chosen(kNewest), "none");
  EXPECT_EQ(chosen(pinned({1, 5, 34})), "none");
  EXPECT_FALSE(choose(kNewest).up_to_date);
}

TEST_F(Select, NeverTakesAnImageThatIsNotSound) {
  TestImage image = make_test_image();
  image.sigstruct.date_bcd ^= 1;
  add({1, 5, 34}).verification = verify(image.file(), test_options()).checks;
  EXPECT_EQ(chosen(kNewest), "none");
  EXPECT_EQ(reasons(kNewest, 0), std::set<std::string>{"image_signature"});
}

TEST_F(Select, NamesTheSecondFileOfOneReleaseADuplicate) {
  add({1, 5, 34});
  add({1, 5, 34});
  EXPECT_EQ(choose(kNewest).chosen, 0u);
  EXPECT_EQ(reasons(kNewest, 1), std::set<std::string>{"image_duplicate"});
}

TEST_F(Select, SaysWhenThereIsNothingToDo) {
  add({1, 5, 16});
  add({1, 5, 13});
  EXPECT_EQ(chosen(kNewest), "none");
  EXPECT_TRUE(choose(kNewest).up_to_date);
  EXPECT_TRUE(choose(kSmallestStep).up_to_date);
  EXPECT_TRUE(choose(pinned({1, 5, 16})).up_to_date);
  EXPECT_FALSE(choose(pinned({1, 5, 20})).up_to_date);
}

TEST_F(Select, HasNothingToDoWhereNothingNewerFits) {
  add({1, 5, 13});
  EXPECT_TRUE(choose(kNewest).up_to_date);
  add({1, 5, 25}).sigstruct->cpus[0] = 0xA06F0;
  EXPECT_TRUE(choose(kNewest).up_to_date);
  EXPECT_EQ(choose(kNewest).why, "1.5.16 is running, and nothing newer fits");
}

TEST_F(Select, DoesNotCallAnotherLineUpToDate) {
  add({2, 0, 18});
  EXPECT_FALSE(choose(kNewest).up_to_date);
}

TEST_F(Select, DoesNotSayUpToDateWhileAnotherImageMayFit) {
  add({1, 5, 16});
  add({1, 5, 34}).release = nullptr;
  EXPECT_EQ(chosen(kNewest), "none");
  EXPECT_FALSE(choose(kNewest).up_to_date);
}

TEST_F(Select, SaysUpToDateAlsoWhereNoUpdateIsLeftToMake) {
  host_.updates_left = 0;
  add({1, 5, 16});
  EXPECT_TRUE(choose(kNewest).up_to_date);
  add({1, 5, 34});
  EXPECT_EQ(chosen(kNewest), "none");
  EXPECT_FALSE(choose(kNewest).up_to_date);
  EXPECT_EQ(reasons(kNewest, 1), std::set<std::string>{"no_updates_left"});
}

TEST_F(Select, ExplainsEveryRejection) {
  add({1, 5, 34});
  add({1, 5, 20});
  add({1, 5, 13});
  add({2, 0, 18});
  add({1, 5, 16});
  const Selection selection = choose(kNewest);
  ASSERT_EQ(selection.rejected.size(), 4u);
  for (const Rejected& rejected : selection.rejected) {
    ASSERT_FALSE(rejected.reasons.empty());
    for (const Check& reason : rejected.reasons) EXPECT_FALSE(reason.evidence.empty());
  }
  EXPECT_EQ(selection.why, "1.5.34 fits and is what newest takes");
}

TEST_F(Select, TakesNothingFromNothing) {
  const Selection selection = choose(kNewest);
  EXPECT_EQ(selection.chosen, std::nullopt);
  EXPECT_FALSE(selection.up_to_date);
  EXPECT_TRUE(selection.rejected.empty());
}

TEST(ParsePolicy, ReadsWhatItWrites) {
  for (const char* text : {"newest", "smallest-step", "pinned=1.5.28"}) {
    EXPECT_EQ(to_string(*parse_policy(text)), text);
  }
  for (const char* text : {"", "Newest", "pinned", "pinned=", "pinned=1.5", "newest "}) {
    const auto policy = parse_policy(text);
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().id, ErrorId::usage);
  }
}

}  // namespace
}  // namespace tdxctl::image
