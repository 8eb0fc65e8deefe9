// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "fake_host.h"

namespace tdxctl::test {
namespace {

TEST(Platform, ReportsWhatRingZeroSees) {
  FakeHost host;
  host.lp_offline = true;
  host.msrs = {{0x87, 0x0000003f00000040}, {0x480, TDX_VMX_BASIC_SEAMRET_KEEPS_VMCS | 5}};
  struct tdxctl_platform arg {};
  ASSERT_EQ(host.run(TDXCTL_IOC_PLATFORM, arg), 0);
  EXPECT_EQ(arg.size, sizeof(arg));
  EXPECT_EQ(arg.capabilities, TDXCTL_CAP_METADATA | TDXCTL_CAP_SEAMLDR_INFO | TDXCTL_CAP_DISABLE |
                                  TDXCTL_CAP_UPDATE | TDXCTL_CAP_BRING_UP | TDXCTL_CAP_LOAD);
  EXPECT_EQ(arg.lps_online, 2U);
  EXPECT_EQ(arg.lps_present, 3U);
  EXPECT_EQ(arg.packages_online, 2U);
  EXPECT_EQ(arg.msrs_valid, TDXCTL_MSR_KEYID_PARTITIONING | TDXCTL_MSR_VMX_BASIC);
  EXPECT_EQ(arg.keyid_partitioning, 0x0000003f00000040U);
  EXPECT_EQ(arg.vmx_basic, TDX_VMX_BASIC_SEAMRET_KEEPS_VMCS | 5);
  EXPECT_EQ(arg.seamret_vmcs, static_cast<u32>(TDXCTL_SEAMRET_KEEPS));
  EXPECT_STREQ(reinterpret_cast<const char*>(arg.version), TDXCTL_HELPER_VERSION);
  EXPECT_TRUE(host.calls.empty());
}

TEST(Platform, MarksAnMsrThatFaults) {
  FakeHost host;
  host.msrs = {{0x480, 5}};
  struct tdxctl_platform arg {};
  arg.keyid_partitioning = 99;
  ASSERT_EQ(host.run(TDXCTL_IOC_PLATFORM, arg), 0);
  EXPECT_EQ(arg.msrs_valid, TDXCTL_MSR_VMX_BASIC);
  EXPECT_EQ(arg.keyid_partitioning, 0U);
  EXPECT_EQ(arg.vmx_basic, 5U);
}

TEST(Platform, SaysWhatIsDoneAboutTheCurrentVmcs) {
  FakeHost host;
  struct tdxctl_platform arg {};
  host.run(TDXCTL_IOC_PLATFORM, arg);
  EXPECT_EQ(arg.seamret_vmcs, static_cast<u32>(TDXCTL_SEAMRET_KEEPS)) << "no VMX, no VMCS";
  host.msrs = {{0x480, 5}};
  host.run(TDXCTL_IOC_PLATFORM, arg);
  EXPECT_EQ(arg.seamret_vmcs, static_cast<u32>(TDXCTL_SEAMRET_SAVE));
  host.get()->refuse_vmcs_loss = true;
  host.run(TDXCTL_IOC_PLATFORM, arg);
  EXPECT_EQ(arg.seamret_vmcs, static_cast<u32>(TDXCTL_SEAMRET_REFUSE));
}

TEST(ModuleState, AsksTwoQuestionsThatChangeNothing) {
  FakeHost host;
  host.seamcall = [](u64 rax, FakeHost::Regs& regs) -> u64 {
    if (rax == kSysRd) {
      EXPECT_TRUE(tdx_field_is_null(regs.rdx));
      return TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
    }
    EXPECT_EQ(rax, kPageRdmd);
    EXPECT_NE(regs.rcx % TDX_PAGE_BYTES, 0U) << "an address that could be valid";
    return u64{0xC000010000000001};
  };
  struct tdxctl_module_state arg {};
  ASSERT_EQ(host.run(TDXCTL_IOC_MODULE_STATE, arg), 0);
  EXPECT_EQ(arg.read_status, TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT);
  EXPECT_EQ(arg.gate_status, 0xC000010000000001U);
  EXPECT_EQ(host.calls, (std::vector<u64>{kSysRd, kPageRdmd}));
}

TEST(ModuleState, SaysHowTheInstructionFailed) {
  FakeHost host;
  host.seamcall = [](u64, FakeHost::Regs&) -> u64 { return TDXCTL_STATUS_UD; };
  struct tdxctl_module_state arg {};
  ASSERT_EQ(host.run(TDXCTL_IOC_MODULE_STATE, arg), 0);
  EXPECT_EQ(arg.read_status, TDXCTL_STATUS_UD);
  EXPECT_EQ(arg.gate_status, TDXCTL_STATUS_UD);
}

}  // namespace
}  // namespace tdxctl::test
