// SPDX-License-Identifier: MIT
#include "core/bringup/configure.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/abi/features.h"
#include "core/abi/leaves.h"
#include "core/abi/status.h"
#include "core/history.h"
#include "core/metadata_read.h"
#include "unit/core/fake_clock.h"
#include "unit/core/fake_drivers.h"
#include "unit/core/fake_store.h"

namespace tdxctl::bringup {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kGiB = 1ull << 30;
constexpr std::uint64_t kConnect = 1ull << abi::kFeatureConnect;
constexpr std::uint64_t kDynamicPamt = 1ull << abi::kFeatureDynamicPamt;
constexpr std::uint64_t kDisable = 1ull << abi::kFeatureSysDisable;
constexpr std::uint64_t kNumCmrs = 0x9000000100000000;
constexpr std::uint64_t kHandoffValid = 0x8900000000000004;
constexpr std::uint64_t kExtRequired = 0x3100000000000001;
constexpr std::uint64_t kPoolPages = 0x3100000200000000;
constexpr std::uint64_t kUndocumented = 0xC0000F0000000000;

class Watcher : public ConfigureWatcher {
 public:
  std::vector<ConfigureProgress> seen;
  void on_progress(const ConfigureProgress& progress) override { seen.push_back(progress); }
};

/// A host with 6 GiB of RAM whose module was loaded and not initialised.
class Configure : public testing::Test {
 protected:
  Configure() {
    PlatformFacts& facts = platform();
    facts.packages = std::vector<Package>{{0, 0xa06d1, 4}};
    facts.lps_online = 4;
    facts.lps_present = 4;
    facts.hibernation_possible = false;
    facts.kernel_owns_module = false;
    facts.kernel_disables_on_kexec = false;
    facts.partial_write_erratum = false;
    facts.keyids = KeyIdPartition{15, 16};
    facts.hkids = HkidUse{0, 15};
    host_.platform->ram = std::vector<MemoryRange>{{4 * kGiB, 6 * kGiB, 0}};
    module().now = ModuleState::not_initialised;
    module().can_build = {};
    module().fields_once_initialised = {
        {kFeatures0Id, kConnect | kDynamicPamt | kDisable},
        {kNumCmrs, 1},
        {0x9000000300000080, 4 * kGiB},
        {0x9000000300000100, 6 * kGiB},
        {0x9100000100000008, 32},
        {0x9100000100000009, 15},
        {0x9100000100000010, 16},
        {0x9100000100000011, 16},
        {0x9100000100000012, 16},
        {kHandoffValid, 0},
    };
    module().build_slices = {made(BringUpStep::config), made(BringUpStep::key_config),
                             made(BringUpStep::tdmr_init, 4), finished(BringUpStep::tdmr_init)};
    module().init = InitOutcome{.init = nanoseconds{11}, .lp_init = nanoseconds{22}};
  }

  /// A slice after which it is to be called again.
  static BringUpSlice made(BringUpStep step, std::uint32_t gibs = 0) {
    return {.step = step,
            .initialised_gibs = {gibs},
            .pamt_bytes = pamt_of(6 * kGiB, {}, false).bytes(),
            .took = nanoseconds{100}};
  }
  static BringUpSlice finished(BringUpStep step) {
    BringUpSlice slice = made(step, 6);
    slice.finished = true;
    return slice;
  }
  static BringUpSlice failed(BringUpStep step, std::uint64_t status, std::uint64_t disable_status = 0) {
    BringUpSlice slice = finished(step);
    slice.failure = BringUpFailure{step, 3, status, disable_status};
    return slice;
  }

  /// As after a bring-up by Linux, or by whom this driver does not know.
  void be_ready() {
    module().now = ModuleState::ready;
    module().fields = module().fields_once_initialised;
    module().slices = {DisableSlice{.finished = true, .calls = 1}};
  }
  void ask_for_connect() {
    options_.request.features = kConnect;
    module().fields_once_initialised[kExtRequired] = 1;
    module().fields_once_initialised[kPoolPages] = 0;
  }
  void break_an_update_off() { ASSERT_TRUE(append_history(store_, {.action = "apply", .result = "begun"})); }

