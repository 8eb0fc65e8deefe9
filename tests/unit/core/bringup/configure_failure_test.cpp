// SPDX-License-Identifier: MIT
// Bringing a module up when something goes wrong: steps that fail, signals, a module that contradicts itself.
#include "core/abi/status.h"
#include "unit/core/bringup/configure_host.h"

namespace tdxctl::bringup {
namespace {

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
  EXPECT_EQ(result.error->what.find("after a load"), std::string::npos) << "TDH.SYS.INIT was done";
  EXPECT_TRUE(result.changed);
  EXPECT_EQ(result.error->seamcall->status, kUndocumented);
}

TEST_F(Configure, AModuleThatStaysBusyCanBeAskedAgainWhereNothingWasChanged) {
  const std::uint64_t busy = abi::status::kSysBusy;
  module().init = InitOutcome{.failure = BringUpFailure{BringUpStep::init, 0, busy}};
  EXPECT_EQ(error_id(), ErrorId::busy);
  module().init = InitOutcome{};
  module().build_slices = {failed(BringUpStep::config, busy)};
  EXPECT_EQ(error_id(), ErrorId::bring_up_failed) << "it was initialised in this run";
  EXPECT_EQ(error_id(), ErrorId::busy) << "and in this one before";
  module().build_slices = {failed(BringUpStep::key_config, busy)};
  EXPECT_EQ(error_id(), ErrorId::bring_up_without_keys);
}

TEST_F(Configure, ACallThatFailsAfterInitHasFoundTheModuleChanged) {
  module().build_slices = {fail(ErrorId::helper_failed, "out of memory")};
  const ConfigureResult result = run();
  EXPECT_EQ(result.error->id, ErrorId::bring_up_failed);
  EXPECT_NE(result.error->what.find("TDH.SYS.INIT and TDH.SYS.LP.INIT were done"), std::string::npos)
      << result.error->what;
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
  module().build_slices = {begun(), failed(failure.step, kUndocumented, 0xC0000100ull << 32)};
  if (failure.step == BringUpStep::config) module().build_slices.pop_front();
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, failure.id) << result.error->what;
  EXPECT_NE(result.error->what.find(failure.says), std::string::npos) << result.error->what;
  const bool kept = failure.id == ErrorId::bring_up_not_undone;
  EXPECT_NE(result.error->what.find(kept ? "its memory is kept" : "all memory was given back"),
            std::string::npos)
      << result.error->what;
  EXPECT_NE(result.error->what.find(failure.step == BringUpStep::tdmr_init ? "TDMR 3" : "LP 3"),
            std::string::npos);
  EXPECT_NE(result.error->what.find("TDH.SYS.DISABLE after it"), std::string::npos) << result.error->what;
  EXPECT_EQ(result.error->seamcall->status, kUndocumented);
  EXPECT_TRUE(result.changed);
  EXPECT_TRUE(result.outcome.empty());
  EXPECT_EQ(result.pamt_bytes != 0, kept);
}

INSTANTIATE_TEST_SUITE_P(Steps, ConfigureFailure, testing::ValuesIn(kFailures),
                         [](const auto& test) { return test.param.name; });

TEST_F(Configure, AModuleThatWantsTheTimeIsRecognised) {
  ask_for_connect();
  const std::uint64_t status = abi::status::kOperandInvalid | 11;
  module().build_slices = {failed(BringUpStep::config, status)};
  EXPECT_EQ(error_id(), ErrorId::wall_clock_refused);
  const ConfigureResult again = run();
  EXPECT_EQ(again.error->id, ErrorId::seamcall_failed) << "this run found it initialised, and left it so";
  EXPECT_FALSE(again.changed);
  EXPECT_NE(again.error->hint.find("--wall-clock now"), std::string::npos);
  module().now = ModuleState::not_initialised;
  options_.request.wall_clock = WallClock::now;
  options_.now = std::chrono::sys_seconds{std::chrono::seconds{1}};
  EXPECT_EQ(error_id(), ErrorId::bring_up_failed) << "it was told";
  module().now = ModuleState::not_initialised;
  options_.request = {};
  EXPECT_EQ(error_id(), ErrorId::bring_up_failed) << "version 0 has no such operand";
}

TEST_F(Configure, WhatIsNoLongerInitialisedWasChanged) {
  module().now = ModuleState::initialising;
  module().fields = module().fields_once_initialised;
  module().build_slices = {failed(BringUpStep::config, kUndocumented)};
  module().once_broken_off = ModuleState::not_loaded;
  const ConfigureResult result = run();
  EXPECT_EQ(result.error->id, ErrorId::bring_up_not_undone);
  EXPECT_TRUE(result.changed);
}

TEST_F(Configure, AModuleThatIsConfiguredAlreadyTakesAReboot) {
  module().build_slices = {failed(BringUpStep::config, abi::status::kSysConfigNotPending)};
  EXPECT_EQ(error_id(), ErrorId::bring_up_without_keys);
  module().now = ModuleState::initialising;
  EXPECT_EQ(error_id(), ErrorId::module_without_keys) << "this run has changed nothing";
  module().init =
      InitOutcome{.failure = BringUpFailure{BringUpStep::lp_init, 0, abi::status::kSysLpInitNotPending}};
  const ConfigureResult result = run();
  EXPECT_EQ(result.error->id, ErrorId::module_without_keys);
  EXPECT_FALSE(result.changed);
}

TEST_F(Configure, ADriverThatFailsBeforeTheModuleIsConfiguredSaysWhy) {
  module().build_slices = {fail(ErrorId::no_pamt_memory, "none")};
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::no_pamt_memory);
  EXPECT_EQ(result.state_after, ModuleState::initialising);
}

TEST_F(Configure, ADriverThatFailsLaterIsToldToTakeItBack) {
  module().build_slices = {begun(), fail(ErrorId::helper_failed, "out of memory")};
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

TEST_F(Configure, WhatASignalFindsUnchangedIsUnchanged) {
  module().now = ModuleState::initialising;
  module().fields = module().fields_once_initialised;
  clock_.signal_after = 1;
  const ConfigureResult result = run();
  EXPECT_EQ(result.error->id, ErrorId::interrupted);
  EXPECT_FALSE(result.changed);
}

TEST_F(Configure, TheTimeLimitTakesEverythingBack) {
  module().build_slices = {begun(), made(BringUpStep::tdmr_init, 1)};  // the last one for ever
  module().once_broken_off = ModuleState::not_initialised;
  options_.timeout = std::chrono::seconds{1};
  const ConfigureResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::bring_up_interrupted);
  EXPECT_NE(result.error->what.find("the time limit was reached during tdmr-init"), std::string::npos)
      << result.error->what;
  EXPECT_EQ(module().give_ups, 1);
  EXPECT_GE(result.progress.elapsed, std::chrono::seconds{1});
}

TEST_F(Configure, ATimeLimitThatFindsNothingChangedLosesNothing) {
  module().now = ModuleState::initialising;
  module().fields = module().fields_once_initialised;
  options_.timeout = std::chrono::milliseconds{0};
  EXPECT_EQ(error_id(), ErrorId::time_limit);
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
    module().build_slices = {begun(), made(BringUpStep::tdmr_init, 1)};
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
  module().build_slices = {begun(), fail(ErrorId::busy, "interrupted by a signal")};
  module().once_broken_off = ModuleState::not_initialised;
  clock_.signal_after = 2;
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
