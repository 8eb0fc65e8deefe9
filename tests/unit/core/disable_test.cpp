// SPDX-License-Identifier: MIT
#include "core/disable.h"

#include <gtest/gtest.h>

#include "core/abi/leaves.h"
#include "core/abi/status.h"
#include "core/metadata_read.h"
#include "core/module_answers.h"
#include "fake_clock.h"
#include "fake_drivers.h"

namespace tdxctl {
namespace {

using namespace std::chrono_literals;
using test::FakeClock;
using test::FakeDrivers;

class Watcher : public DisableWatcher {
 public:
  std::vector<DisableProgress> seen;
  void on_progress(const DisableProgress& progress) override { seen.push_back(progress); }
};

DisableSlice answered(std::uint64_t status) { return {.finished = true, .status = status, .calls = 1}; }
DisableSlice interrupted(std::uint64_t times = 1) {
  return {.status = abi::status::kInterruptedResumable, .calls = times, .interrupted = times};
}
DisableSlice busy(std::uint64_t times = 1) {
  return {.status = abi::status::kSysBusy, .calls = times, .busy = times};
}

class Disable : public testing::Test {
 protected:
  Disable() {
    module().fields[kFeatures0Id] = 1ull << 53;
    platform().hkids = HkidUse{0, 31};
    platform().keyids = KeyIdPartition{32, 32};
    platform().partial_write_erratum = true;
    platform().tdx_host_platform = true;
    platform().kernel_disables_on_kexec = false;
    module().slices = {answered(0)};
  }

  test::FakeModule& module() { return host_.driver.at("helper")->module_port; }
  PlatformFacts& platform() { return host_.platform->now; }
  DisableResult run() { return disable(*host_.drivers, options_, clock_, watcher_); }
  DisablePlan plan() { return plan_disable(*host_.drivers, options_); }

  void no_tdx(ErrorId why) { module().now = fail(why, "no"); }

  FakeDrivers host_{"helper"};
  DisableOptions options_{};
  FakeClock clock_;
  Watcher watcher_;
};

TEST_F(Disable, SuccessIsReadBackFromTheModule) {
  module().slices = {busy(3), interrupted(2), answered(0)};
  const DisableResult result = run();
  EXPECT_FALSE(result.error);
  EXPECT_TRUE(result.changed);
  EXPECT_EQ(result.state_after, ModuleState::not_initialised);
  EXPECT_EQ(result.progress.calls, 6u);
  EXPECT_EQ(result.progress.interrupted, 2u);
  EXPECT_EQ(result.progress.busy, 3u);
  EXPECT_GT(result.progress.elapsed, 0ms);
  EXPECT_EQ(watcher_.seen.size(), 3u);
}

TEST_F(Disable, SuccessThatTheModuleContradictsIsNone) {
  module().after_success = ModuleState::ready;
  const DisableResult result = run();
  EXPECT_FALSE(result.changed);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::disable_not_confirmed);
}

TEST_F(Disable, NothingToDoAsksNothingOfTheModule) {
  for (const auto state : {ModuleState::not_loaded, ModuleState::not_initialised, ModuleState::shut_down,
                           ModuleState::initialising}) {
    module().now = state;
    const DisableResult result = run();
    EXPECT_FALSE(result.error) << to_string(state);
    EXPECT_FALSE(result.changed);
    EXPECT_FALSE(result.outcome.empty());
    EXPECT_EQ(result.warning.empty(), state != ModuleState::initialising) << to_string(state);
  }
  EXPECT_EQ(module().disable_calls, 0);
}

TEST_F(Disable, ARunThatWasKilledHalfWayIsFinished) {
  module().now = ModuleState::disabling;
  module().trouble = Error{ErrorId::seamcall_failed, "busy"};  // no field can be read meanwhile
  EXPECT_TRUE(run().changed);
}

TEST_F(Disable, AStateThatIsNotKnownIsLeftToTheCallItself) {
  module().now = fail(ErrorId::seamcall_failed, "an answer of no known state");
  module().slices = {answered(abi::status::kSysNotReady)};
  const DisableResult result = run();
  EXPECT_FALSE(result.error);
  EXPECT_FALSE(result.warning.empty());
}

TEST_F(Disable, AModuleWithoutTheFeatureIsRefusedWithTheReleasesThatHaveIt) {
  module().fields[kFeatures0Id] = 0;
  const DisableResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::module_cannot_disable);
  EXPECT_NE(result.error->what.find("no release in"), std::string::npos) << result.error->what;
  EXPECT_EQ(module().disable_calls, 0);
}

