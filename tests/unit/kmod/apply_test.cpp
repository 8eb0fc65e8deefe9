// SPDX-License-Identifier: MIT
// Applying a staged image: which calls are made, where and in which order. What becomes of the module is
// tested over the model.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "stage.h"

namespace tdxctl::test {
namespace {

constexpr char kFile[] = "a file";
constexpr u64 kInit = 33, kLpInit = 35, kShutdown = 52, kUpdate = 53, kExtInit = 60;
constexpr u64 kInstall = kSeamldrInfo | 1;

class ApplyCommand : public testing::Test {
 protected:
  ApplyCommand() {
    host_.seamcall = [this](u64 rax, FakeHost::Regs& regs) -> u64 {
      calls_.emplace_back(rax, host_.lp);
      if (rax == failing_ && host_.lp == failing_lp_) return failure_;
      if (rax == kSeamldrInfo) {
        tdx_seamldr_info info{};
        info.updates_left = updates_left_;
        info.seamextend_valid = 0x1FF;
        info.seam_ready = has_module_;
        memcpy(host_.page(regs.rcx), &info, sizeof(info));
      } else if (rax == kSysRd) {
        if (regs.rdx == TDX_FIELD_MODULE_HV) regs.r8 = 3;
        if (regs.rdx == TDX_FIELD_FEATURES0) regs.r8 = features0_;
      } else if (rax == kPageRdmd) {
        return TDX_OPERAND_INVALID | 1;
      } else if (rax == kShutdown) {
        shutdown_rcx_ = regs.rcx;
      } else if (rax == kInstall) {
        EXPECT_EQ(regs.rcx, host_.get()->image.params.pa);
        memcpy(&params_, host_.page(regs.rcx), sizeof(params_));
        host_.current_vmcs = TDX_NO_VMCS;
        updates_left_ -= host_.lp == FakeHost::kLps - 1;
      }
      return 0;
    };
  }
  ~ApplyCommand() override { tdxctl_close(host_.get(), kFile); }

  int run() {
    EXPECT_EQ(Stage(staged_ ? 2 : 0).run(host_, kFile), 0);
    return host_.run(TDXCTL_IOC_APPLY, arg_, kFile);
  }
  /// The calls of the steps: without SEAMLDR.INFO, reads, and the probe at the end.
  std::vector<std::pair<u64, u32>> steps() {
    std::vector<std::pair<u64, u32>> steps;
    for (const auto& call : calls_) {
      if (call.first != kSeamldrInfo && call.first != kSysRd && call.first != kPageRdmd)
        steps.push_back(call);
    }
    return steps;
  }

