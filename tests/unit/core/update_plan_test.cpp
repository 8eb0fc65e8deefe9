// SPDX-License-Identifier: MIT
#include "core/update_plan.h"

#include <gtest/gtest.h>

#include "unit/core/fake_drivers.h"
#include "unit/core/image/fit_host.h"

namespace tdxctl {
namespace {

using test::unseen_facts;

// A host on which nothing refuses an update to the image; each test breaks one thing.
class PlanUpdate : public testing::Test {
 protected:
  PlanUpdate() {
    const image::HostFacts fits = image::sapphire_rapids_host();
    host_.status.platform.packages = *fits.packages;
    host_.status.platform.lps_online = 8;
    host_.status.platform.lps_present = 8;
    host_.status.platform.hkids = HkidUse{0, 63};
    host_.status.platform.kernel_owns_module = true;
    host_.status.module_state = {ModuleState::ready, "helper"};
    host_.status.module_version = {*fits.module, "native"};
    host_.status.features0 = {*fits.features0, "helper"};
    host_.status.seamldr_version = {*fits.seamldr, "native"};
    host_.status.updates_left = {*fits.updates_left, "native"};
    host_.svn = {*fits.svn, "helper"};
    host_.module_hv = {*fits.module_hv, "helper"};
  }

  UpdatePlan plan() { return plan_update(candidate_, host_, updater_, options_); }
  std::string refusal() {
    const auto error = plan().refusal();
    return error ? std::string(error_info(error->id).name) : "none";
  }
  Verdict verdict(std::string_view name) {
    for (const Check& check : plan().checks) {
      if (check.name() == name) return check.verdict;
    }
    ADD_FAILURE() << "no check " << name;
    return Verdict::bad;
  }
  void by_helper() {
    updater_ = Served<Loader>{&loader_, "helper"};
    host_.status.platform.kernel_owns_module = false;
  }