TEST_F(Disable, TdsInUseAreRefused) {
  platform().hkids = HkidUse{2, 31};
  const DisableResult result = run();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::tds_in_use);
  EXPECT_EQ(module().disable_calls, 0);
}

TEST_F(Disable, TdsThatCannotBeCountedAreRefusedUnlessNobodyCanRunThem) {
  platform().hkids = fail(ErrorId::file_unreadable, "no misc controller");
  ASSERT_TRUE(run().error);
  EXPECT_EQ(run().error->id, ErrorId::tds_unknown);
  platform().kvm_tdx = false;
  EXPECT_TRUE(run().changed);
}

TEST_F(Disable, WaitsForTdsToEnd) {
  platform().hkids = HkidUse{2, 31};
  host_.platform->hkids_later = {{2, 31}, {1, 31}, {0, 31}};
  options_.wait_tds = 10s;
  EXPECT_TRUE(run().changed);
  ASSERT_GE(watcher_.seen.size(), 3u);
  EXPECT_EQ(watcher_.seen[0].hkids_in_use, 2u);
  EXPECT_EQ(watcher_.seen[2].hkids_in_use, 1u);
  EXPECT_EQ(watcher_.seen.back().hkids_in_use, 0u);
}

TEST_F(Disable, WaitingForTdsEnds) {
  platform().hkids = HkidUse{2, 31};
  options_.wait_tds = 2s;
  const DisableResult result = run();
  EXPECT_EQ(result.error->id, ErrorId::tds_in_use);
  EXPECT_LT(result.progress.elapsed, 4s);
}

TEST_F(Disable, ASignalWhileItWaitsForTdsChangesNothing) {
  platform().hkids = HkidUse{2, 31};
  options_.wait_tds = 1h;
  clock_.signal_after = 3;
  const DisableResult result = run();
  EXPECT_EQ(result.error->id, ErrorId::interrupted);
  EXPECT_EQ(module().disable_calls, 0);
}

TEST_F(Disable, ASignalOrTheLimitBeforeTheFirstProgressChangesNothing) {
  module().slices = {busy()};
  options_.timeout = 1s;
  EXPECT_EQ(run().error->id, ErrorId::time_limit);
  EXPECT_LT(run().progress.elapsed, 2s);
  clock_.signal_after = 2;
  EXPECT_EQ(run().error->id, ErrorId::interrupted);
}

TEST_F(Disable, ASignalOrTheLimitHalfWaySaysThatItHasBegun) {
  module().slices = {interrupted()};
  options_.timeout = 1s;
  EXPECT_EQ(run().error->id, ErrorId::disable_unfinished);
  clock_.signal_after = 2;
  EXPECT_EQ(run().error->id, ErrorId::disable_unfinished);
  // Also when another run began it.
  module().slices = {busy()};
  module().now = ModuleState::disabling;
  clock_ = FakeClock{};
  clock_.signal_after = 2;
  EXPECT_EQ(run().error->id, ErrorId::disable_unfinished);
}

TEST_F(Disable, ADriverThatIsHeldByAnotherIsBusy) {
  module().slices = {fail(ErrorId::busy, "another operation is in progress")};
  EXPECT_EQ(run().error->id, ErrorId::busy);
}

TEST_F(Disable, WithoutADriverItSaysWhy) {
  host_.driver.at("helper")->no_module = Error{ErrorId::helper_not_loaded, "no helper"};
  EXPECT_EQ(run().error->id, ErrorId::helper_not_loaded);
}

TEST_F(Disable, ADriverThatCannotIsNoDriver) {
  module().slices.clear();
  EXPECT_EQ(refusal(plan())->id, ErrorId::driver_unavailable);
  EXPECT_EQ(run().error->id, ErrorId::driver_unavailable);
  EXPECT_EQ(module().disable_calls, 0);
}

TEST_F(Disable, IfNeededIsContentWithoutTdx) {
  options_.if_needed = true;
  for (const ErrorId why : {ErrorId::seamcall_gp, ErrorId::seamcall_vmfailinvalid, ErrorId::not_a_tdx_host}) {
    no_tdx(why);
    EXPECT_FALSE(run().error) << error_info(why).name;
  }
  platform().keyids = KeyIdPartition{0, 0};
  no_tdx(ErrorId::seamcall_ud);
  EXPECT_FALSE(run().error);
}

TEST_F(Disable, IfNeededDoesNotTakeMissingVmxOperationForMissingTdx) {
  options_.if_needed = true;
  no_tdx(ErrorId::seamcall_ud);
  EXPECT_EQ(run().error->id, ErrorId::seamcall_ud);
}