  test::FakeModule& module() { return host_.driver.at("helper")->module_port; }
  PlatformFacts& platform() { return host_.platform->now; }
  ConfigureResult run() {
    auto result = configure(*host_.drivers, store_, options_, clock_, watcher_);
    if (!result) throw std::runtime_error(result.error().what);
    return std::move(*result);
  }
  ErrorId error_id() {
    const ConfigureResult result = run();
    return result.error ? result.error->id : ErrorId::internal;
  }
  ConfigurePlan plan() { return *plan_configure(*host_.drivers, store_, options_); }
  bool was_touched() {
    return module().init_calls > 0 || module().disable_calls > 0 || !module().orders.empty();
  }

  test::FakeDrivers host_{"helper"};
  test::FakeStore store_;
  ConfigureOptions options_{};
  test::FakeClock clock_;
  Watcher watcher_;
};

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
  ASSERT_GE(watcher_.seen.size(), 6u);
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
  }
  EXPECT_FALSE(was_touched());
}

// Refused before anything is done.

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

// Steps that fail.

TEST_F(Configure, AnInitThatFailsHasChangedNothing) {
  module().init = InitOutcome{.failure = BringUpFailure{BringUpStep::init, 0, kUndocumented}};
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::seamcall_failed);
  EXPECT_FALSE(result.changed);
}

TEST_F(Configure, AnLpThatFailsLeavesTheModuleHalfInitialised) {
  module().init = InitOutcome{.failure = BringUpFailure{BringUpStep::lp_init, 2, kUndocumented}};
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::bring_up_failed);
  EXPECT_NE(result.error->what.find("on LP 2"), std::string::npos) << result.error->what;
  EXPECT_EQ(result.error->what.find("memory"), std::string::npos) << "none was allocated";
  EXPECT_TRUE(result.changed);
  EXPECT_EQ(result.error->seamcall->status, kUndocumented);
}

TEST_F(Configure, ADriverThatCannotInitialiseSaysWhy) {
  module().init = fail(ErrorId::busy, "an LP is offline");
  const ConfigureResult result = run();
  EXPECT_EQ(result.error->id, ErrorId::busy);
  EXPECT_FALSE(result.changed);
}

struct Failure {
  const char* name;
  BringUpStep step;
  Result<ModuleState> after;
  ErrorId id;
  const char* says;
};

const Failure kFailures[] = {
    {"Config", BringUpStep::config, ModuleState::initialising, ErrorId::bring_up_failed, "not configured"},
    {"Keys", BringUpStep::key_config, ModuleState::initialising, ErrorId::bring_up_without_keys,
     "not all its keys"},
    {"TdmrTakenBack", BringUpStep::tdmr_init, ModuleState::not_initialised, ErrorId::bring_up_failed,
     "after a load"},
    {"TdmrNotTakenBack", BringUpStep::tdmr_init, ModuleState::ready, ErrorId::bring_up_not_undone,
     "not be disabled"},
    {"TdmrHalfTakenBack", BringUpStep::tdmr_init, ModuleState::disabling, ErrorId::bring_up_not_undone,
     "interrupted"},
    {"Pool", BringUpStep::ext_mem_add, ModuleState::not_initialised, ErrorId::bring_up_failed,
     "TDH.EXT.MEM.ADD"},
    {"Extensions", BringUpStep::ext_init, ModuleState::not_initialised, ErrorId::bring_up_failed,
     "TDH.EXT.INIT"},
    {"Quoting", BringUpStep::quote_init, ModuleState::not_initialised, ErrorId::bring_up_failed,
     "TDH.QUOTE.INIT"},
    {"ModuleLost", BringUpStep::tdmr_init, ModuleState::not_loaded, ErrorId::bring_up_not_undone,
     "not-loaded"},
    {"NobodyTells", BringUpStep::tdmr_init, fail(ErrorId::seamcall_failed, "?"), ErrorId::bring_up_not_undone,
     "cannot be told"},
};