  FakeHost host_;
  struct tdxctl_apply arg_ {};
  bool staged_ = true, has_module_ = true;
  tdx_seamldr_params params_{};  ///< of the last SEAMLDR.INSTALL
  u64 features0_ = 0, shutdown_rcx_ = 0;
  u32 updates_left_ = 10;
  u64 failing_ = ~u64{0}, failure_ = 0;
  u32 failing_lp_ = 0;
  std::vector<std::pair<u64, u32>> calls_;  ///< RAX and LP
};

TEST_F(ApplyCommand, MakesTheStepsInTheirOrderOnTheirLps) {
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(steps(), (std::vector<std::pair<u64, u32>>{{kShutdown, 0},
                                                       {kInstall, 0},
                                                       {kInstall, 1},
                                                       {kInstall, 2},
                                                       {kInit, 0},
                                                       {kLpInit, 0},
                                                       {kLpInit, 1},
                                                       {kLpInit, 2},
                                                       {kUpdate, 0}}));
  EXPECT_EQ(arg_.failed_step, 0U + TDXCTL_STEP_NONE);
  EXPECT_EQ(arg_.module, 0U + TDXCTL_MODULE_READY);
  EXPECT_EQ(arg_.replaced, 1U);
}

TEST_F(ApplyCommand, InstallsInTheScenarioThatKeepsTds) {
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(params_.scenario, 0U + TDX_SEAMLDR_SCENARIO_UPDATE);
}

TEST_F(ApplyCommand, LoadsOnlyWhereThereIsNoModule) {
  arg_.first_step = TDXCTL_STEP_LOAD;
  EXPECT_EQ(run(), -EALREADY);
  EXPECT_TRUE(steps().empty());
  has_module_ = false;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(steps(), (std::vector<std::pair<u64, u32>>{{kInstall, 0}, {kInstall, 1}, {kInstall, 2}}));
  EXPECT_EQ(params_.scenario, 0U + TDX_SEAMLDR_SCENARIO_LOAD);
  arg_ = {};
  arg_.first_step = TDXCTL_STEP_LOAD + 1;
  EXPECT_EQ(run(), -EOPNOTSUPP);
}

TEST_F(ApplyCommand, AsksForTheNewestHandoffVersion) {
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(shutdown_rcx_, 3U);
  EXPECT_EQ(arg_.shutdown_rcx, 3U);
}

TEST_F(ApplyCommand, ProtectsTdsWhereTheModuleCan) {
  features0_ = u64{1} << 47;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(shutdown_rcx_, 0x10003U);
  EXPECT_EQ(arg_.shutdown_rcx, 0x10003U);
}

TEST_F(ApplyCommand, GoesOnFromALaterStep) {
  arg_.first_step = TDXCTL_STEP_INSTALL;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(steps().front().first, kInstall);
  calls_.clear();
  staged_ = false;
  arg_ = {};
  arg_.first_step = TDXCTL_STEP_INIT;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(steps().front().first, kInit);
  EXPECT_EQ(steps().size(), 5U);
}

TEST_F(ApplyCommand, EndsWithTheStepThatFailed) {
  const struct {
    u64 rax;
    u32 lp, step;
    std::size_t calls;
  } failures[] = {
      {kShutdown, 0, TDXCTL_STEP_SHUTDOWN, 1}, {kInstall, 0, TDXCTL_STEP_INSTALL, 2},
      {kInstall, 1, TDXCTL_STEP_INSTALL, 3},   {kInstall, 2, TDXCTL_STEP_INSTALL, 4},
      {kInit, 0, TDXCTL_STEP_INIT, 5},         {kLpInit, 1, TDXCTL_STEP_LP_INIT, 8},
      {kUpdate, 0, TDXCTL_STEP_UPDATE, 9},
  };
  failure_ = 0xC000000000000077;
  for (const auto& failure : failures) {
    SCOPED_TRACE(failure.rax);
    calls_.clear();
    failing_ = failure.rax;
    failing_lp_ = failure.lp;
    ASSERT_EQ(run(), 0);
    EXPECT_EQ(arg_.failed_step, failure.step);
    EXPECT_EQ(arg_.failed_lp, failure.lp);
    EXPECT_EQ(arg_.status, failure_);
    EXPECT_EQ(steps().size(), failure.calls);
  }
}

TEST_F(ApplyCommand, AReadThatFailsIsAFailureToShutDown) {
  failing_ = kSysRd;
  failure_ = TDX_SYS_SHUTDOWN;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.failed_step, 0U + TDXCTL_STEP_SHUTDOWN);
  EXPECT_EQ(arg_.status, TDX_SYS_SHUTDOWN);
  EXPECT_TRUE(steps().empty());
}

TEST_F(ApplyCommand, TakesWhatWasDoneBeforeForDone) {
  failing_ = kInit;
  failure_ = TDX_SYS_INIT_NOT_PENDING;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.failed_step, 0U + TDXCTL_STEP_NONE);
  failing_ = kLpInit;
  failing_lp_ = 1;
  failure_ = TDX_SYS_LP_INIT_DONE;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.failed_step, 0U + TDXCTL_STEP_NONE);
}

TEST_F(ApplyCommand, DoesNothingWithoutTheSeamldrsAnswer) {
  failing_ = kSeamldrInfo;
  failure_ = 0x8000000000010003;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.failed_step, 0U + TDXCTL_STEP_INFO);
  EXPECT_EQ(arg_.status, failure_);
  EXPECT_EQ(arg_.module, 0U + TDXCTL_MODULE_UNKNOWN);
  EXPECT_TRUE(steps().empty());
}

