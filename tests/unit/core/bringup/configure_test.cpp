// SPDX-License-Identifier: MIT
#include "core/bringup/configure.h"

#include "unit/core/bringup/configure_host.h"

namespace tdxctl::bringup {
namespace {

TEST_F(Configure, BringsTheModuleUp) {
  const ConfigureResult result = run();
  ASSERT_FALSE(result.error) << result.error->what;
  EXPECT_TRUE(result.changed);
  EXPECT_EQ(result.state_after, ModuleState::ready);
  EXPECT_FALSE(result.outcome.empty());
  EXPECT_EQ(result.pamt_bytes, result.plan.plan.pamt_bytes());
  EXPECT_EQ(result.proof.size(), 4u);
  EXPECT_EQ(module().give_ups, 0);
}

TEST_F(Configure, TellsHowLongEachStepTook) {
  const ConfigureResult result = run();
  std::vector<std::pair<std::string_view, std::int64_t>> steps;
  for (const StepTime& step : result.steps) steps.emplace_back(step.name, step.took.count());
  EXPECT_EQ(steps,
            (std::vector<std::pair<std::string_view, std::int64_t>>{
                {"init", 11}, {"lp-init", 22}, {"config", 100}, {"key-config", 100}, {"tdmr-init", 200}}));
}

TEST_F(Configure, ShowsStepsAndTdmrsAsTheyAreDone) {
  run();
  ASSERT_GE(watcher_.seen.size(), 5u);
  EXPECT_EQ(watcher_.seen.front().step, "init");
  const ConfigureProgress half = *(watcher_.seen.end() - 2), whole = watcher_.seen.back();
  EXPECT_EQ(half.step, "tdmr-init");
  EXPECT_EQ(half.gibs_done, 4u);
  EXPECT_EQ(half.tdmrs_done, 0u);
  EXPECT_EQ(whole.gibs_done, 6u);
  EXPECT_EQ(whole.gibs, 6u);
  EXPECT_EQ(whole.tdmrs_done, 1u);
  EXPECT_EQ(whole.tdmrs, 1u);
}

TEST_F(Configure, OrdersVersion0WithoutFeatures) {
  options_.request.wall_clock = WallClock::now;
  options_.now = std::chrono::sys_seconds{std::chrono::seconds{1'800'000'000}};
  run();
  const BringUpOrder& order = module().orders.front();
  EXPECT_EQ(order.tdmrs, (std::vector<BringUpTdmr>{{4, 6, 0}}));
  EXPECT_EQ(order.config_version, 0);
  EXPECT_EQ(order.features, 0u);
  EXPECT_EQ(order.wall_clock_s, 0u) << "version 0 has no such operand";
  EXPECT_FALSE(order.dynamic_pamt);
}

TEST_F(Configure, OrdersVersion1WithFeatures) {
  ask_for_connect();
  run();
  EXPECT_EQ(module().orders.front().config_version, 1);
  EXPECT_EQ(module().orders.front().features, kConnect);
  EXPECT_EQ(module().orders.front().wall_clock_s, 0u);
}

TEST_F(Configure, PassesTheTimeThatIsAskedFor) {
  ask_for_connect();
  options_.request.wall_clock = WallClock::now;
  options_.now = std::chrono::sys_seconds{std::chrono::seconds{1'800'000'000}};
  run();
  EXPECT_EQ(module().orders.front().wall_clock_s, 1'800'000'000u);
}

TEST_F(Configure, AsksForDynamicPamtByItsOwnOption) {
  options_.request.features = kDynamicPamt;
  for (auto& slice : module().build_slices) slice->pamt_bytes = pamt_of(6 * kGiB, {}, true).bytes();
  const ConfigureResult result = run();
  ASSERT_FALSE(result.error) << result.error->what;
  EXPECT_TRUE(module().orders.front().dynamic_pamt);
  EXPECT_EQ(module().orders.front().features, 0u);
  EXPECT_EQ(module().orders.front().config_version, 0);
}

TEST_F(Configure, TakesAModuleThatIsInitialised) {
  module().now = ModuleState::initialising;
  module().fields = module().fields_once_initialised;
  EXPECT_FALSE(run().error);
}

// Nothing to do.

TEST_F(Configure, AModuleThatIsReadyWillDoWhereNoFeaturesAreAskedFor) {
  be_ready();
  for (const bool owned : {false, true}) {
    platform().kernel_owns_module = owned;
    const ConfigureResult result = run();
    EXPECT_FALSE(result.error);
    EXPECT_FALSE(result.changed);
    EXPECT_FALSE(result.outcome.empty());
  }
  EXPECT_FALSE(was_touched());
}

TEST_F(Configure, TheSecondRunHasNothingToDo) {
  ask_for_connect();
  EXPECT_TRUE(run().changed);
  module().init_calls = 0;
  module().orders.clear();
  for (const bool take_over : {false, true}) {
    options_.request.take_over = take_over;
    platform().kernel_owns_module = take_over;  // Linux does not notice that it was taken over
    const ConfigureResult again = run();
    EXPECT_FALSE(again.error);
    EXPECT_FALSE(again.changed);
    EXPECT_NE(again.plan.plan.checks.front().verdict, Verdict::bad)
        << "it has the features that are asked for";
  }
  EXPECT_FALSE(was_touched());
}

// Refused before anything is done.

TEST_F(Configure, AModuleThatCouldNotBeTakenBackOnlyLooksReady) {
  be_ready();
  module().built = fail(ErrorId::bring_up_not_taken_back, "a bring-up has failed");
  EXPECT_EQ(error_id(), ErrorId::bring_up_not_taken_back);
  ask_for_connect();
  EXPECT_EQ(error_id(), ErrorId::bring_up_not_taken_back);
  EXPECT_FALSE(was_touched());
  // Loaded anew, or never ready: the driver gives the memory back when it begins.
  module().now = ModuleState::not_initialised;
  EXPECT_NE(error_id(), ErrorId::bring_up_not_taken_back);
  EXPECT_TRUE(was_touched());
}

TEST_F(Configure, AModuleThatAnotherProgramIsBringingUpOnlyLooksReady) {
  be_ready();
  module().built = fail(ErrorId::busy, "another program is bringing the TDX module up");
  EXPECT_EQ(error_id(), ErrorId::busy);
  ask_for_connect();
  EXPECT_EQ(error_id(), ErrorId::busy);
  options_.request.take_over = true;
  EXPECT_EQ(error_id(), ErrorId::busy);
  EXPECT_FALSE(was_touched());
}

TEST_F(Configure, OtherFeaturesAreRefused) {
  be_ready();
  ask_for_connect();
  for (const auto& built : {std::optional<std::uint64_t>{}, std::optional<std::uint64_t>{0}}) {
    module().built = built;
    EXPECT_EQ(error_id(), ErrorId::module_features_differ);
  }
  module().built = fail(ErrorId::not_permitted, "denied");
  EXPECT_EQ(error_id(), ErrorId::module_features_differ);
  EXPECT_FALSE(was_touched());
}

TEST_F(Configure, FeaturesThatTheModuleLacksAreMissingRatherThanDifferent) {
  be_ready();
  module().fields[kFeatures0Id] = 0;
  options_.request.features = kConnect;
  EXPECT_EQ(error_id(), ErrorId::feature_missing) << "taking it over would not help";
}

TEST_F(Configure, ARuleThatIsBrokenRefuses) {
  platform().hibernation_possible = true;
  EXPECT_EQ(error_id(), ErrorId::hibernation_possible);
  EXPECT_FALSE(was_touched());
}

TEST_F(Configure, WhatNoModuleTellsHasToBeKnownFirst) {
  platform().kernel_owns_module = fail(ErrorId::file_unreadable, "not seen");
  EXPECT_EQ(error_id(), ErrorId::kernel_owns_module);
  EXPECT_FALSE(was_touched());
}

TEST_F(Configure, AModuleWhoseStateCannotBeSeenIsLeftAlone) {
  module().now = fail(ErrorId::seamcall_ud, "no VMX");
  EXPECT_EQ(error_id(), ErrorId::seamcall_ud);
  EXPECT_FALSE(was_touched());
}

TEST_F(Configure, ADriverThatCannotSaysWhy) {
  module().can_build = fail(ErrorId::helper_mismatch, "too old");
  EXPECT_EQ(error_id(), ErrorId::helper_mismatch);
  host_.driver.at("helper")->no_module = Error{ErrorId::helper_not_loaded, "not loaded"};
  EXPECT_EQ(error_id(), ErrorId::helper_not_loaded);
}

TEST_F(Configure, WithoutAMemoryMapThereIsNoResult) {
  host_.platform->ram = fail(ErrorId::not_permitted, "hidden");
  const auto result = configure(*host_.drivers, store_, options_, clock_, watcher_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().id, ErrorId::not_permitted);
}

TEST_F(Configure, AModuleThatTheKernelOwnsIsLeftToIt) {
  platform().kernel_owns_module = true;  // and somebody has disabled it
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::kernel_owns_module);
  EXPECT_NE(result.error->hint_text().find("--take-over"), std::string_view::npos);
  EXPECT_FALSE(was_touched());
}

TEST_F(Configure, ASignalBeforeTheFirstCallChangesNothing) {
  clock_.signal_after = 0;
  EXPECT_EQ(error_id(), ErrorId::interrupted);
  EXPECT_FALSE(was_touched());
}

// Refused by what the initialised module tells.

TEST_F(Configure, AnInitialisedModuleHasToTellAll) {
  module().fields_once_initialised.erase(kNumCmrs);
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::ram_outside_cmrs);
  EXPECT_NE(result.error->what.find("TDH.SYS.INIT"), std::string::npos) << result.error->what;
  EXPECT_TRUE(result.changed) << "it was initialised";
  EXPECT_EQ(result.state_after, ModuleState::initialising);
  EXPECT_TRUE(module().orders.empty());
}

TEST_F(Configure, AnInitialisedModuleHasToHaveTheFeatures) {
  options_.request.features = kConnect;
  module().fields_once_initialised[kFeatures0Id] = 0;
  EXPECT_EQ(error_id(), ErrorId::feature_missing);
  EXPECT_TRUE(module().orders.empty());
}

TEST_F(Configure, AModuleThatStaysAsItWasIsNotConfigured) {
  module().once_initialised = ModuleState::not_initialised;
  module().fields_once_initialised.clear();
  EXPECT_EQ(error_id(), ErrorId::ram_outside_cmrs);
  EXPECT_TRUE(module().orders.empty());
}

// Updates that were broken off.

TEST_F(Configure, AnUpdateWhoseDataTheModuleHoldsIsNotThrownAway) {
  module().fields_once_initialised[kHandoffValid] = 1;
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::update_broken_off);
  EXPECT_NE(result.error->hint_text().find("update recover"), std::string_view::npos);
  EXPECT_TRUE(module().orders.empty());
}

TEST_F(Configure, AnUpdateBeforeTheLastRebootIsOver) {
  break_an_update_off();
  EXPECT_FALSE(run().error) << "the module holds no data of it";
}

TEST_F(Configure, WhereTheModuleDoesNotTellTheHistoryCounts) {
  break_an_update_off();
  module().fields_once_initialised.erase(kHandoffValid);
  EXPECT_EQ(error_id(), ErrorId::update_broken_off);
  EXPECT_TRUE(module().orders.empty());
  module().now = ModuleState::shut_down;
  module().fields.clear();
  EXPECT_EQ(error_id(), ErrorId::update_broken_off);
}

TEST_F(Configure, AnUpdateThatWasDoneIsNotInTheWay) {
  break_an_update_off();
  ASSERT_TRUE(append_history(store_, {.action = "recover", .result = "done"}));
  module().fields_once_initialised.erase(kHandoffValid);
  EXPECT_FALSE(run().error);
}

// Taking over.

TEST_F(Configure, TakesOverFromTheKernel) {
  be_ready();
  platform().kernel_owns_module = true;
  options_.request.take_over = true;
  const ConfigurePlan planned = plan();
  EXPECT_FALSE(refusal(planned));
  EXPECT_TRUE(planned.disable);
  EXPECT_EQ(planned.consequences.size(), 2u);
  const ConfigureResult result = run();
  ASSERT_FALSE(result.error) << result.error->what;
  EXPECT_TRUE(result.changed);
  EXPECT_EQ(module().disable_calls, 1);
  EXPECT_EQ(result.steps.front().name, "disable");
}

TEST_F(Configure, TakesOverForOtherFeatures) {
  be_ready();
  ask_for_connect();
  module().fields = module().fields_once_initialised;
  module().built = 0;
  options_.request.take_over = true;
  EXPECT_TRUE(plan().consequences.empty()) << "nobody else uses it";
  const ConfigureResult result = run();
  ASSERT_FALSE(result.error) << result.error->what;
  EXPECT_EQ(module().built, kConnect);
}

TEST_F(Configure, TakesOverWhatSomebodyHasDisabled) {
  platform().kernel_owns_module = true;
  options_.request.take_over = true;
  EXPECT_FALSE(plan().consequences.empty());
  EXPECT_FALSE(plan().disable);
  EXPECT_FALSE(run().error);
  EXPECT_EQ(module().disable_calls, 0);
}

TEST_F(Configure, NeverTakesOverWhereTdsAreAlive) {
  be_ready();
  platform().kernel_owns_module = true;
  platform().hkids = HkidUse{1, 15};
  options_.request.take_over = true;
  EXPECT_EQ(error_id(), ErrorId::tds_in_use);
  EXPECT_FALSE(was_touched());
}

TEST_F(Configure, AModuleThatCannotBeDisabledCannotBeTakenOver) {
  be_ready();
  module().fields[kFeatures0Id] = 0;
  platform().kernel_owns_module = true;
  options_.request.take_over = true;
  EXPECT_EQ(error_id(), ErrorId::module_cannot_disable);
  EXPECT_FALSE(was_touched());
}

TEST_F(Configure, StopsWhereItCouldNotBeDisabled) {
  be_ready();
  platform().kernel_owns_module = true;
  options_.request.take_over = true;
  module().slices = {DisableSlice{.finished = true, .status = kUndocumented, .calls = 1}};
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::seamcall_failed);
  EXPECT_FALSE(result.changed);
  EXPECT_EQ(module().init_calls, 0);
}

}  // namespace
}  // namespace tdxctl::bringup