class ConfigureFailure : public Configure, public testing::WithParamInterface<Failure> {};

TEST_P(ConfigureFailure, SaysWhatIsLeft) {
  const Failure& failure = GetParam();
  module().once_broken_off = failure.after;
  module().build_slices = {made(BringUpStep::config),
                           failed(failure.step, kUndocumented, 0xC0000100ull << 32)};
  if (failure.step == BringUpStep::config) module().build_slices.pop_front();
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, failure.id) << result.error->what;
  EXPECT_NE(result.error->what.find(failure.says), std::string::npos) << result.error->what;
  EXPECT_NE(result.error->what.find("all memory was given back"), std::string::npos) << result.error->what;
  EXPECT_NE(result.error->what.find(failure.step == BringUpStep::tdmr_init ? "TDMR 3" : "LP 3"),
            std::string::npos);
  EXPECT_NE(result.error->what.find("TDH.SYS.DISABLE after it"), std::string::npos) << result.error->what;
  EXPECT_EQ(result.error->seamcall->status, kUndocumented);
  EXPECT_TRUE(result.changed);
  EXPECT_TRUE(result.outcome.empty());
}

INSTANTIATE_TEST_SUITE_P(Steps, ConfigureFailure, testing::ValuesIn(kFailures),
                         [](const auto& test) { return test.param.name; });

TEST_F(Configure, AModuleThatWantsTheTimeIsRecognised) {
  ask_for_connect();
  const std::uint64_t status = abi::status::kOperandInvalid | 11;
  module().build_slices = {failed(BringUpStep::config, status)};
  EXPECT_EQ(error_id(), ErrorId::wall_clock_refused);
  options_.request.wall_clock = WallClock::now;
  options_.now = std::chrono::sys_seconds{std::chrono::seconds{1}};
  EXPECT_EQ(error_id(), ErrorId::bring_up_failed) << "it was told";
  options_.request = {};
  EXPECT_EQ(error_id(), ErrorId::bring_up_failed) << "version 0 has no such operand";
}

TEST_F(Configure, AModuleThatIsConfiguredAlreadyTakesAReboot) {
  module().build_slices = {failed(BringUpStep::config, abi::status::kSysConfigNotPending)};
  EXPECT_EQ(error_id(), ErrorId::bring_up_without_keys);
  module().now = ModuleState::initialising;
  module().init =
      InitOutcome{.failure = BringUpFailure{BringUpStep::lp_init, 0, abi::status::kSysLpInitNotPending}};
  EXPECT_EQ(error_id(), ErrorId::bring_up_without_keys);
}

TEST_F(Configure, ADriverThatFailsBeforeTheModuleIsConfiguredSaysWhy) {
  module().build_slices = {fail(ErrorId::no_pamt_memory, "none")};
  EXPECT_EQ(error_id(), ErrorId::no_pamt_memory);
}

TEST_F(Configure, ADriverThatFailsLaterIsToldToTakeItBack) {
  module().build_slices = {made(BringUpStep::config), made(BringUpStep::key_config),
                           fail(ErrorId::helper_failed, "out of memory")};
  module().once_broken_off = ModuleState::not_initialised;
  const ConfigureResult result = run();
  EXPECT_EQ(result.error->id, ErrorId::bring_up_failed);
  EXPECT_NE(result.error->what.find("out of memory"), std::string::npos);
  EXPECT_EQ(module().give_ups, 1);
}

// Signals.

TEST_F(Configure, ASignalAfterInitLeavesItInitialised) {
  clock_.signal_after = 1;
  const ConfigureResult result = run();
  EXPECT_EQ(result.error->id, ErrorId::bring_up_interrupted);
  EXPECT_TRUE(result.changed);
  EXPECT_TRUE(module().orders.empty());
}

