// SPDX-License-Identifier: MIT
// SEAMLDR.INFO, and the current VMCS around it.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include "fake_host.h"

namespace tdxctl::test {
namespace {

using Trace = std::vector<std::string>;

class SeamldrInfoCommand : public testing::Test {
 protected:
  SeamldrInfoCommand() {
    host_.msrs = {{0x480, 0x00da040000000012}};
    host_.seamcall = [this](u64 rax, FakeHost::Regs& regs) -> u64 {
      EXPECT_EQ(rax, kSeamldrInfo);
      memset(host_.page(regs.rcx), 0xA5, 256);
      host_.current_vmcs = TDX_NO_VMCS;  // the erratum
      return u64{0};
    };
  }

  int run() { return host_.run(TDXCTL_IOC_SEAMLDR_INFO, arg_); }

  FakeHost host_;
  struct tdxctl_seamldr_info arg_ {};
};

TEST_F(SeamldrInfoCommand, SavesAndLoadsTheCurrentVmcs) {
  host_.current_vmcs = 0x1234000;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(host_.current_vmcs, 0x1234000U);
  EXPECT_EQ(host_.trace, (Trace{"lock", "vmptrst", "seamcall", "vmptrld", "unlock"}));
  EXPECT_EQ(arg_.status, 0U);
  for (auto byte : arg_.info) ASSERT_EQ(byte, 0xA5);
}

TEST_F(SeamldrInfoCommand, LoadsNothingWhenThereWasNoCurrentVmcs) {
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(host_.current_vmcs, TDX_NO_VMCS);
  EXPECT_EQ(host_.trace, (Trace{"lock", "vmptrst", "seamcall", "unlock"}));
}

TEST_F(SeamldrInfoCommand, LoadsTheVmcsAfterAFailedCallToo) {
  host_.current_vmcs = 0x1234000;
  host_.seamcall = [this](u64, FakeHost::Regs&) {
    host_.current_vmcs = TDX_NO_VMCS;
    return u64{0x8000000000010003};
  };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(host_.current_vmcs, 0x1234000U);
  EXPECT_EQ(arg_.status, 0x8000000000010003U);
}

TEST_F(SeamldrInfoCommand, SaysThatTheVmcsIsLost) {
  host_.current_vmcs = 0x1234000;
  host_.vmptrld_works = false;
  EXPECT_EQ(run(), -EIO);
}

TEST_F(SeamldrInfoCommand, NeverStoresTheVmcsWhereSeamretKeepsIt) {
  host_.msrs[0x480] |= TDX_VMX_BASIC_SEAMRET_KEEPS_VMCS;
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(host_.trace, (Trace{"lock", "seamcall", "unlock"}));
}

TEST_F(SeamldrInfoCommand, CallsOutsideVmxOperationToLearnThatItIsSo) {
  host_.in_vmx_operation = false;
  host_.seamcall = [](u64, FakeHost::Regs&) -> u64 { return TDXCTL_STATUS_UD; };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.status, TDXCTL_STATUS_UD);
  EXPECT_EQ(host_.trace, (Trace{"lock", "vmptrst", "seamcall", "unlock"}));
}

TEST_F(SeamldrInfoCommand, CallsOnACpuWithoutVmxToLearnThatItIsSo) {
  host_.msrs.clear();
  host_.get()->refuse_vmcs_loss = true;
  host_.seamcall = [](u64, FakeHost::Regs&) -> u64 { return TDXCTL_STATUS_UD; };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.status, TDXCTL_STATUS_UD);
}

TEST_F(SeamldrInfoCommand, IsRefusedWhenThatWasChosen) {
  host_.get()->refuse_vmcs_loss = true;
  EXPECT_EQ(run(), -ECANCELED);
  EXPECT_TRUE(host_.trace.empty());
  EXPECT_EQ(host_.allocated, 0);
}

TEST_F(SeamldrInfoCommand, IsNotRefusedWhereSeamretKeepsTheVmcs) {
  host_.get()->refuse_vmcs_loss = true;
  host_.msrs[0x480] |= TDX_VMX_BASIC_SEAMRET_KEEPS_VMCS;
  EXPECT_EQ(run(), 0);
}

TEST_F(SeamldrInfoCommand, RepeatsWhileThereIsNoEntropyAndSavesTheVmcsEachTime) {
  host_.current_vmcs = 0x1234000;
  int calls = 0;
  host_.seamcall = [&](u64, FakeHost::Regs&) -> u64 {
    EXPECT_EQ(host_.current_vmcs, 0x1234000U);
    host_.current_vmcs = TDX_NO_VMCS;
    return ++calls < 3 ? SEAMLDR_ENOENTROPY : u64{0};
  };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.status, 0U);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(host_.relaxed, 2);
  EXPECT_EQ(host_.current_vmcs, 0x1234000U);
}

TEST_F(SeamldrInfoCommand, GivesUpAfterTenTries) {
  host_.seamcall = [](u64, FakeHost::Regs&) -> u64 { return SEAMLDR_ENOENTROPY; };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.status, SEAMLDR_ENOENTROPY);
  EXPECT_EQ(host_.calls.size(), 10U);
}

TEST_F(SeamldrInfoCommand, ComparesTheWholeStatus) {
  // The module's number for "no entropy" means nothing here.
  host_.seamcall = [](u64, FakeHost::Regs&) -> u64 { return TDX_RND_NO_ENTROPY; };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(host_.calls.size(), 1U);
}

TEST_F(SeamldrInfoCommand, GivesBackNoBytesOfAFailedCall) {
  memset(arg_.info, 0x77, sizeof(arg_.info));
  host_.seamcall = [this](u64, FakeHost::Regs& regs) {
    memset(host_.page(regs.rcx), 0xA5, 256);
    return u64{0x8000000000000000};
  };
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(arg_.status, 0x8000000000000000U);
  for (auto byte : arg_.info) ASSERT_EQ(byte, 0);
}

TEST_F(SeamldrInfoCommand, ReportsHowTheInstructionFailed) {
  for (u64 status : {u64{TDXCTL_STATUS_UD}, u64{TDXCTL_STATUS_GP}, u64{TDXCTL_STATUS_VMFAILINVALID}}) {
    host_.calls.clear();
    host_.seamcall = [=](u64, FakeHost::Regs&) { return status; };
    ASSERT_EQ(run(), 0);
    EXPECT_EQ(arg_.status, status);
    EXPECT_EQ(host_.calls.size(), 1U);
  }
}

TEST_F(SeamldrInfoCommand, GivesTheCallAPageThatIsAligned) {
  host_.seamcall = [](u64, FakeHost::Regs& regs) -> u64 {
    EXPECT_EQ(regs.rcx % 256, 0U);
    return u64{0};
  };
  EXPECT_EQ(run(), 0);
}

TEST_F(SeamldrInfoCommand, SaysThatThereIsNoMemory) {
  host_.has_memory = false;
  EXPECT_EQ(run(), -ENOMEM);
  EXPECT_TRUE(host_.trace.empty());
}

}  // namespace
}  // namespace tdxctl::test
