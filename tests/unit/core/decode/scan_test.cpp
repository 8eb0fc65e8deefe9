// SPDX-License-Identifier: MIT
#include "core/decode/scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tdxctl {
namespace {

std::string gist(const Decoded& decoded) {
  if (const auto* status = std::get_if<StatusDecode>(&decoded)) {
    return status->known() ? std::string(status->code->name) : "unknown status";
  }
  if (const auto* call = std::get_if<CallDecode>(&decoded)) {
    return call->leaves.empty() ? "unknown leaf" : std::string(call->leaves.front().name);
  }
  if (const auto* id = std::get_if<FieldIdDecode>(&decoded)) return id->known() ? id->name : "unknown field";
  if (const auto* bits = std::get_if<BitsDecode>(&decoded)) return std::string(bits->what);
  const auto& reg = std::get<RegisterDecode>(decoded);
  return std::string(reg.reg) + ": " + std::string(reg.what);
}

/// "line:column gist" of every finding.
std::vector<std::string> gists(std::string_view text) {
  std::vector<std::string> out;
  for (const FoundNumber& finding : scan_text(text).findings) {
    out.push_back(std::to_string(finding.line) + ":" + std::to_string(finding.column) + " " +
                  gist(finding.decoded));
  }
  return out;
}

using Gists = std::vector<std::string>;

TEST(ScanText, LeafNumberOnTheLineChoosesTheTable) {
  EXPECT_EQ(gists("[   12.345678] virt/tdx: SEAMCALL (0x8000000000000001) failed: 0x8000000000020001\n"),
            (Gists{"1:36 SEAMLDR.INSTALL", "1:64 SEAMLDR_EBADHASH"}));
  EXPECT_EQ(gists("virt/tdx: SEAMCALL (0x0000000000000021) failed: 0xc000092000000345"),
            (Gists{"1:21 TDH.SYS.INIT", "1:49 TDX_INCONSISTENT_MSR"}));
  // The same number from the other side is nothing that anybody knows.
  EXPECT_EQ(gists("virt/tdx: SEAMCALL (0x0000000000000021) failed: 0x8000000000020001"),
            (Gists{"1:21 TDH.SYS.INIT", "1:49 unknown status"}));
  EXPECT_EQ(gists("virt/tdx: SEAMCALL (0x8000000000000001) failed: 0x8000020300000000"),
            (Gists{"1:21 SEAMLDR.INSTALL", "1:49 unknown status"}));
}

TEST(ScanText, LeafNameOnTheLineChoosesTheTable) {
  EXPECT_EQ(gists("virt/tdx: TDH.SYS.DISABLE failed: 0xc000010000000000"),
            (Gists{"1:35 TDX_OPERAND_INVALID"}));
  EXPECT_EQ(gists("kvm_intel: SEAMCALL TDH_VP_ENTER failed: 0xc000000700000000"),
            (Gists{"1:42 TDX_NON_RECOVERABLE_TD_WRONG_APIC_MODE"}));
  EXPECT_EQ(gists("SEAMLDR.INSTALL: 0x8000000000010004."), (Gists{"1:18 SEAMLDR_EUNSUPCPU"}));
  EXPECT_EQ(gists("P_SEAMLDR_INFO failed, status 0x8000000000000000"), (Gists{"1:31 SEAMLDR_EBADPARAM"}));
  EXPECT_EQ(gists("got 0x8000000000000003 from SEAMLDR_INSTALL"), (Gists{"1:5 SEAMLDR_EBADCALL"}));
}

TEST(ScanText, LeafSharpensTheAdvice) {
  const auto result = scan_text("virt/tdx: TDH.SYS.DISABLE failed: 0xc000010000000000");
  const auto& status = std::get<StatusDecode>(result.findings.at(0).decoded);
  ASSERT_NE(status.advice, nullptr);
  EXPECT_EQ(status.advice->leaf, abi::leaf::kSysDisable);
}

TEST(ScanText, ExplainsRegistersAfterAFailure) {
  const char* log =
      "virt/tdx: SEAMCALL (0x0000000000000021) failed: 0xc000090000000000\n"
      "virt/tdx: RCX 0xffffffff00000007 RDX 0x0000000000000000 R08 0x0000000000000001\n"
      "virt/tdx: R09 0x0000000000000000 R10 0x0000000000000002 R11 0x0000000000000003\n";
  const auto result = scan_text(log);
  EXPECT_EQ(gists(log), (Gists{"1:21 TDH.SYS.INIT", "1:49 TDX_INCORRECT_CPUID_VALUE",
                               "2:15 RCX: CPUID leaf that is not acceptable",
                               "2:38 RDX: bits that were checked", "2:61 R8: bits that were checked",
                               "3:15 R9: values that were expected", "3:38 R10: values that were expected"}));
  const auto& rcx = std::get<RegisterDecode>(result.findings.at(2).decoded);
  EXPECT_EQ(rcx.items.at(0), (Item{"leaf", 7, ""}));
  EXPECT_EQ(rcx.items.at(1), (Item{"subleaf", 0xFFFFFFFF, "none"}));
}

TEST(ScanText, ExplainsWhatInstallSaysInRdx) {
  const auto result = scan_text("tdx: SEAMCALL (0x8000000000000001) failed: 0x8000000000020001 RDX=0x1\n");
  ASSERT_EQ(result.findings.size(), 3u);
  EXPECT_EQ(std::get<RegisterDecode>(result.findings[2].decoded).items.at(0).name,
            "not recoverable: no module is loaded");
}

TEST(ScanText, LeavesRegistersAloneThatNoFailureExplains) {
  EXPECT_EQ(gists("virt/tdx: RCX 0x7 RDX 0x1\n"), Gists{});
  EXPECT_EQ(gists("virt/tdx: SEAMCALL (0x21) failed: 0xc000050000000000\nvirt/tdx: RCX 0x7\n"),
            (Gists{"1:21 TDH.SYS.INIT", "1:35 TDX_SYS_INIT_NOT_PENDING"}));
  // Five lines on it is another matter.
  EXPECT_EQ(gists("tdx: SEAMCALL (0x21) failed: 0xc000090000000000\n\n\n\n\ntdx: RCX 0x7\n").size(), 2u);
}

TEST(ScanText, TakesLabelledWords) {
  EXPECT_EQ(gists("tdx: features0 0x226f1f0fbf"), (Gists{"1:16 TDX_FEATURES0"}));
  EXPECT_EQ(gists("TDX_FEATURES0: 0x40"), (Gists{"1:16 TDX_FEATURES0"}));
  EXPECT_EQ(gists("td params of tdx guest: attributes=0x10000000 xfam=0x602e7"),
            (Gists{"1:36 ATTRIBUTES", "1:52 XFAM"}));
  EXPECT_EQ(gists("tdx: cannot read metadata field 0x9100000100000008"), (Gists{"1:33 MAX_TDMRS"}));
  EXPECT_EQ(gists("tdx: cannot read metadata field 0x3500000100000008"), (Gists{"1:33 unknown field"}));
  EXPECT_EQ(gists("tdx: vmcs field 0x4402"), Gists{});
  EXPECT_EQ(gists("tdx: leaf 0x10777"), (Gists{"1:11 unknown leaf"}));
}

TEST(ScanText, TakesDistinctiveNumbersWithoutALabel) {
  EXPECT_EQ(gists("api log: rc 5, word 0xc000010000000008, done"), (Gists{"1:21 TDX_OPERAND_INVALID"}));
  EXPECT_EQ(gists("0x8000FF00FFFF0000"), (Gists{"1:1 TDX_SEAMCALL_VMFAILINVALID"}));
  EXPECT_EQ(gists("tdx says 0x8000_0203_0000_0000"), (Gists{"1:10 TDX_RND_NO_ENTROPY"}));
}

TEST(ScanText, PassesOverWhatIsNotAboutTdx) {
  EXPECT_EQ(gists("[    0.000000] BIOS-e820: [mem 0x0000000100000000-0x000000207fffffff] usable\n"
                  "[    0.000000] ACPI: error 0x8000000000000003 at 0xffff888000000000\n"
                  "virt/tdx: TDMR [0x100000000, 0x240000000): reserved areas exhausted.\n"
                  "virt/tdx: BIOS enabled: private KeyID range [16, 64)\n"
                  "virt/tdx: TDX-Module initialization failed (-19), error 0x13\n"
                  "virt/tdx: error at 0x00007f1234567890\n"
                  "0x 0xg 0x1234567890123456789012345678901234567890 a0xc000010000000000\n"),
            Gists{});
}

TEST(ScanText, CountsLinesAndBytes) {
  EXPECT_EQ(gists("\n\r\n\ttdx: failed: 0xc000050600000000\r\n\n0xc000050600000000"),
            (Gists{"3:15 TDX_SYS_SHUTDOWN", "5:1 TDX_SYS_SHUTDOWN"}));
  const std::string text = "tdx: failed: 0xc000050600000000";
  const auto result = scan_text(text);
  EXPECT_EQ(result.findings.at(0).text, "0xc000050600000000");
  EXPECT_EQ(result.findings.at(0).text.data(), text.data() + 13);
  EXPECT_EQ(result.findings.at(0).word, 0xC000050600000000);
}

TEST(ScanText, TakesAnyBytes) {
  using namespace std::string_literals;
  EXPECT_EQ(gists("tdx\0\xff\xfe failed: 0xc000050600000000\0 0xc000050500000000"s),
            (Gists{"1:16 TDX_SYS_SHUTDOWN", "1:36 TDX_SYS_NOT_READY"}));
  EXPECT_EQ(gists(""), Gists{});
  EXPECT_EQ(gists("\0"s), Gists{});
  EXPECT_EQ(gists("..................0xc000050600000000.................."),
            (Gists{"1:19 TDX_SYS_SHUTDOWN"}));

  std::mt19937 random(5);
  const std::string alphabet = "0x8c123456789abcdefTDH.SYS_EAMCLRX \n\0\xff:()"s;
  for (int round = 0; round < 200; ++round) {
    std::string noise(1000, ' ');
    for (char& c : noise) c = alphabet[random() % alphabet.size()];
    for (const FoundNumber& finding : scan_text(noise).findings) {
      EXPECT_GE(finding.text.data(), noise.data());
      EXPECT_LE(finding.text.data() + finding.text.size(), noise.data() + noise.size());
    }
  }
}

TEST(ScanText, StopsAtItsLimitAndSaysSo) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += "0xc000050600000000 ";
  const auto all = scan_text(text, 10);
  EXPECT_EQ(all.findings.size(), 10u);
  EXPECT_FALSE(all.truncated);
  const auto some = scan_text(text, 3);
  EXPECT_EQ(some.findings.size(), 3u);
  EXPECT_TRUE(some.truncated);
  EXPECT_FALSE(scan_text("0xc0 nothing", 0).truncated);
}

// A megabyte in one line, in the shapes that cost most for each byte. A quadratic scan would take hours over
// it and run into the time limit of the test.
TEST(ScanText, TakesAMegabyteInOneLine) {
  constexpr std::size_t kBytes = 1u << 20;
  const std::string pieces[] = {"0", "tdx ", "0x1 ", "TDH.X ", "tdx 0x8000000000000777 ", "\n"};
  for (const std::string& piece : pieces) {
    std::string text;
    text.reserve(kBytes + piece.size() + 20);
    while (text.size() < kBytes) text += piece;
    text += " 0xc000050600000000";
    const auto result = scan_text(text);
    ASSERT_EQ(result.findings.size(), 1u) << piece;
    EXPECT_EQ(result.findings[0].column, piece == "\n" ? 2u : text.size() - 17) << piece;
  }
}

}  // namespace
}  // namespace tdxctl