TEST_F(Configure, ASignalBetweenSlicesTakesEverythingBack) {
  const std::pair<ModuleState, ErrorId> ends[] = {
      {ModuleState::not_initialised, ErrorId::bring_up_interrupted},
      {ModuleState::initialising, ErrorId::bring_up_without_keys},
      {ModuleState::ready, ErrorId::bring_up_not_undone},
  };
  for (const auto& [state, id] : ends) {
    module().now = ModuleState::not_initialised;
    module().fields.clear();
    module().build_slices = {made(BringUpStep::config), made(BringUpStep::tdmr_init, 1)};
    module().once_broken_off = state;
    module().give_ups = 0;
    clock_ = {};
    clock_.signal_after = 5;
    const ConfigureResult result = run();
    ASSERT_TRUE(result.error);
    EXPECT_EQ(result.error->id, id);
    EXPECT_EQ(result.state_after, state);
    EXPECT_EQ(module().give_ups, 1);
    EXPECT_NE(result.error->what.find("tdmr-init"), std::string::npos) << result.error->what;
  }
}

TEST_F(Configure, ASignalThatTheDriverHeardFirstIsOneToo) {
  module().build_slices = {made(BringUpStep::config), fail(ErrorId::busy, "interrupted by a signal")};
  module().once_broken_off = ModuleState::not_initialised;
  clock_.signal_after = 3;
  EXPECT_EQ(error_id(), ErrorId::bring_up_interrupted);
}

// Success that the module contradicts.

TEST_F(Configure, AModuleThatIsNotReadyAfterwardsIsAnError) {
  module().once_built = ModuleState::initialising;
  EXPECT_EQ(error_id(), ErrorId::bring_up_not_ready);
}

TEST_F(Configure, PamtsThatWereNotPlannedAreAnError) {
  module().build_slices.back()->pamt_bytes += 4096;
  EXPECT_EQ(error_id(), ErrorId::bring_up_wrong_pamts);
}

TEST_F(Configure, AnExtensionPoolThatIsNotFullIsAnError) {
  ask_for_connect();
  module().fields_once_initialised[kPoolPages] = 1;
  EXPECT_EQ(error_id(), ErrorId::bring_up_wrong_pool);
  module().now = ModuleState::not_initialised;
  module().fields_once_initialised[kPoolPages] = 0;
  module().fields_once_initialised[kExtRequired] = 0;
  EXPECT_EQ(error_id(), ErrorId::bring_up_wrong_pool) << "Connect is built on them";
  module().now = ModuleState::not_initialised;
  module().fields_once_initialised.erase(kExtRequired);
  EXPECT_EQ(error_id(), ErrorId::bring_up_wrong_pool) << "it could not be read back";
}

/// Forgets what it was built with.
class ForgetfulModule : public test::FakeModule {
 public:
  Result<std::optional<std::uint64_t>> brought_up() override { return std::optional<std::uint64_t>{}; }
};

TEST_F(Configure, FeaturesThatAreNotToldBackAreAnError) {
  class ForgetfulDriver : public Driver {
   public:
    explicit ForgetfulDriver(const test::FakeModule& like) { static_cast<test::FakeModule&>(module_) = like; }
    std::string_view name() const override { return "helper"; }
    Result<Module*> module() override { return &module_; }
    Result<Loader*> loader() override { return fail(ErrorId::driver_unavailable, "none"); }
    Result<PlatformMsrs> msrs() override { return fail(ErrorId::driver_unavailable, "none"); }

   private:
    ForgetfulModule module_;
  };
  auto platform = std::make_unique<test::FakePlatform>(*host_.platform);
  std::vector<std::unique_ptr<Driver>> drivers;
  drivers.push_back(std::make_unique<ForgetfulDriver>(module()));
  Drivers forgetful(std::move(platform), std::move(drivers));
  const auto result = configure(forgetful, store_, options_, clock_, watcher_);
  ASSERT_TRUE(result);
  ASSERT_TRUE(result->error);
  EXPECT_EQ(result->error->id, ErrorId::bring_up_wrong_features);
}

}  // namespace
}  // namespace tdxctl::bringup