TEST_F(Disable, IfNeededDoesNotTakeAMissingHelperForMissingTdx) {
  options_.if_needed = true;
  host_.driver.at("helper")->no_module = Error{ErrorId::helper_not_loaded, "no helper"};
  EXPECT_EQ(run().error->id, ErrorId::helper_not_loaded);
  platform().tdx_host_platform = false;
  EXPECT_FALSE(run().error);
}

TEST_F(Disable, IfNeededDoesNotTakeWhatItMayNotSeeForMissingTdx) {
  options_.if_needed = true;
  platform().tdx_host_platform = false;  // as on a kernel that knows nothing of what a helper brought up
  host_.driver.at("helper")->no_module = Error{ErrorId::not_permitted, "denied"};
  EXPECT_EQ(run().error->id, ErrorId::not_permitted);
}

TEST_F(Disable, ADriverThatMayNotBeUsedCountsThoughAnotherWasAskedLast) {
  FakeDrivers host{"native", "helper"};
  host.platform->now.tdx_host_platform = false;
  host.driver.at("helper")->no_module = host.driver.at("helper")->no_loader =
      Error{ErrorId::not_permitted, "denied"};
  host.driver.at("native")->no_module = host.driver.at("native")->no_loader =
      Error{ErrorId::not_a_tdx_host, "none"};
  options_.if_needed = true;
  const DisableResult result = disable(*host.drivers, options_, clock_, watcher_);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->id, ErrorId::not_permitted);
  EXPECT_EQ(result.plan.status.kexec.outlook, KexecOutlook::unknown);
}

TEST_F(Disable, IfNeededLeavesItToAKernelThatDoesItItself) {
  options_.if_needed = true;
  platform().kernel_disables_on_kexec = true;
  EXPECT_FALSE(run().changed);
  EXPECT_EQ(module().disable_calls, 0);
  options_.if_needed = false;
  EXPECT_TRUE(run().changed);
}

TEST_F(Disable, ThePlanTellsWhatFollows) {
  platform().kernel_owns_module = true;
  const DisablePlan made = plan();
  EXPECT_EQ(*made.driver, "helper");
  EXPECT_FALSE(refusal(made));
  EXPECT_EQ(made.consequences.size(), 2u);
  EXPECT_EQ(made.status.kexec.outlook, KexecOutlook::disable_first);
  EXPECT_EQ(module().disable_calls, 0);
}

/// Every completion status that the reference knows, as the answer to the first, second and hundredth call.
struct Answer {
  std::uint64_t status;
  std::string_view name;
};

std::vector<Answer> every_answer() {
  std::vector<Answer> answers;
  for (const auto interface : {abi::Interface::tdx_module, abi::Interface::software}) {
    for (const abi::StatusCode& code : abi::status_codes(interface))
      answers.push_back({code.value, code.name});
  }
  return answers;
}

TEST_F(Disable, NoAnswerButSuccessIsEverSuccess) {
  int matrix = 0;
  for (const Answer& answer : every_answer()) {
    const std::uint64_t code = abi::without_details(answer.status);
    if (code == abi::status::kInterruptedResumable || code == abi::status::kSysBusy) continue;
    for (const int nth : {1, 2, 100}) {
      SCOPED_TRACE(std::string(answer.name) + " at call " + std::to_string(nth));
      module().now = ModuleState::ready;
      module().slices.clear();
      if (nth > 1) module().slices.push_back(interrupted(static_cast<std::uint64_t>(nth - 1)));
      module().slices.push_back(answered(answer.status));
      const DisableResult result = run();
      ++matrix;
      EXPECT_EQ(result.changed, answer.status == 0);
      EXPECT_EQ(result.progress.calls, static_cast<std::uint64_t>(nth));
      if (answer.status == 0) {
        EXPECT_FALSE(result.error);
      } else if (nth > 1) {
        EXPECT_EQ(result.error->id, ErrorId::disable_unfinished);
        EXPECT_EQ(result.error->seamcall->status, answer.status);
      } else if (code == abi::status::kSysNotReady || code == abi::status::kSysShutdown) {
        EXPECT_FALSE(result.error);
      } else if (code == abi::status::kOperandInvalid) {
        EXPECT_EQ(result.error->id, ErrorId::module_cannot_disable);
      } else {
        EXPECT_EQ(result.error->id, seamcall_error(abi::leaf::kSysDisable, answer.status).id);
      }
    }
  }
  EXPECT_GT(matrix, 400);
}

}  // namespace
}  // namespace tdxctl
