// SPDX-License-Identifier: MIT
#include "core/decode/advice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/abi/leaves.h"
#include "core/abi/status.h"

namespace tdxctl {
namespace {

using abi::Interface;

const Advice* advice_on(std::string_view name, Interface interface) {
  return find_advice(interface, abi::find_status_codes(name, interface)[0].value, std::nullopt);
}

// What the administrator of a host meets has to come with the next thing to do.
TEST(Advice, CoversEveryErrorThatAHostMeets) {
  for (const auto interface : {Interface::tdx_module, Interface::p_seamldr, Interface::software}) {
    for (const auto& code : abi::status_codes(interface)) {
      const auto word = abi::parse_status(code.value);
      if (!word.error || code.name == "TDX_SW_ERROR") continue;
      const bool host_class = word.class_code == 5 || word.class_code == 9 || word.class_code == 10;
      if (interface == Interface::tdx_module && !host_class) continue;
      const Advice* advice = find_advice(interface, code.value, std::nullopt);
      ASSERT_NE(advice, nullptr) << code.name;
      EXPECT_FALSE(advice->cause.empty()) << code.name;
      EXPECT_FALSE(advice->fix.empty()) << code.name;
    }
  }
  for (const char* name : {"TDX_OPERAND_INVALID", "TDX_OPERAND_BUSY", "TDX_SYS_BUSY", "TDX_RND_NO_ENTROPY",
                           "TDX_INTERRUPTED_RESUMABLE", "TDX_KEY_GENERATION_FAILED",
                           "TDX_NUM_ACTIVATED_HKIDS_NOT_SUPPORTED", "TDX_METADATA_FIELD_ID_INCORRECT"}) {
    EXPECT_NE(advice_on(name, Interface::tdx_module), nullptr) << name;
  }
}

TEST(Advice, PrefersTheRowOfTheLeaf) {
  constexpr std::uint64_t kOperandInvalid = 0xC000010000000000;
  const auto* general = find_advice(Interface::tdx_module, kOperandInvalid, std::nullopt);
  const auto* disable = find_advice(Interface::tdx_module, kOperandInvalid, abi::leaf::kSysDisable);
  const auto* rd = find_advice(Interface::tdx_module, kOperandInvalid, abi::leaf::kSysRd);
  ASSERT_NE(general, nullptr);
  EXPECT_EQ(general->leaf, kAnyLeaf);
  EXPECT_EQ(rd, general);
  ASSERT_NE(disable, nullptr);
  EXPECT_NE(disable->cause.find("too old"), std::string_view::npos);
}

TEST(Advice, IsAboutTheInterfaceThatAnswered) {
  EXPECT_EQ(find_advice(Interface::tdx_module, 0x8000000000020001, std::nullopt), nullptr);
  EXPECT_NE(find_advice(Interface::p_seamldr, 0x8000000000020001, std::nullopt), nullptr);
  EXPECT_EQ(find_advice(Interface::np_seamldr, 0x8000000000010002, std::nullopt), nullptr);
}

// A typing slip in a status value would otherwise leave a row that nothing finds.
TEST(Advice, HasNoRowWithoutAStatus) {
  for (const auto interface : {Interface::tdx_module, Interface::p_seamldr, Interface::software}) {
    const auto codes = abi::status_codes(interface);
    for (const Advice& row : advice_rows(interface)) {
      EXPECT_TRUE(std::any_of(codes.begin(), codes.end(),
                              [&](const abi::StatusCode& code) { return code.value == row.status; }))
          << std::hex << row.status;
      if (row.leaf != kAnyLeaf) {
        EXPECT_FALSE(abi::find_leaves(interface, row.leaf).empty()) << row.leaf;
      }
    }
  }
}

}  // namespace
}  // namespace tdxctl
