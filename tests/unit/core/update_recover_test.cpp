// SPDX-License-Identifier: MIT
#include "core/update_recover.h"

#include <gtest/gtest.h>

#include "core/history.h"
#include "core/image/hex_digits.h"
#include "fake_drivers.h"
#include "fake_store.h"
#include "image/fit_host.h"

namespace tdxctl {
namespace {

class PlanRecovery : public testing::Test {
 protected:
  PlanRecovery() { info().module_ready = info().module_measured = true; }

  SeamldrInfo& info() { return *host_.driver.at("helper")->loader_port.all; }
  Result<ModuleState>& state() { return host_.driver.at("helper")->module_port.now; }
  RecoverCase found() {
    const auto plan = plan_recovery(*host_.drivers, store_);
    if (!plan) ADD_FAILURE() << plan.error().what;
    return plan ? plan->found : RecoverCase::ready;
  }

  std::optional<ErrorId> refusal() {
    const auto plan = plan_recovery(*host_.drivers, store_);
    if (!plan) ADD_FAILURE() << plan.error().what;
    return plan && plan->refusal ? std::optional(plan->refusal->id) : std::nullopt;
  }
  std::map<std::uint64_t, std::uint64_t>& fields() { return host_.driver.at("helper")->module_port.fields; }
  /// To the image whose hash has this byte all over.
  void break_an_update_off(std::uint8_t hash) {
    HistoryEntry entry{.action = "apply", .result = "begun", .to = Version{1, 5, 28}};
    entry.image_sha384 = image::hex_digits(std::vector<std::uint8_t>(48, hash));
    entry.boot_id = "this";
    entry.features0 = 0xF;
    ASSERT_TRUE(append_history(store_, entry));
  }

  static constexpr std::uint64_t kHandoffValid = 0x8900000000000004;
  test::FakeDrivers host_{"helper"};
  test::FakeStore store_;
};

TEST_F(PlanRecovery, FollowsTheStateOfTheModule) {
  const std::pair<ModuleState, RecoverCase> cases[] = {
      {ModuleState::ready, RecoverCase::ready},
      {ModuleState::shut_down, RecoverCase::shut_down},
      {ModuleState::initialising, RecoverCase::not_ready},
      {ModuleState::not_initialised, RecoverCase::not_ready},
      {ModuleState::not_loaded, RecoverCase::lost},
  };
  for (const auto& [seen, expected] : cases) {
    state() = seen;
    EXPECT_EQ(found(), expected) << to_string(seen);
  }
}

TEST_F(PlanRecovery, WithoutAModuleTheLoaderTellsASessionFromALoss) {
  info().module_ready = false;
  state() = ModuleState::not_loaded;
  EXPECT_EQ(found(), RecoverCase::session_open);
  info().module_measured = false;
  EXPECT_EQ(found(), RecoverCase::lost);
}

TEST_F(PlanRecovery, AModuleThatTheLoaderCouldNotNoteIsLost) {
  info().module_ready = false;
  info().mrseam.fill(0x22);
  HistoryEntry entry{.action = "apply", .result = "failed", .outcome = "no-module"};
  for (std::size_t i = 0; i < info().mrseam.size(); ++i) entry.image_sha384 += "22";
  // The same image can be taken up again, and an LP miss its session: the TDs are kept.
  entry.status = 0x8000FF00FFFF0000;
  ASSERT_TRUE(append_history(store_, entry));
  EXPECT_EQ(found(), RecoverCase::session_open);
  entry.status = 0x8000000000030001;
  ASSERT_TRUE(append_history(store_, entry));
  EXPECT_EQ(found(), RecoverCase::lost);
  info().mrseam.fill(0x11);
  EXPECT_EQ(found(), RecoverCase::session_open) << "the old module is measured still";
}

TEST_F(PlanRecovery, AModuleThatIsNotReadySaysItselfWhetherAnUpdateWaits) {
  state() = ModuleState::initialising;
  EXPECT_EQ(refusal(), ErrorId::nothing_to_recover) << "neither the module nor the history knows of one";
  EXPECT_FALSE(plan_recovery(*host_.drivers, store_)->can_recover);
  fields()[kHandoffValid] = 1;
  EXPECT_EQ(refusal(), std::nullopt);
  fields()[kHandoffValid] = 0;
  break_an_update_off(0x33);
  EXPECT_EQ(refusal(), ErrorId::nothing_to_recover) << "the module holds nothing of it";
  EXPECT_EQ(plan_recovery(*host_.drivers, store_)->words.find("kept"), std::string_view::npos);
  fields().clear();
  EXPECT_EQ(refusal(), std::nullopt) << "the history counts where the module does not tell";
}

TEST_F(PlanRecovery, AnUpdateOfAnotherBootIsOver) {
  state() = ModuleState::not_initialised;
  break_an_update_off(0x33);
  host_.platform->boot = "another";
  EXPECT_EQ(refusal(), ErrorId::nothing_to_recover);
}

TEST_F(PlanRecovery, TheHistoryKnowsWhatIsTakenUp) {
  state() = ModuleState::initialising;
  fields()[kHandoffValid] = 1;
  EXPECT_FALSE(plan_recovery(*host_.drivers, store_)->goal);
  break_an_update_off(0x33);
  EXPECT_FALSE(plan_recovery(*host_.drivers, store_)->goal) << "another module is measured";
  info().mrseam.fill(0x33);
  const auto plan = plan_recovery(*host_.drivers, store_);
  ASSERT_TRUE(plan->goal && plan->broken_off);
  EXPECT_EQ(plan->goal->version, (Version{1, 5, 28}));
  EXPECT_EQ(plan->goal->seamhash, info().mrseam);
  EXPECT_EQ(plan->broken_off->features0, 0xFu);
}

TEST_F(PlanRecovery, WhereLinuxHadTheModuleOnlyARebootLeadsOn) {
  info().module_ready = info().module_measured = false;
  host_.platform->now.kernel_owns_module = true;
  EXPECT_EQ(refusal(), ErrorId::module_lost);
  host_.platform->now.kernel_owns_module = false;
  EXPECT_EQ(refusal(), std::nullopt);
}

class CheckRecoveryImage : public PlanRecovery {
 protected:
  CheckRecoveryImage() {
    host_.platform->now.packages = std::vector<Package>{{0, 0x806F8, 8}};
    info().version = {1, 5, 3};
    info().svn_major = image::svn(*candidate_.sigstruct).major;
    info().svn_minor = image::svn(*candidate_.sigstruct).minor;
    info().updates_left = 3;
  }
  Verdict verdict(ErrorId id, UpdateFrom from = UpdateFrom::install) {
    for (const Check& check : check_recovery_image(*host_.drivers, candidate_, from)) {
      if (check.id() == id) return check.verdict;
    }
    return Verdict::skipped;
  }

