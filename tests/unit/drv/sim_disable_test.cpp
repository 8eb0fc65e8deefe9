// SPDX-License-Identifier: MIT
// TDH.SYS.DISABLE on simulated machines: the helper's slices over the model, in modelled time.
#include <gtest/gtest.h>

#include <chrono>
#include <string_view>

#include "drv/sim/sim_driver.h"
#include "drv/sim/sim_machines.h"

namespace tdxctl {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kOperandInvalid = 0xC000010000000000;
constexpr std::uint64_t kSysBusy = 0x8000020200000000;
constexpr std::uint64_t kSysNotReady = 0xC000050500000000;
constexpr std::uint64_t kSysShutdown = 0xC000050600000000;
constexpr std::uint64_t kInterrupted = 0x8000000300000000;

class SimDisable : public testing::Test {
 protected:
  /// A ready machine whose module can be disabled; the test may change its profile and faults before it is
  /// on.
  explicit SimDisable(std::string_view profile = "connect-preview", std::string_view boot = "ready") {
    MachineSpec spec;
    spec.profile = profile;
    spec.boot = boot;
    setup_ = *make_setup(spec);
    setup_.profile.interrupt_every_ns = 0;
  }

  void inject(const std::string& text) {
    std::size_t at = 0;
    ASSERT_EQ(seam_faults_parse(text.data(), text.size(), &setup_.faults, &at), nullptr);
  }
  Module& module() {
    if (!driver_) driver_.emplace(setup_.profile, setup_.faults);
    return **driver_->module();
  }
  DisableSlice slice(milliseconds limit = milliseconds{1000}) {
    const auto done = module().disable_slice(limit);
    if (!done) ADD_FAILURE() << done.error().what;
    return done.value_or(DisableSlice{});
  }

  SimSetup setup_;
  std::optional<SimDriver> driver_;
};

TEST_F(SimDisable, LeavesTheModuleAsAfterALoad) {
  EXPECT_EQ(*module().state(), ModuleState::ready);
  const DisableSlice done = slice();
  EXPECT_TRUE(done.finished);
  EXPECT_EQ(done.status, 0u);
  EXPECT_EQ(done.calls, 1u);
  EXPECT_EQ(*module().state(), ModuleState::not_initialised);

  const DisableSlice again = slice();
  EXPECT_TRUE(again.finished);
  EXPECT_EQ(again.status, kSysNotReady);
}

TEST_F(SimDisable, IsInterruptedAsOftenAsTheProfileSays) {
  setup_.profile.reset_page_ns = 100;
  const std::uint64_t pages_per_call = 1000;
  setup_.profile.interrupt_every_ns = pages_per_call * 100;
  const DisableSlice empty = slice();
  EXPECT_TRUE(empty.finished);
  EXPECT_EQ(empty.interrupted, empty.calls - 1);
  EXPECT_GT(empty.interrupted, 10u) << "the PAMTs alone";

  driver_.reset();
  setup_.profile.population = {
      .tds = 3, .building = 0, .migrations = 0, .reserved = 0, .private_pages = 50000};
  const DisableSlice used = slice();
  EXPECT_TRUE(used.finished);
  EXPECT_EQ(used.interrupted, empty.interrupted + 3 * 50000 / pages_per_call);
}

TEST_F(SimDisable, GoesOnWhereTheLastSliceEnded) {
  setup_.profile.reset_page_ns = 100;
  setup_.profile.interrupt_every_ns = 100000;
  const DisableSlice whole = slice();
  ASSERT_TRUE(whole.finished);

  driver_.reset();
  std::uint64_t slices = 0, calls = 0;
  DisableSlice part;
  do {
    part = slice(milliseconds{1});
    calls += part.calls;
    ++slices;
    ASSERT_LE(slices, whole.calls);
    EXPECT_EQ(part.status, part.finished ? 0 : kInterrupted);
  } while (!part.finished);
  EXPECT_EQ(calls, whole.calls) << "no work is done twice";
  EXPECT_GT(slices, 2u);
  EXPECT_EQ(*module().state(), ModuleState::not_initialised);
}

TEST_F(SimDisable, EndsInTimeHoweverOftenItIsBusyOrInterrupted) {
  for (const auto status : {kSysBusy, kInterrupted}) {
    driver_.reset();
    inject("seamcall=69,count=0,status=" + std::to_string(status));
    const DisableSlice storm = slice(milliseconds{10});
    EXPECT_FALSE(storm.finished);
    EXPECT_EQ(storm.status, status);
    EXPECT_EQ(storm.calls, storm.busy + storm.interrupted);
    EXPECT_GT(storm.calls, 1000u);
    EXPECT_EQ(*module().state(), ModuleState::ready) << "the module was not reached";
  }
}

TEST_F(SimDisable, IsBusyAThousandTimesAndThenDone) {
  inject("seamcall=69,count=1000,status=" + std::to_string(kSysBusy));
  const DisableSlice done = slice();
  EXPECT_TRUE(done.finished);
  EXPECT_EQ(done.status, 0u);
  EXPECT_EQ(done.busy, 1000u);
  EXPECT_EQ(done.calls, 1001u);
}

TEST_F(SimDisable, PassesOnWhatTheModuleSays) {
  inject("seamcall=69,count=1,status=" + std::to_string(kSysShutdown));
  const DisableSlice refused = slice();
  EXPECT_TRUE(refused.finished);
  EXPECT_EQ(refused.status, kSysShutdown);
  EXPECT_TRUE(slice().finished);
  EXPECT_EQ(*module().state(), ModuleState::not_initialised);
}

class SimDisableOldModule : public SimDisable {
 protected:
  SimDisableOldModule() : SimDisable("sapphire-rapids") {}
};

TEST_F(SimDisableOldModule, DoesNotKnowTheLeaf) {
  const DisableSlice refused = slice();
  EXPECT_TRUE(refused.finished);
  EXPECT_EQ(refused.status, kOperandInvalid);
  EXPECT_EQ(*module().state(), ModuleState::ready);
}

class SimDisableNoTdx : public SimDisable {
 protected:
  SimDisableNoTdx() : SimDisable("connect-preview", "no-seam") {}
};

TEST_F(SimDisableNoTdx, SaysHowTheInstructionFailed) {
  const DisableSlice failed = slice();
  EXPECT_TRUE(failed.finished);
  EXPECT_EQ(failed.status, 0x8000FF000000000D);
}

}  // namespace
}  // namespace tdxctl
