// SPDX-License-Identifier: MIT
// The leaf policy, and repeating calls that find no entropy.
#include <gtest/gtest.h>

#include "fake_host.h"

namespace tdxctl::test {
namespace {

class ModuleCall : public testing::Test {
 protected:
  u64 call(tdxctl_leaf leaf, FakeHost::Regs& regs) {
    host_.get()->ops->pin_lp(host_.get());
    const u64 status = tdxctl_module_call(host_.get(), leaf, &regs);
    host_.get()->ops->unpin_lp(host_.get());
    return status;
  }

  FakeHost host_;
};

TEST_F(ModuleCall, PutsLeafAndVersionIntoRax) {
  FakeHost::Regs regs{};
  call(TDXCTL_LEAF_PHYMEM_PAGE_RDMD, regs);
  call(TDXCTL_LEAF_SYS_RD, regs);
  call(TDXCTL_LEAF_SYS_RDALL, regs);
  call(TDXCTL_LEAF_SYS_INIT, regs);
  call(TDXCTL_LEAF_SYS_LP_INIT, regs);
  call(TDXCTL_LEAF_SYS_SHUTDOWN, regs);
  call(TDXCTL_LEAF_SYS_UPDATE, regs);
  call(TDXCTL_LEAF_SYS_DISABLE, regs);
  EXPECT_EQ(host_.calls, (std::vector<u64>{kPageRdmd, kSysRd, kSysRdall, 33, 35, 52, 53, kSysDisable}));
}

TEST_F(ModuleCall, RepeatsWithTheSameArgumentsWhileThereIsNoEntropy) {
  int calls = 0;
  host_.seamcall = [&](u64, FakeHost::Regs& regs) -> u64 {
    EXPECT_EQ(regs.rdx, 77U) << "a register that came back went in again";
    regs.rdx = 1;
    regs.r8 = 5;
    return ++calls < 4 ? TDX_RND_NO_ENTROPY : u64{0};
  };
  FakeHost::Regs regs{};
  regs.rdx = 77;
  EXPECT_EQ(call(TDXCTL_LEAF_SYS_RD, regs), 0U);
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(host_.relaxed, 3);
  EXPECT_EQ(regs.r8, 5U);
}

TEST_F(ModuleCall, GivesUpAfterTenTries) {
  host_.seamcall = [](u64, FakeHost::Regs&) -> u64 { return TDX_RND_NO_ENTROPY; };
  FakeHost::Regs regs{};
  EXPECT_EQ(call(TDXCTL_LEAF_SYS_RD, regs), TDX_RND_NO_ENTROPY);
  EXPECT_EQ(host_.calls.size(), 10U);
  EXPECT_EQ(host_.relaxed, 9);
}

TEST_F(ModuleCall, RecognisesNoEntropyWhateverTheDetails) {
  host_.seamcall = [](u64, FakeHost::Regs&) -> u64 { return TDX_RND_NO_ENTROPY | 3; };
  FakeHost::Regs regs{};
  call(TDXCTL_LEAF_SYS_RD, regs);
  EXPECT_EQ(host_.calls.size(), 10U);
}

TEST_F(ModuleCall, RepeatsNothingElse) {
  for (u64 status : {u64{TDXCTL_STATUS_UD}, u64{TDXCTL_STATUS_GP}, u64{TDXCTL_STATUS_VMFAILINVALID},
                     u64{0x8000020200000000}, u64{SEAMLDR_ENOENTROPY}, u64{0}}) {
    host_.calls.clear();
    host_.seamcall = [=](u64, FakeHost::Regs&) { return status; };
    FakeHost::Regs regs{};
    EXPECT_EQ(call(TDXCTL_LEAF_SYS_RD, regs), status);
    EXPECT_EQ(host_.calls.size(), 1U) << std::hex << status;
  }
}

}  // namespace
}  // namespace tdxctl::test