  image::CatalogRelease release_ = image::listed_release({1, 5, 20});
  image::Candidate candidate_ = image::candidate_of(release_);
};

TEST_F(CheckRecoveryImage, AsksWhatTheLoaderWillAsk) {
  EXPECT_EQ(verdict(ErrorId::image_cpu_not_listed), Verdict::ok);
  EXPECT_EQ(verdict(ErrorId::image_svn_lower), Verdict::ok);
  EXPECT_EQ(verdict(ErrorId::image_handoff_version), Verdict::unknown);
  host_.platform->now.packages = std::vector<Package>{{0, 0x806F8, 8}, {1, 0xA06D1, 8}};
  EXPECT_EQ(verdict(ErrorId::image_cpu_not_listed), Verdict::bad);
  info().svn_minor += 1;
  EXPECT_EQ(verdict(ErrorId::image_svn_lower), Verdict::bad);
  info().svn_major += 1;
  EXPECT_EQ(verdict(ErrorId::image_svn_line), Verdict::bad);
  info().updates_left = 0;
  EXPECT_EQ(verdict(ErrorId::no_updates_left), Verdict::bad);
}

TEST_F(CheckRecoveryImage, ALoadHasNoModuleToCompareWith) {
  info().svn_major += 1;
  info().updates_left = 0;
  EXPECT_EQ(verdict(ErrorId::image_svn_line, UpdateFrom::load), Verdict::skipped);
  EXPECT_EQ(verdict(ErrorId::no_updates_left, UpdateFrom::load), Verdict::skipped);
  EXPECT_EQ(verdict(ErrorId::image_cpu_not_listed, UpdateFrom::load), Verdict::ok);
}

TEST_F(PlanRecovery, WhatIsLostIsBroughtUpAsItWas) {
  info().module_ready = info().module_measured = false;
  EXPECT_EQ(plan_recovery(*host_.drivers, store_)->features, 0u);
  host_.driver.at("helper")->module_port.built = std::optional<std::uint64_t>(0x40);
  EXPECT_EQ(plan_recovery(*host_.drivers, store_)->features, 0x40u);
}

TEST_F(PlanRecovery, AnUnfinishedDisableIsNotItsBusiness) {
  state() = ModuleState::disabling;
  EXPECT_EQ(plan_recovery(*host_.drivers, store_).error().id, ErrorId::module_state);
}

TEST_F(PlanRecovery, WhatCannotBeAskedIsNotGuessed) {
  state() = fail(ErrorId::seamcall_failed, "odd");
  EXPECT_EQ(plan_recovery(*host_.drivers, store_).error().id, ErrorId::seamcall_failed);
  host_.driver.at("helper")->no_loader = Error{ErrorId::helper_not_loaded, "no helper"};
  EXPECT_EQ(plan_recovery(*host_.drivers, store_).error().id, ErrorId::helper_not_loaded);
}

TEST_F(PlanRecovery, EveryCaseHasItsWords) {
  for (const auto each : {RecoverCase::ready, RecoverCase::shut_down, RecoverCase::session_open,
                          RecoverCase::not_ready, RecoverCase::lost}) {
    EXPECT_FALSE(to_string(each).empty());
  }
}

}  // namespace
}  // namespace tdxctl