  test::FakeLoader loader_;
  image::CatalogRelease release_ = image::listed_release({1, 5, 20});
  image::Candidate candidate_ = image::candidate_of(release_);
  UpdateHost host_ = {{.platform = unseen_facts(),
                       .module_state = {},
                       .module_version = {},
                       .features0 = {},
                       .seamldr_version = {},
                       .updates_left = {},
                       .kexec = {},
                       .drivers = {}},
                      {},
                      {}};
  Result<Served<Loader>> updater_ = Served<Loader>{&loader_, "native"};
  PlanOptions options_;
  const tl::unexpected<Error> unseen_ = fail(ErrorId::file_unreadable, "not seen");
};

TEST_F(PlanUpdate, RefusesNothingWhereEverythingHolds) {
  EXPECT_EQ(refusal(), "none");
  EXPECT_EQ(plan().driver, "native");
  EXPECT_FALSE(plan().up_to_date);
  EXPECT_EQ(plan().image_checks, candidate_.verification.size());
}

TEST_F(PlanUpdate, ChecksTheImageAndItsFit) {
  candidate_.sigstruct->svn_minor = 1;
  EXPECT_EQ(refusal(), "image_svn_lower");
  candidate_.verification = image::verify({}, image::test_options()).checks;
  EXPECT_EQ(refusal(), "image_too_short");
}

TEST_F(PlanUpdate, RefusesWhatItCouldNotCheck) {
  host_.svn = {unseen_, {}};
  EXPECT_EQ(refusal(), "image_fit_unknown");
}

TEST_F(PlanUpdate, NeedsADriverThatCan) {
  updater_ = fail(ErrorId::driver_unavailable, "no upload device");
  EXPECT_EQ(verdict("no_updater"), Verdict::bad);
  EXPECT_EQ(refusal(), "driver_unavailable");
  EXPECT_EQ(plan().driver, "");
  updater_ = fail(ErrorId::busy, "an upload is in progress");
  EXPECT_EQ(refusal(), "busy");
}

TEST_F(PlanUpdate, NeedsAModuleThatIsReady) {
  host_.status.module_state = {ModuleState::shut_down, "helper"};
  EXPECT_EQ(refusal(), "module_not_ready");
  host_.status.module_state = {unseen_, {}};
  EXPECT_EQ(refusal(), "image_fit_unknown");
}

TEST_F(PlanUpdate, NeedsAModuleThatHandsOver) {
  host_.status.features0 = {*host_.status.features0.value & ~std::uint64_t{2}, "helper"};
  EXPECT_EQ(refusal(), "module_cannot_update");
}

TEST_F(PlanUpdate, NeedsEveryLp) {
  host_.status.platform.lps_online = 7;
  EXPECT_EQ(refusal(), "lp_offline");
  host_.status.platform.lps_online = unseen_;
  EXPECT_EQ(verdict("lp_offline"), Verdict::unknown);
}

TEST_F(PlanUpdate, DoesNotGoBehindLinuxsBack) {
  by_helper();
  EXPECT_EQ(refusal(), "none");
  host_.status.platform.kernel_owns_module = true;
  EXPECT_EQ(refusal(), "kernel_owns_module");
  host_.status.platform.kernel_owns_module = unseen_;
  EXPECT_EQ(verdict("kernel_owns_module"), Verdict::unknown);
}

TEST_F(PlanUpdate, KeepsTdsUnlessNoneAreRequired) {
  host_.status.platform.hkids = HkidUse{2, 63};
  EXPECT_EQ(refusal(), "none");
  options_.require_no_tds = true;
  EXPECT_EQ(refusal(), "tds_in_use");
  host_.status.platform.hkids = HkidUse{0, 63};
  EXPECT_EQ(refusal(), "none");
  host_.status.platform.hkids = unseen_;
  EXPECT_EQ(refusal(), "image_fit_unknown");
}

TEST_F(PlanUpdate, SaysWhoGuardsATdThatIsBeingBuilt) {
  EXPECT_EQ(verdict("td_build_unguarded"), Verdict::ok) << "there are none";
  host_.status.platform.hkids = HkidUse{1, 63};
  EXPECT_EQ(verdict("td_build_unguarded"), Verdict::skipped) << "Linux does not ask for it";
  by_helper();
  EXPECT_EQ(verdict("td_build_unguarded"), Verdict::skipped) << "the module does not offer it";
  release_.features0 = *release_.features0 | std::uint64_t{1} << 47;
  host_.status.features0 = {*host_.status.features0.value | std::uint64_t{1} << 47, "helper"};
  EXPECT_EQ(verdict("td_build_unguarded"), Verdict::ok);
}

TEST_F(PlanUpdate, HasNothingToDoForTheRunningRelease) {
  candidate_.version = *host_.status.module_version.value;
  host_.status.updates_left = {0u, "native"};
  EXPECT_TRUE(plan().up_to_date);
  EXPECT_EQ(refusal(), "none");
}

TEST_F(PlanUpdate, TheHashTellsTheRunningModuleWhereItIsKnown) {
  host_.mrseam = candidate_.sigstruct->seamhash;
  EXPECT_EQ(refusal(), "image_other_module") << "the running module under the name of another release";
  candidate_.version = *host_.status.module_version.value;
  EXPECT_TRUE(plan().up_to_date);
  EXPECT_EQ(verdict("image_other_module"), Verdict::ok);
  host_.mrseam->front() ^= 1;
  EXPECT_FALSE(plan().up_to_date);
  EXPECT_EQ(refusal(), "image_other_module") << "another module under the name of the running release";
  host_.mrseam.reset();
  EXPECT_TRUE(plan().up_to_date) << "by its version alone";
  EXPECT_EQ(verdict("image_other_module"), Verdict::skipped);
}

TEST_F(PlanUpdate, ShowsThatTheKeyIsNotIntels) {
  EXPECT_EQ(verdict("other_key"), Verdict::skipped);
  EXPECT_EQ(refusal(), "none") << "whoever names a key knows";
  candidate_.sigstruct.reset();
  EXPECT_EQ(verdict("other_key"), Verdict::skipped);
}

TEST_F(PlanUpdate, WhatCouldNotBeSeenKeepsItsHint) {
  host_.svn = {fail(ErrorId::not_permitted, "not allowed"), {}};
  EXPECT_EQ(plan().refusal()->hint_text(), "run as root");
  host_.svn = {image::svn(*candidate_.sigstruct), "helper"};
  candidate_.release = nullptr;
  EXPECT_NE(plan().refusal()->hint_text().find("list of releases"), std::string_view::npos);
}

TEST_F(PlanUpdate, ABrokenImageIsNoRunningRelease) {
  candidate_.version = *host_.status.module_version.value;
  candidate_.verification = image::verify({}, image::test_options()).checks;
  EXPECT_FALSE(plan().up_to_date);
}

}  // namespace
}  // namespace tdxctl
