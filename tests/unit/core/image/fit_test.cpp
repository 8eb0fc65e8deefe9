// SPDX-License-Identifier: MIT
#include "core/image/fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "core/abi/status.h"
#include "unit/core/image/fit_host.h"

namespace tdxctl::image {
namespace {

struct Case {
  const char* name;
  ErrorId rule;
  Verdict verdict;
  std::function<void(HostFacts&, Candidate&, CatalogRelease&)> change;
  FitOptions options = {};
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

using enum ErrorId;
using H = HostFacts;
using C = Candidate;
using R = CatalogRelease;

const Case kCases[] = {
    {"NotVerified", image_not_verified, Verdict::unknown, [](H&, C& c, R&) { c.verification.clear(); }},
    {"NameOfAnotherRelease", image_wrong_name, Verdict::bad,
     [](H&, C& c, R&) {
       c.named = Version{1, 5, 24};
     }},
    {"RunningModuleUnderAnotherName", image_other_module, Verdict::bad,
     [](H& h, C& c, R&) { h.mrseam = c.sigstruct->seamhash; }},
    {"CpuOfASecondPackage", image_cpu_not_listed, Verdict::bad,
     [](H& h, C&, R&) { h.packages->at(1).fms = 0xC06F2; }},
    {"CpuListOfAnother", image_cpu_not_listed, Verdict::bad,
     [](H&, C& c, R&) { c.sigstruct->cpus[0] = 0xA06F0; }},
    {"CpusNotKnown", image_cpu_not_listed, Verdict::unknown, [](H& h, C&, R&) { h.packages.reset(); }},
    {"NoPackages", image_cpu_not_listed, Verdict::unknown, [](H& h, C&, R&) { h.packages->clear(); }},
    {"SeamldrOlder", image_seamldr_too_old, Verdict::bad,
     [](H&, C&, R& r) {
       r.seamldr_min = {{1, 5, 4}};
     }},
    {"SeamldrOfNoListedLine", image_seamldr_too_old, Verdict::bad,
     [](H&, C&, R& r) {
       r.seamldr_min = {{2, 0, 0}};
     }},
    {"SeamldrNotKnown", image_seamldr_too_old, Verdict::unknown, [](H& h, C&, R&) { h.seamldr.reset(); }},
    {"OtherLine", image_other_line, Verdict::bad,
     [](H&, C& c, R&) {
       c.version = Version{2, 0, 18};
     }},
    {"OlderVersion", image_older_version, Verdict::bad,
     [](H&, C& c, R&) {
       c.version = Version{1, 5, 13};
     }},
    {"RunningTooOld", image_running_too_old, Verdict::bad,
     [](H&, C&, R& r) {
       r.min_running = {1, 5, 17};
     }},
    {"NotStrict",
     image_not_strict,
     Verdict::bad,
     [](H&, C&, R& r) { r.strictly_compatible_with->clear(); },
     {.strict = true}},
    {"NoStrictList",
     image_not_strict,
     Verdict::unknown,
     [](H&, C&, R& r) { r.strictly_compatible_with.reset(); },
     {.strict = true}},
    {"SvnOfOtherLine", image_svn_line, Verdict::bad, [](H&, C& c, R&) { c.sigstruct->svn_major = 3; }},
    {"SvnLower", image_svn_lower, Verdict::bad, [](H&, C& c, R&) { c.sigstruct->svn_minor = 4; }},
    {"HandoffTooOld", image_handoff_version, Verdict::bad,
     [](H&, C& c, R&) {
       c.sigstruct->module_hv = 2;
       c.sigstruct->min_update_hv = 1;
     }},
    {"HandoffTooNew", image_handoff_version, Verdict::bad, [](H& h, C&, R&) { h.module_hv = 1; }},
    {"HandoffNotKnown", image_handoff_version, Verdict::unknown, [](H& h, C&, R&) { h.module_hv.reset(); }},
    {"DebugSigned", image_debug_signed, Verdict::bad,
     [](H&, C& c, R&) { c.sigstruct->module_type = 1u << 31; }},
    {"NoUpdatesLeft", no_updates_left, Verdict::bad, [](H& h, C&, R&) { h.updates_left = 0; }},
    {"UpdatesLeftNotKnown", no_updates_left, Verdict::unknown, [](H& h, C&, R&) { h.updates_left.reset(); }},
    {"FeatureLost", image_features_lost, Verdict::bad, [](H& h, C&, R&) { *h.features0 |= 1ull << 50; }},
    {"FeatureOfThePlatform", image_features_lost, Verdict::unknown,
     [](H& h, C&, R&) { *h.features0 |= 1ull << 6; }},
    {"FeaturesNotKnown", image_features_lost, Verdict::unknown, [](H& h, C&, R&) { h.features0.reset(); }},
    {"FeaturesNotListed", image_features_lost, Verdict::unknown, [](H&, C&, R& r) { r.features0.reset(); }},
};

class OneThingWrong : public testing::TestWithParam<Case> {};

TEST_P(OneThingWrong, IsSaidByItsOwnRuleAlone) {
  HostFacts host = sapphire_rapids_host();
  CatalogRelease release = listed_release({1, 5, 20});
  Candidate candidate = candidate_of(release);
  GetParam().change(host, candidate, release);
  const Assessment assessment = assess(candidate, host, GetParam().options);
  const std::set<std::string> name = {std::string(error_info(GetParam().rule).name)};
  EXPECT_EQ(names_of(GetParam().verdict, assessment.checks), name);
  EXPECT_EQ(names_of(GetParam().verdict == Verdict::bad ? Verdict::unknown : Verdict::bad, assessment.checks),
            std::set<std::string>{});
  EXPECT_EQ(assessment.verdict(), GetParam().verdict == Verdict::bad ? Fit::unfit : Fit::unknown);
}

INSTANTIATE_TEST_SUITE_P(Assess, OneThingWrong, testing::ValuesIn(kCases),
                         [](const auto& one) { return one.param.name; });

TEST(Assess, HasATestThatBreaksEveryRule) {
  std::set<std::string> broken;
  for (const Case& one : kCases) broken.emplace(error_info(one.rule).name);
  const CatalogRelease release = listed_release({1, 5, 20});
  std::set<std::string> rules;
  for (const Check& check : assess(candidate_of(release), sapphire_rapids_host()).checks) {
    rules.emplace(check.name());
  }
  EXPECT_EQ(broken, rules);
}

TEST(Assess, FindsThatAFittingImageFits) {
  const CatalogRelease release = listed_release({1, 5, 20});
  HostFacts host = sapphire_rapids_host();
  host.mrseam = Sha384{0xEE};
  const Assessment assessment = assess(candidate_of(release), host, {.strict = true});
  EXPECT_EQ(assessment.verdict(), Fit::fits);
  for (const Check& check : assessment.checks) EXPECT_EQ(check.verdict, Verdict::ok) << check.name();
}

TEST(Assess, NeverSaysOkOfAHostOfWhichNothingIsKnown) {
  const CatalogRelease release = listed_release({1, 5, 20});
  const Assessment assessment = assess(candidate_of(release), {});
  EXPECT_EQ(assessment.verdict(), Fit::unknown);
  EXPECT_EQ(names_of(Verdict::ok, assessment.checks),
            (std::set<std::string>{"image_not_verified", "image_debug_signed", "image_wrong_name"}));
}

TEST(Assess, NeverSaysOkOfAnImageThatNoCatalogLists) {
  const CatalogRelease release = listed_release({1, 5, 20});
  Candidate candidate = candidate_of(release);
  candidate.release = nullptr;
  const Assessment assessment = assess(candidate, sapphire_rapids_host());
  EXPECT_EQ(assessment.verdict(), Fit::unknown);
  EXPECT_EQ(names_of(Verdict::unknown, assessment.checks),
            (std::set<std::string>{"image_seamldr_too_old", "image_running_too_old", "image_features_lost"}));
}

TEST(Assess, MentionsTheStrictListWithoutInsisting) {
  CatalogRelease release = listed_release({1, 5, 20});
  release.strictly_compatible_with->clear();
  HostFacts host = sapphire_rapids_host();
  host.mrseam = Sha384{0xEE};
  const Assessment assessment = assess(candidate_of(release), host);
  EXPECT_EQ(assessment.verdict(), Fit::fits);
  EXPECT_EQ(names_of(Verdict::skipped, assessment.checks), std::set<std::string>{"image_not_strict"});
}

TEST(Assess, NeverSaysOkOfAnImageThatIsBroken) {
  const CatalogRelease release = listed_release({1, 5, 20});
  Candidate candidate = candidate_of(release);
  candidate.verification.front().verdict = Verdict::bad;
  EXPECT_FALSE(
      names_of(Verdict::ok, assess(candidate, sapphire_rapids_host()).checks).contains("image_not_verified"));
}

TEST(Assess, TellsANameThatCannotBeFromOneThatTellsNothing) {
  const CatalogRelease release = listed_release({1, 5, 20});
  Candidate candidate = candidate_of(release);
  const auto name = [&] {
    const auto checks = assess(candidate, sapphire_rapids_host()).checks;
    return *std::ranges::find(checks, image_wrong_name, &Check::id);
  };
  candidate.version_by_name = true;
  EXPECT_EQ(name().verdict, Verdict::skipped);
  candidate.version.reset();
  EXPECT_EQ(name().verdict, Verdict::unknown);
  EXPECT_NE(name().hint.find("tdx_module_1.5.28.blob"), std::string::npos);
  candidate.named = Version{2, 0, 18};
  EXPECT_EQ(name().verdict, Verdict::bad);
}

TEST(Assess, BelievesNoRowThatAnotherContradicts) {
  CatalogRelease release = listed_release({1, 5, 20});
  release.contradicted = true;
  const Assessment assessment = assess(candidate_of(release), sapphire_rapids_host());
  EXPECT_EQ(names_of(Verdict::unknown, assessment.checks),
            (std::set<std::string>{"image_seamldr_too_old", "image_running_too_old", "image_features_lost"}));
}

TEST(IsRunning, GoesByTheHashAndByTheVersionWhereThatIsAllThereIs) {
  const CatalogRelease release = listed_release({1, 5, 16});
  Candidate candidate = candidate_of(release);
  HostFacts host = sapphire_rapids_host();
  EXPECT_TRUE(is_running(candidate, host));
  host.mrseam = Sha384{0xEE};
  EXPECT_FALSE(is_running(candidate, host));
  host.mrseam = candidate.sigstruct->seamhash;
  EXPECT_TRUE(is_running(candidate, host));
  candidate.named = Version{1, 5, 20};
  EXPECT_FALSE(is_running(candidate, host)) << "whoever named it wants another release";
  candidate.named.reset();
  candidate.version.reset();
  EXPECT_TRUE(is_running(candidate, host));
}

TEST(Assess, AllowsADebugImageOnlyWhereAsked) {
  const CatalogRelease release = listed_release({1, 5, 20});
  Candidate candidate = candidate_of(release);
  candidate.sigstruct->module_type = 1u << 31;
  EXPECT_EQ(assess(candidate, sapphire_rapids_host()).verdict(), Fit::unfit);
  EXPECT_EQ(assess(candidate, sapphire_rapids_host(), {.allow_debug = true}).verdict(), Fit::fits);
}

TEST(Assess, TakesTheRunningReleaseAgain) {
  const CatalogRelease release = listed_release({1, 5, 16});
  EXPECT_EQ(assess(candidate_of(release), sapphire_rapids_host(), {.strict = true}).verdict(), Fit::fits);
}

TEST(Assess, RepeatsWhatVerificationFoundBad) {
  TestImage image = make_test_image();
  image.module[100] ^= 1;
  const CatalogRelease release = listed_release({1, 5, 20});
  Candidate candidate = candidate_of(release);
  candidate.verification = verify(image.file(), test_options()).checks;
  const Assessment assessment = assess(candidate, sapphire_rapids_host());
  EXPECT_EQ(assessment.verdict(), Fit::unfit);
  EXPECT_EQ(names_of(Verdict::bad, assessment.checks), std::set<std::string>{"image_seamhash"});
}

TEST(Assess, NamesErrorsThatTheSeamldrHas) {
  const CatalogRelease release = listed_release({1, 5, 20});
  for (const Check& check : assess(candidate_of(release), sapphire_rapids_host()).checks) {
    if (check.rule->seamldr_error.empty()) continue;
    EXPECT_FALSE(abi::find_status_codes(check.rule->seamldr_error, abi::Interface::p_seamldr).empty())
        << check.rule->seamldr_error;
  }
}

TEST(Assess, NeverSaysThatAnImageWithoutSigstructFits) {
  const CatalogRelease release = listed_release({1, 5, 20});
  Candidate candidate = candidate_of(release);
  candidate.sigstruct.reset();
  const Assessment assessment = assess(candidate, sapphire_rapids_host());
  EXPECT_EQ(assessment.verdict(), Fit::unknown);
  EXPECT_EQ(names_of(Verdict::ok, assessment.checks), std::set<std::string>{});
}

TEST(Assess, CountsBadAsWorseThanUnknown) {
  const CatalogRelease release = listed_release({1, 5, 20});
  HostFacts host = sapphire_rapids_host();
  host.updates_left = 0;
  host.module_hv.reset();
  EXPECT_EQ(assess(candidate_of(release), host).verdict(), Fit::unfit);
}

}  // namespace
}  // namespace tdxctl::image
