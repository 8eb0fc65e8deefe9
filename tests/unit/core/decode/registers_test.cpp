// SPDX-License-Identifier: MIT
#include "core/decode/registers.h"

#include <gtest/gtest.h>

#include "core/abi/leaves.h"

namespace tdxctl {
namespace {

using abi::Interface;

TEST(RegisterName, TakesTheUsualSpellings) {
  EXPECT_EQ(register_name("rcx"), "RCX");
  EXPECT_EQ(register_name("R8"), "R8");
  EXPECT_EQ(register_name("R08"), "R8");
  EXPECT_EQ(register_name("r09"), "R9");
  EXPECT_EQ(register_name("R10"), "R10");
  for (const char* other : {"", "R", "R07", "R010", "X08", "R16", "RSP", "ECX", "r08x"}) {
    EXPECT_EQ(register_name(other), "") << other;
  }
}

TEST(DecodeOutputRegister, ReadsTheNextFieldIdAfterAFullList) {
  const CallOutcome full{Interface::tdx_module, abi::leaf::kSysRdall, 0xC0000C0400000000};
  const auto r8 = decode_output_register(full, "R8", 0x9000000300000080);
  ASSERT_TRUE(r8);
  EXPECT_EQ(r8->items.at(0), (Item{"field id", 0x9000000300000080, "CMR_BASE"}));
}

TEST(DecodeOutputRegister, ReadsCpuidDifferencesOfLpInit) {
  const CallOutcome differs{Interface::tdx_module, abi::leaf::kSysLpInit, 0xC000090200000000};
  EXPECT_EQ(decode_output_register(differs, "RDX", 0x0000000200000001)->items,
            (std::vector<Item>{{"EAX", 1, ""}, {"EBX", 2, ""}}));
  EXPECT_FALSE(decode_output_register(differs, "R9", 0));  // only TDH.SYS.INIT gives expected values
}

TEST(DecodeOutputRegister, ReadsWhatInstallLeftBehind) {
  const CallOutcome failed{Interface::p_seamldr, abi::leaf::kSeamldrInstall, 0x8000000000000003};
  EXPECT_EQ(decode_output_register(failed, "RDX", 0)->items.at(0).name,
            "recoverable: the old module is still loaded");
  EXPECT_EQ(decode_output_register(failed, "RDX", 2)->items.at(0).name, "");
  const CallOutcome worked{Interface::p_seamldr, abi::leaf::kSeamldrInstall, 0};
  EXPECT_FALSE(decode_output_register(worked, "RDX", 0));
}

TEST(DecodeOutputRegister, SaysNothingAboutOtherOutcomes) {
  const CallOutcome busy{Interface::tdx_module, abi::leaf::kSysInit, 0x8000020200000000};
  EXPECT_FALSE(decode_output_register(busy, "RCX", 7));
  const CallOutcome other{Interface::p_seamldr, abi::leaf::kSysInit, 0xC000090000000000};
  EXPECT_FALSE(decode_output_register(other, "RCX", 7));
}

}  // namespace
}  // namespace tdxctl