TEST_F(ApplyCommand, DoesNothingWhileAnLpIsOffline) {
  host_.lp_offline = true;
  EXPECT_EQ(run(), -EAGAIN);
  EXPECT_TRUE(steps().empty());
}

TEST_F(ApplyCommand, DoesNothingWithoutAnImage) {
  staged_ = false;
  EXPECT_EQ(run(), -ENODATA);
  arg_.first_step = TDXCTL_STEP_INSTALL;
  EXPECT_EQ(run(), -ENODATA);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(ApplyCommand, RefusesToBeginAnywhereElse) {
  for (const u32 step :
       {u32{TDXCTL_STEP_LP_INIT}, u32{TDXCTL_STEP_UPDATE}, u32{TDXCTL_STEP_INFO}, UINT32_MAX}) {
    arg_.first_step = step;
    EXPECT_EQ(run(), -EOPNOTSUPP) << step;
  }
  EXPECT_TRUE(calls_.empty());
}

TEST_F(ApplyCommand, IsRefusedWhereTheVmcsWouldBeLostAndThatWasChosen) {
  host_.msrs = {{0x480, 5}};
  host_.get()->refuse_vmcs_loss = true;
  EXPECT_EQ(run(), -ECANCELED);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(ApplyCommand, SavesTheVmcsOfEachLp) {
  host_.msrs = {{0x480, 5}};
  host_.current_vmcs = 0x1234000;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(host_.current_vmcs, 0x1234000U);
  EXPECT_EQ(arg_.vmcs_lost, 0U);
}

TEST_F(ApplyCommand, RepeatsACallOfTheModuleWithoutEntropy) {
  int tries = 0;
  host_.seamcall = [&, answer = host_.seamcall](u64 rax, FakeHost::Regs& regs) -> u64 {
    if (rax == kLpInit && host_.lp == 1 && ++tries < 5) return TDX_RND_NO_ENTROPY;
    return answer(rax, regs);
  };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.failed_step, 0U + TDXCTL_STEP_NONE);
  EXPECT_EQ(tries, 5);
}

TEST_F(ApplyCommand, TimesEachStep) {
  host_.call_ns = 1000;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.step_ns[TDXCTL_STEP_SHUTDOWN], 3000U);
  EXPECT_EQ(arg_.step_ns[TDXCTL_STEP_INSTALL], 3000U);
  EXPECT_EQ(arg_.step_ns[TDXCTL_STEP_INIT], 1000U);
  EXPECT_EQ(arg_.step_ns[TDXCTL_STEP_UPDATE], 1000U);
  u64 sum = 0;
  for (const u64 ns : arg_.step_ns) sum += ns;
  EXPECT_EQ(arg_.stopped_ns, sum);
}

TEST_F(ApplyCommand, NoSignalKeepsTheNewModuleFromItsExtensions) {
  host_.get()->bring_up.features = u64{1} << 6;
  host_.get()->bring_up.extensions = true;
  host_.signal_after = 0;
  int calls = 0;
  const auto others = host_.seamcall;
  host_.seamcall = [&](u64 rax, FakeHost::Regs& regs) -> u64 {
    if (rax == kExtInit) return ++calls < 5 ? TDX_INTERRUPTED_RESUMABLE : 0;
    return others(rax, regs);
  };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.failed_step, 0U + TDXCTL_STEP_NONE);
  EXPECT_EQ(calls, 5);
  host_.call_ns = 1000000000;
  host_.seamcall = [&](u64 rax, FakeHost::Regs& regs) -> u64 {
    return rax == kExtInit ? TDX_INTERRUPTED_RESUMABLE : others(rax, regs);
  };
  arg_ = {};
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.failed_step, 0U + TDXCTL_STEP_EXTENSIONS) << "it is not waited for without end";
  host_.get()->bring_up = {};
}

}  // namespace
}  // namespace tdxctl::test
