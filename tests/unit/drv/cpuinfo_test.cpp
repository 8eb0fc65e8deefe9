// SPDX-License-Identifier: MIT
#include "drv/host/cpuinfo.h"

#include <gtest/gtest.h>

#include <string>

#include "core/abi/fms.h"

namespace tdxctl {
namespace {

std::string lp(int number, int package, int model = 207, int stepping = 2,
               const std::string& flags = "fpu vmx tdx_host_platform",
               const std::string& bugs = "tdx_pw_mce") {
  return "processor\t: " + std::to_string(number) +
         "\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: " + std::to_string(model) +
         "\nmodel name\t: Some CPU @ 2.0GHz\nstepping\t: " + std::to_string(stepping) +
         "\nphysical id\t: " + std::to_string(package) + "\nsiblings\t: 2\nflags\t\t: " + flags +
         "\nvmx flags\t: vnmi\nbugs\t\t: " + bugs + "\npower management:\n\n";
}

TEST(ParseCpuinfo, CountsThePackagesAndTheirLps) {
  const CpuInfo info = parse_cpuinfo(lp(0, 0) + lp(1, 1) + lp(2, 0) + lp(3, 1) + lp(4, 0));
  EXPECT_EQ(info.lps_online, 5u);
  ASSERT_EQ(info.packages.size(), 2u);
  EXPECT_EQ(info.packages[0].id, 0u);
  EXPECT_EQ(info.packages[0].lps_online, 3u);
  EXPECT_EQ(info.packages[0].fms, abi::compose_fms(6, 0xCF, 2));
  EXPECT_EQ(info.packages[1].lps_online, 2u);
}

TEST(ParseCpuinfo, PackagesAreSortedWhateverTheirOrderAndIds) {
  const CpuInfo info = parse_cpuinfo(lp(0, 3) + lp(1, 1) + lp(2, 4294967) + lp(3, 1));
  ASSERT_EQ(info.packages.size(), 3u);
  EXPECT_EQ(info.packages[0].id, 1u);
  EXPECT_EQ(info.packages[1].id, 3u);
  EXPECT_EQ(info.packages[2].id, 4294967u);
}

TEST(ParseCpuinfo, PackagesMayDiffer) {
  const CpuInfo info = parse_cpuinfo(lp(0, 0, 0x8F, 8) + lp(1, 1, 0xAD, 1));
  EXPECT_EQ(info.packages[0].fms, 0x806F8u);
  EXPECT_EQ(info.packages[1].fms, 0xA06D1u);
}

TEST(ParseCpuinfo, TakesVendorFlagsAndBugsOfTheFirstLp) {
  const CpuInfo info = parse_cpuinfo(lp(0, 0) + lp(1, 0, 207, 2, "other", "none"));
  EXPECT_EQ(info.vendor, "GenuineIntel");
  EXPECT_EQ(info.flags, "fpu vmx tdx_host_platform");
  EXPECT_EQ(info.bugs, "tdx_pw_mce");
}

TEST(ParseCpuinfo, AKernelWithoutSmpShowsOnePackage) {
  std::string text = lp(0, 0);
  text.erase(text.find("physical id"), text.find("siblings") - text.find("physical id"));
  const CpuInfo info = parse_cpuinfo(text);
  ASSERT_EQ(info.packages.size(), 1u);
  EXPECT_EQ(info.packages[0].id, 0u);
  EXPECT_EQ(info.packages[0].lps_online, 1u);
}

TEST(ParseCpuinfo, WhatIsNotShownIsNotMadeUp) {
  for (const char* text :
       {"", "\n", ":", "::::\n", "no colon at all", "flags\t:", "flags\t: \r\n", "bugs:\t \t\n"}) {
    const CpuInfo info = parse_cpuinfo(text);
    EXPECT_EQ(info.lps_online, 0u) << text;
    EXPECT_TRUE(info.packages.empty()) << text;
    EXPECT_EQ(info.vendor + info.flags + info.bugs, "") << text;
  }
}

TEST(ParseCpuinfo, AnLpWithoutFamilyOrModelHasNoFms) {
  for (const char* text :
       {"processor: 0\n", "processor: 0\ncpu family: 6\n", "processor: 0\nmodel: 207\n",
        "processor: 0\ncpu family: 6\nmodel: many\n", "processor: 0\ncpu family: 6\nmodel: 20x\n",
        "processor: 0\ncpu family: 6\nmodel: 99999999999\n"}) {
    const CpuInfo info = parse_cpuinfo(text);
    ASSERT_EQ(info.packages.size(), 1u) << text;
    EXPECT_EQ(info.packages[0].fms, 0u) << text;
  }
}

TEST(ParseCpuinfo, EveryTruncationIsReadAsFarAsItGoes) {
  const std::string whole = lp(0, 0) + lp(1, 1);
  const std::uint32_t fms = abi::compose_fms(6, 0xCF, 2);
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    const CpuInfo info = parse_cpuinfo(std::string_view(whole).substr(0, bytes));
    EXPECT_LE(info.lps_online, 2u) << bytes;
    EXPECT_LE(info.packages.size(), 2u) << bytes;
  }
  EXPECT_EQ(parse_cpuinfo(whole).packages[1].fms, fms);
}

TEST(ParseCpuinfo, NulsAndOtherBytesAreOnlyBytes) {
  std::string text = lp(0, 0);
  text.insert(text.find("tdx_host_platform"), 1, '\0');
  const CpuInfo info = parse_cpuinfo(text + std::string("\0\xFF\n:\0\n", 6) + lp(1, 0));
  EXPECT_EQ(info.lps_online, 2u);
  EXPECT_FALSE(has_word(info.flags, "tdx_host_platform"));
}

TEST(ParseCpuinfo, AMegabyteOfLpsIsCounted) {
  std::string text;
  std::uint32_t lps = 0;
  while (text.size() < (1u << 20)) text += lp(static_cast<int>(lps), static_cast<int>(lps % 8)), ++lps;
  const CpuInfo info = parse_cpuinfo(text);
  EXPECT_EQ(info.lps_online, lps);
  EXPECT_EQ(info.packages.size(), 8u);
}

TEST(ParseCpuinfo, AMegabyteWithoutAnEndOfLineIsNothing) {
  EXPECT_EQ(parse_cpuinfo(std::string(1u << 20, 'x')).lps_online, 0u);
  EXPECT_EQ(parse_cpuinfo(std::string(1u << 20, ':')).lps_online, 0u);
  EXPECT_EQ(parse_cpuinfo(std::string(1u << 20, '\n')).lps_online, 0u);
}

TEST(HasWord, FindsWholeWordsOnly) {
  EXPECT_TRUE(has_word("tdx", "tdx"));
  EXPECT_TRUE(has_word("a tdx b", "tdx"));
  EXPECT_TRUE(has_word("tdx_host tdx", "tdx"));
  EXPECT_TRUE(has_word("xtdx tdx", "tdx"));
  EXPECT_FALSE(has_word("tdx_host_platform", "tdx"));
  EXPECT_FALSE(has_word("ntdx", "tdx"));
  EXPECT_FALSE(has_word("", "tdx"));
  EXPECT_FALSE(has_word("td x", "tdx"));
}

}  // namespace
}  // namespace tdxctl
