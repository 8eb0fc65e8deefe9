// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

#include "machine.h"

namespace tdxctl::seam_test {
namespace {

std::vector<const seam_profile*> all_profiles() {
  std::vector<const seam_profile*> profiles;
  for (u32 i = 0; const auto* profile = seam_profile_at(i); ++i) profiles.push_back(profile);
  return profiles;
}

TEST(SeamProfile, BuiltInOnesAreFoundByNameAndValid) {
  std::set<std::string_view> names;
  for (const auto* profile : all_profiles()) {
    EXPECT_EQ(seam_profile_check(profile), nullptr) << profile->name;
    EXPECT_EQ(seam_profile_find(profile->name), profile);
    EXPECT_TRUE(names.insert(profile->name).second) << profile->name;
  }
  for (const char* name : {"sapphire-rapids", "emerald-rapids", "sierra-forest", "granite-rapids",
                           "connect-preview", "conformance"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
  EXPECT_EQ(seam_profile_find("no-such-machine"), nullptr);
  EXPECT_EQ(seam_profile_find(""), nullptr);
}

TEST(SeamProfile, ApicIdsAreUniqueAndTellThePackage) {
  for (const auto* profile : all_profiles()) {
    std::set<u32> ids;
    for (u32 lp = 0; lp < profile->lps; ++lp) {
      EXPECT_TRUE(ids.insert(seam_profile_apic_id(profile, lp)).second);
      EXPECT_EQ(seam_profile_package(profile, lp), lp / (profile->lps / profile->packages));
    }
  }
}

struct BadProfile {
  const char* name;
  std::function<void(seam_profile&)> spoil;
};

class SeamBadProfile : public testing::TestWithParam<BadProfile> {};

TEST_P(SeamBadProfile, IsRefusedWithASentence) {
  seam_profile profile = *seam_profile_find("sapphire-rapids");
  ASSERT_EQ(seam_profile_check(&profile), nullptr);
  GetParam().spoil(profile);
  const char* wrong = seam_profile_check(&profile);
  ASSERT_NE(wrong, nullptr);
  EXPECT_GT(std::string_view(wrong).size(), 20u);
}

const BadProfile kBadProfiles[] = {
    {"NoName", [](auto& p) { p.name[0] = 0; }},
    {"EndlessName", [](auto& p) { std::memset(p.name, 'x', sizeof p.name); }},
    {"NoLps", [](auto& p) { p.lps = 0; }},
    {"TenThousandLps", [](auto& p) { p.lps = 10000; }},
    {"OddLps", [](auto& p) { p.lps = 3; }},
    {"NoPackages", [](auto& p) { p.packages = 0; }},
    {"NinePackages", [](auto& p) { p.packages = 9; }},
    {"ApicStride", [](auto& p) { p.apic_id_stride = 3; }},
    {"OtherCpuInPackage1", [](auto& p) { p.fms[1] = 0xc06f2; }},
    {"NoCpuInPackage1", [](auto& p) { p.fms[1] = 0; }},
    {"TooManyCmrs", [](auto& p) { p.nr_cmrs = 33; }},
    {"TooManyMemoryRanges", [](auto& p) { p.nr_memory = 33; }},
    {"UnalignedCmr", [](auto& p) { p.cmrs[0].base += 1; }},
    {"CmrsOutOfOrder", [](auto& p) { std::swap(p.cmrs[0], p.cmrs[1]); }},
    {"CmrAboveTheKeyIds", [](auto& p) { p.cmrs[1].base = 1ull << 46; }},
    {"CmrOfSizeZero", [](auto& p) { p.cmrs[1].size = 0; }},
    {"CmrOverSeamrr", [](auto& p) { p.cmrs[0].size += 0x1000; }},
    {"MemoryOutsideCmrs", [](auto& p) { p.memory[1].size += 0x1000; }},
    {"SeamrrNotAPowerOfTwo", [](auto& p) { p.seamrr.size -= 0x1000; }},
    {"NoKeyIdBits", [](auto& p) { p.keyid_bits = 0; }},
    {"OnePrivateKeyId", [](auto& p) { p.tdx_keyids = 1; }},
    {"MoreKeyIdsThanBits", [](auto& p) { p.tdx_keyids = 65; }},
    {"MoreKeyIdsThanTheModuleTakes",
     [](auto& p) {
       p.keyid_bits = 15;
       p.tdx_keyids = 2000;
     }},
    {"UnknownBoot", [](auto& p) { p.boot = SEAM_NR_BOOTS; }},
    {"UnknownGeneration", [](auto& p) { p.module.generation = SEAM_NR_GENERATIONS; }},
    {"UnknownWallClock", [](auto& p) { p.module.wall_clock_policy = SEAM_NR_WALL_CLOCKS; }},
    {"ModuleLine3", [](auto& p) { p.module.major = 3; }},
    {"HandoffVersions", [](auto& p) { p.module.min_update_hv = 1; }},
    {"BuildDate", [](auto& p) { p.module.build_date = 0x20240129 * 2; }},
    {"NoUpdateDatabase", [](auto& p) { p.seamldr.updates = 0; }},
    {"TdsWithoutReadyModule",
     [](auto& p) {
       p.boot = SEAM_BOOT_LOADED;
       p.population.tds = 1;
     }},
    {"MoreTdsThanKeyIds", [](auto& p) { p.population.tds = 64; }},
    {"MoreBuildingThanTds", [](auto& p) { p.population.building = 1; }},
    {"TooManyLatencies", [](auto& p) { p.nr_latencies = 33; }},
};

INSTANTIATE_TEST_SUITE_P(All, SeamBadProfile, testing::ValuesIn(kBadProfiles),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SeamMachine, IsFoundAgainAndNothingElseIsTakenForOne) {
  Machine machine("sapphire-rapids");
  std::size_t bytes = seam_machine_bytes(machine.profile().lps);
  EXPECT_TRUE(seam_is_machine(machine.get(), bytes));
  EXPECT_FALSE(seam_is_machine(machine.get(), bytes - 1));
  std::vector<u64> zeros(bytes / 8 + 1);
  EXPECT_FALSE(seam_is_machine(reinterpret_cast<seam_machine*>(zeros.data()), bytes));
}

TEST(SeamMachine, TakesLessThanFourKilobytesForAnLp) {
  EXPECT_LT(seam_machine_bytes(513) - seam_machine_bytes(512), 4096u);
  EXPECT_LT(seam_machine_bytes(512) / 512, 4096u);
}

TEST(SeamMachine, Of512LpsIn8PackagesComesUp) {
  seam_profile profile = booting("conformance", SEAM_BOOT_LOADED);
  profile.lps = 512;
  profile.packages = 8;
  std::fill(std::begin(profile.fms), std::end(profile.fms), profile.fms[0]);
  ASSERT_EQ(seam_profile_check(&profile), nullptr);
  Machine machine(profile);
  machine.init_all();
  ASSERT_EQ(machine.status(kConfig, machine.config_regs({small_tdmr()})), TDX_SUCCESS);
  EXPECT_EQ(machine.status(kVpEnter), TDX_SYS_NOT_READY);
  machine.config_keys();
  EXPECT_EQ(machine.metadata(0x0000000200000000), 8u);
  EXPECT_EQ(machine.status(kKeyConfig), TDX_SYS_KEY_CONFIG_NOT_PENDING);
  EXPECT_EQ(seam_machine_check(machine.get()), nullptr);
}

TEST(SeamMachine, BootsIntoTheStateOfTheProfile) {
  struct {
    seam_boot boot;
    seam_outcome module, loader;
  } const cases[] = {
      {SEAM_BOOT_NO_VMX, SEAM_UD, SEAM_UD},
      {SEAM_BOOT_NO_SEAM, SEAM_GP, SEAM_GP},
      {SEAM_BOOT_NO_SEAMLDR, SEAM_VMFAIL_INVALID, SEAM_VMFAIL_INVALID},
      {SEAM_BOOT_NO_MODULE, SEAM_VMFAIL_INVALID, SEAM_RETURNED},
      {SEAM_BOOT_LOADED, SEAM_RETURNED, SEAM_RETURNED},
      {SEAM_BOOT_READY, SEAM_RETURNED, SEAM_RETURNED},
  };
  for (const auto& [boot, module, loader] : cases) {
    Machine machine(booting("sapphire-rapids", boot));
    EXPECT_EQ(machine.call(kRd).outcome, module) << seam_boot_names[boot];
    EXPECT_EQ(machine.call(kSeamldrInfo).outcome, loader) << seam_boot_names[boot];
    EXPECT_EQ(seam_machine_check(machine.get()), nullptr) << seam_boot_names[boot];
  }
}

TEST(SeamMachine, ThatBootsReadyHasTdmrsThatConfigWouldTake) {
  for (const auto* profile : all_profiles()) {
    Machine machine(booting(profile->name, SEAM_BOOT_READY));
    EXPECT_EQ(seam_machine_check(machine.get()), nullptr) << profile->name;
    seam_regs regs{};
    regs.rcx = profile->memory[profile->nr_memory - 1].base;
    EXPECT_EQ(machine.status(kPageRdmd, regs), TDX_SUCCESS) << profile->name;
    EXPECT_EQ(machine.status(kKeyConfig), TDX_SYS_KEY_CONFIG_NOT_PENDING) << profile->name;
  }
}

TEST(SeamMachine, AnswersTheHarmlessProbeForReady) {
  seam_regs unaligned{};
  unaligned.rcx = 0x123;
  EXPECT_EQ(Machine(booting("sapphire-rapids", SEAM_BOOT_READY)).status(kPageRdmd, unaligned),
            TDX_OPERAND_INVALID | OPERAND_RCX);
  EXPECT_EQ(Machine(booting("sapphire-rapids", SEAM_BOOT_LOADED)).status(kPageRdmd, unaligned),
            TDX_SYS_NOT_READY);
}

}  // namespace
}  // namespace tdxctl::seam_test
