// SPDX-License-Identifier: MIT
#include "core/image/sigstruct.h"

#include <gtest/gtest.h>

#include "core/abi/status.h"
#include "unit/core/image/test_image.h"

namespace tdxctl::image {
namespace {

TEST(Sigstruct, IsReadFieldByFieldFromItsBytes) {
  std::vector<std::uint8_t> bytes(kSigstructBytes);
  put<std::uint32_t>(bytes, 0x014, 0x20240129);
  put<std::uint32_t>(bytes, 0x200, 65537);
  bytes[0x3B4] = 5;
  bytes[0x3B5] = 1;
  put<std::uint64_t>(bytes, 0x3B6, 0x1122334455667788);
  put<std::uint32_t>(bytes, 0x3BE, 0x3922C);
  put<std::uint16_t>(bytes, 0x3C4, 127);
  put<std::uint16_t>(bytes, 0x3D8, 3);
  put<std::uint16_t>(bytes, 0x3DA, 2);
  put<std::uint16_t>(bytes, 0x3DE, 13);
  put<std::uint32_t>(bytes, 0x3E0, 0x5C000);
  put<std::uint32_t>(bytes, 0x400, 2);
  put<std::uint32_t>(bytes, 0x404, 0x806F8);
  put<std::uint32_t>(bytes, 0x408, 0xA06F3);
  const Sigstruct sigstruct = read_sigstruct(std::span(bytes).first<kSigstructBytes>());
  EXPECT_EQ(to_string(*date(sigstruct)), "2024-01-29");
  EXPECT_EQ(+sigstruct.exponent, 65537u);
  EXPECT_EQ(svn(sigstruct), (Svn{1, 5}));
  EXPECT_EQ(to_string(svn(sigstruct)), "1.5");
  EXPECT_EQ(+sigstruct.attributes, 0x1122334455667788u);
  EXPECT_EQ(+sigstruct.rip_offset, 0x3922Cu);
  EXPECT_EQ(+sigstruct.keyhole_pages, 127);
  EXPECT_EQ(+sigstruct.module_hv, 3);
  EXPECT_EQ(+sigstruct.min_update_hv, 2);
  EXPECT_EQ(+sigstruct.handoff_pages, 13);
  EXPECT_EQ(+sigstruct.gdt_idt_offset, 0x5C000u);
  EXPECT_EQ(cpus(sigstruct), (std::vector<std::uint32_t>{0x806F0, 0xA06F0}));
}

TEST(Sigstruct, HasNoMoreCpusThanTheFieldHasRoomFor) {
  Sigstruct sigstruct = make_test_image().sigstruct;
  sigstruct.cpu_count = 0xFFFFFFFF;
  EXPECT_EQ(cpus(sigstruct).size(), 255u);
}

TEST(Sigstruct, HasNoDateWhereTheFieldIsNone) {
  Sigstruct sigstruct{};
  for (const std::uint32_t bcd : {0u, 0x20240230u, 0x2024A101u, 0x20241A01u, 0x2024010Fu, 0xFFFFFFFFu}) {
    sigstruct.date_bcd = bcd;
    EXPECT_EQ(date(sigstruct), std::nullopt) << std::hex << bcd;
  }
}

TEST(Sigstruct, SignsAllButModulusExponentAndSignature) {
  std::vector<std::uint8_t> bytes(kSigstructBytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  const auto message = signed_message(read_sigstruct(std::span(bytes).first<kSigstructBytes>()));
  ASSERT_EQ(message.size(), 1276u);
  EXPECT_EQ(message[127], bytes[127]);
  EXPECT_EQ(message[128], bytes[900]);
  EXPECT_EQ(message[1275], bytes[2047]);
}

TEST(CpuName, GivesTheNumberOfACpuThatIsNotKnown) {
  EXPECT_EQ(cpu_name(0x806F8), "Sapphire Rapids");
  EXPECT_EQ(cpu_name(0x906A3), "CPU 0x906a3");
}

TEST(CheckSigstruct, LetsLaterLinesHaveBuildInformation) {
  TestImage image = make_test_image();
  image.sigstruct.svn_major = 3;
  image.sigstruct.build_major = 2;
  image.sigstruct.build_update = 2;
  image.sigstruct.build_number = 786;
  std::vector<Check> checks;
  check_sigstruct(image.sigstruct, image.module.size(), checks);
  EXPECT_EQ(first_with(Verdict::bad, checks), nullptr);
  EXPECT_EQ(to_string(build_info(image.sigstruct)->version), "2.0.02");
}

TEST(CheckSigstruct, LetsADebugModuleListNoCpu) {
  TestImage image = make_test_image();
  image.sigstruct.module_type = 1u << 31;
  image.sigstruct.cpu_count = 0;
  image.sigstruct.cpus = {};
  std::vector<Check> checks;
  check_sigstruct(image.sigstruct, image.module.size(), checks);
  EXPECT_EQ(first_with(Verdict::bad, checks), nullptr);
}

TEST(CheckSigstruct, LetsAModuleHaveNoTables) {
  TestImage image = make_test_image();
  image.sigstruct.gdt_idt_offset = 0;
  image.sigstruct.fault_wrapper_offset = 0;
  std::vector<Check> checks;
  check_sigstruct(image.sigstruct, image.module.size(), checks);
  EXPECT_EQ(first_with(Verdict::bad, checks), nullptr);
}

TEST(CheckSigstruct, TakesTablesThatEndWithTheModule) {
  TestImage image = make_test_image();
  image.sigstruct.gdt_idt_offset = 0x3000;
  image.sigstruct.fault_wrapper_offset = 0x3E00;
  image.sigstruct.rip_offset = 0x3FFF;
  std::vector<Check> checks;
  check_sigstruct(image.sigstruct, image.module.size(), checks);
  EXPECT_EQ(first_with(Verdict::bad, checks), nullptr);
}

TEST(Rules, NameErrorsThatTheSeamldrHas) {
  std::size_t named = 0;
  for (const Check& check : verify(make_test_image().file()).checks) {
    if (check.rule->seamldr_error.empty()) continue;
    ++named;
    EXPECT_FALSE(abi::find_status_codes(check.rule->seamldr_error, abi::Interface::p_seamldr).empty())
        << check.rule->seamldr_error;
  }
  EXPECT_GT(named, 30u);
}

TEST(Rules, EachHaveAnIdOfTheirOwn) {
  const auto checks = verify(make_test_image().file()).checks;
  std::set<std::string_view> names;
  for (const Check& check : checks) names.insert(check.name());
  EXPECT_EQ(names.size(), checks.size());
}

}  // namespace
}  // namespace tdxctl::image
