// SPDX-License-Identifier: MIT
#include "core/update_recover.h"

#include <gtest/gtest.h>

#include "core/history.h"
#include "fake_drivers.h"
#include "fake_store.h"

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

TEST_F(PlanRecovery, AModuleThatWasMeasuredLastAndIsNotReadyIsLost) {
  info().module_ready = false;
  info().mrseam.fill(0x11);
  HistoryEntry entry{.action = "apply", .result = "begun"};
  for (std::size_t i = 0; i < info().mrseam.size(); ++i) entry.image_sha384 += "22";
  ASSERT_TRUE(append_history(store_, entry));
  EXPECT_EQ(found(), RecoverCase::session_open) << "the old module is measured still";
  info().mrseam.fill(0x22);
  EXPECT_EQ(found(), RecoverCase::lost);
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
