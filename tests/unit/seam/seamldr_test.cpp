// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <functional>

#include "test_image.h"

namespace tdxctl::seam_test {
namespace {

constexpr u64 kInfoPage = 0x12000000;
constexpr u32 kLoad = PARAMS_SCENARIO_LOAD, kUpdateScenario = PARAMS_SCENARIO_UPDATE;

/// What the tests look at of SEAMLDR.INFO.
struct LoaderInfo {
  u32 updates = 0;
  u64 valid = 0;
  u8 svn_minor = 0, svn_major = 0;
  Digest mrseam{};
  bool seam_ready = false, p_seam_ready = false;
};

LoaderInfo loader_info(Machine& machine) {
  seam_regs regs{};
  regs.rcx = kInfoPage;
  EXPECT_EQ(machine.status(kSeamldrInfo, regs), SEAMLDR_SUCCESS);
  LoaderInfo info;
  auto& memory = machine.memory();
  u8 ready[3];
  memory.read(kInfoPage + 28, &info.updates, 4);
  memory.read(kInfoPage + 32, &info.valid, 8);
  memory.read(kInfoPage + 40, &info.svn_minor, 1);
  memory.read(kInfoPage + 41, &info.svn_major, 1);
  memory.read(kInfoPage + 56, info.mrseam.data(), info.mrseam.size());
  memory.read(kInfoPage + 160, ready, 3);
  info.seam_ready = ready[0];
  info.p_seam_ready = ready[2];
  return info;
}

/// Four LPs with a module of the mid generation and five TDs.
seam_profile four_lps(seam_boot boot = SEAM_BOOT_READY) {
  seam_profile profile = trusting_profile(*seam_profile_find("emerald-rapids"));
  profile.lps = 4;
  profile.boot = static_cast<u8>(boot);
  profile.population.tds = boot == SEAM_BOOT_READY ? 5 : 0;
  return profile;
}

seam_module_release successor(const seam_profile& profile) {
  auto release = profile.module;
  release.update += 6;
  release.build_num = 1100;
  release.svn_minor += 1;
  return release;
}

struct SeamldrInstall : testing::Test {
  SeamldrInstall() : SeamldrInstall(four_lps()) {}
  explicit SeamldrInstall(const seam_profile& p)
      : profile(p), machine(p), image(make_image(successor(p), p)) {
    install_crypto(machine);
  }

  void shut_down() {
    seam_regs regs{};
    regs.rcx = profile.module.module_hv;
    ASSERT_EQ(machine.status(kShutdown, regs), TDX_SUCCESS);
  }

  seam_profile profile;
  Machine machine;
  TestImage image;
};

TEST_F(SeamldrInstall, UpdatesTheModuleAndKeepsTds) {
  auto before = loader_info(machine);
  shut_down();
  auto answer = install(machine, stage(machine, image, kUpdateScenario));
  EXPECT_EQ(answer.status(), SEAMLDR_SUCCESS);
  EXPECT_EQ(answer.regs.rdx, 0u);
  auto after = loader_info(machine);
  EXPECT_EQ(after.updates, before.updates - 1);
  EXPECT_EQ(after.valid, 0x1ffu);
  EXPECT_EQ(after.svn_minor, before.svn_minor + 1);
  EXPECT_TRUE(std::equal(after.mrseam.begin(), after.mrseam.end(), image.sigstruct.seamhash));
  EXPECT_TRUE(after.seam_ready);

  EXPECT_EQ(machine.status(kVpEnter), TDX_SYS_NOT_READY);
  machine.init_all();
  EXPECT_EQ(machine.status(kUpdate), TDX_SUCCESS);
  EXPECT_EQ(seam_tds(machine.get())->tds, 5u);
  EXPECT_EQ(machine.metadata(0x0800000100000005), profile.module.update + 6u);
  EXPECT_EQ(machine.metadata(0x8800000100000002), 1100u);
  EXPECT_EQ(machine.metadata(0x8800000200000001), 20260131u);
  EXPECT_EQ(seam_machine_check(machine.get()), nullptr);
}

TEST_F(SeamldrInstall, BlocksTheModuleFromTheFirstLpOnAndLooksOnlyAtTheLast) {
  seam_regs regs{};
  regs.rcx = 0x123;  // not looked at before the last LP
  EXPECT_EQ(machine.status(kSeamldrInstall, regs, 2), SEAMLDR_SUCCESS);
  EXPECT_EQ(machine.call(kRd).outcome, SEAM_VMFAIL_INVALID);
  EXPECT_FALSE(loader_info(machine).seam_ready);
  EXPECT_EQ(machine.status(kSeamldrInstall, regs, 2), SEAMLDR_EBADCALL);
  EXPECT_EQ(machine.status(kSeamldrShutdown, regs, 0), SEAMLDR_EBADCALL);
  EXPECT_EQ(machine.status(kSeamldrCleanup, regs, 0), SEAMLDR_EBADCALL);
  EXPECT_EQ(machine.status(kSeamldrInstall, regs, 0), SEAMLDR_SUCCESS);
  EXPECT_EQ(machine.status(kSeamldrInstall, regs, 1), SEAMLDR_SUCCESS);
  EXPECT_EQ(seam_machine_check(machine.get()), nullptr);
  EXPECT_EQ(machine.status(kSeamldrInstall, regs, 3), SEAMLDR_EBADPARAM);
  EXPECT_EQ(machine.call(kRd).outcome, SEAM_RETURNED) << "the old module is reachable again";
}

TEST_F(SeamldrInstall, LoadsFromScratchAndLosesTds) {
  EXPECT_EQ(install(machine, stage(machine, image, kLoad)).status(), SEAMLDR_SUCCESS);
  EXPECT_EQ(seam_tds(machine.get())->tds, 0u);
  EXPECT_EQ(loader_info(machine).updates, profile.seamldr.updates - 1);
  machine.init_all();
  EXPECT_EQ(machine.status(kUpdate), TDX_SYS_INVALID_HANDOFF);
}

TEST_F(SeamldrInstall, RunsOutOfUpdates) {
  for (u32 left = loader_info(machine).updates; left; --left) {
    shut_down();
    ASSERT_EQ(install(machine, stage(machine, image, kUpdateScenario)).status(), SEAMLDR_SUCCESS);
    machine.init_all();
    ASSERT_EQ(machine.status(kUpdate), TDX_SUCCESS);
  }
  EXPECT_EQ(loader_info(machine).updates, 0u);
  shut_down();
  auto answer = install(machine, stage(machine, image, kUpdateScenario));
  EXPECT_EQ(answer.status(), SEAMLDR_EBADCALL);
  EXPECT_EQ(answer.regs.rdx, 0u);
  EXPECT_EQ(machine.status(kRd), TDX_SYS_SHUTDOWN);
}

/// One thing that is wrong with an image or its parameters, and what INSTALL says.
struct Refusal {
  const char* name;
  u64 status;
  std::function<void(TestImage&)> spoil;
  u32 scenario = kUpdateScenario;
  bool lost = false;  // the module before is gone
};

class SeamldrRefusal : public SeamldrInstall, public testing::WithParamInterface<Refusal> {};

TEST_P(SeamldrRefusal, LeavesTheMachineAsItShould) {
  const auto& refusal = GetParam();
  if (refusal.scenario == kUpdateScenario) shut_down();
  auto before = loader_info(machine);
  refusal.spoil(image);
  auto answer = install(machine, stage(machine, image, refusal.scenario));
  EXPECT_EQ(answer.status(), refusal.status);
  EXPECT_EQ(answer.regs.rdx, refusal.lost ? 1u : 0u);
  auto after = loader_info(machine);
  EXPECT_EQ(after.seam_ready, !refusal.lost);
  EXPECT_EQ(after.valid, refusal.lost ? 0 : before.valid);
  EXPECT_EQ(after.updates,
            refusal.lost && refusal.scenario == kLoad ? profile.seamldr.updates : before.updates);
  EXPECT_EQ(seam_machine_check(machine.get()), nullptr);

  // The session is over: a good image can follow, an update only after a module.
  auto good = make_image(successor(profile), profile);
  EXPECT_EQ(install(machine, stage(machine, good, kUpdateScenario)).status(),
            refusal.lost                          ? SEAMLDR_EBADPARAM
            : refusal.scenario == kUpdateScenario ? SEAMLDR_SUCCESS
                                                  : SEAMLDR_EBADHANDOFF);
  EXPECT_EQ(install(machine, stage(machine, good, kLoad)).status(), SEAMLDR_SUCCESS);
}

/// Spoils the sigstruct and signs it again, so that only that is wrong.
template <class Spoil>
std::function<void(TestImage&)> sealed(Spoil spoil) {
  return [spoil](TestImage& image) {
    spoil(image.sigstruct);
    image.seal();
  };
}

const Refusal kRefusals[] = {
    {"HeaderReserved", SEAMLDR_EBADSIG, sealed([](auto& s) { s.reserved0[87] = 1; })},
    {"BodyReserved1", SEAMLDR_EBADSIG, sealed([](auto& s) { s.reserved1[0] = 1; })},
    {"BodyReserved2", SEAMLDR_EBADSIG, sealed([](auto& s) { s.reserved2 = 1; })},
    {"VersionInA15Image", SEAMLDR_EBADSIG, sealed([](auto& s) { s.reserved3[3] = 2; })},
    {"HeaderType", SEAMLDR_EBADSIG, sealed([](auto& s) { s.header_type = 7; })},
    {"HeaderLength", SEAMLDR_EBADSIG, sealed([](auto& s) { s.header_dwords = 0xe0; })},
    {"HeaderVersion", SEAMLDR_EBADSIG, sealed([](auto& s) { s.header_version = 0x20000; })},
    {"KeySize", SEAMLDR_EBADSIG, sealed([](auto& s) { s.key_dwords = 0x40; })},
    {"Vendor", SEAMLDR_EBADSIG, sealed([](auto& s) { s.vendor = 0x1022; })},
    {"ModuleType", SEAMLDR_EBADSIG, sealed([](auto& s) { s.module_type = 1; })},
    {"DebugModule", SEAMLDR_EBADSIG, sealed([](auto& s) { s.module_type = 1u << 31; })},
    {"Attributes", SEAMLDR_EBADSIG, sealed([](auto& s) { s.attributes[7] = 1; })},
    {"CpuidTableTooLong", SEAMLDR_EBADSIG, sealed([](auto& s) { s.cpuid_table_size = 256; })},
    {"Exponent", SEAMLDR_EBADSIG, [](auto& i) { i.sigstruct.exponent = 3; }},
    {"HandoffVersions", SEAMLDR_EBADSIG, sealed([](auto& s) { s.min_update_hv = 9; })},
    {"GdtUnaligned", SEAMLDR_EBADSIG, sealed([](auto& s) { s.gdt_idt_offset = 0x1001; })},
    {"GdtWithoutWrappers", SEAMLDR_EBADSIG, sealed([](auto& s) { s.fault_wrapper_offset = 0; })},
    {"GdtOutside", SEAMLDR_EBADSIG, sealed([](auto& s) { s.gdt_idt_offset = 0x3000; })},
    {"WrappersOutside", SEAMLDR_EBADSIG, sealed([](auto& s) { s.fault_wrapper_offset = 0x2f00; })},
    {"OtherKey", SEAMLDR_EBADSIG, [](auto& i) { i.sigstruct.modulus[0] ^= 1; }},
    {"SvnMajorZero", SEAMLDR_EUNSUPPORTED, sealed([](auto& s) { s.svn_major = 0; })},
    {"OtherLine", SEAMLDR_EUNSUPPORTED, sealed([](auto& s) { s.svn_major = 3; })},
    {"SvnLower", SEAMLDR_EBADSIG, sealed([](auto& s) { s.svn_minor = 0; })},
    {"OtherLineByLoad", SEAMLDR_ECLEANUPREQ, sealed([](auto& s) { s.svn_major = 3; }), kLoad},
    {"SvnLowerByLoad", SEAMLDR_ECLEANUPREQ, sealed([](auto& s) { s.svn_minor = 0; }), kLoad},
    {"OtherCpu", SEAMLDR_EUNSUPCPU, sealed([](auto& s) { s.cpuid_table[0] = 0x806f0; })},
    {"NoCpu", SEAMLDR_EBADSIG, sealed([](auto& s) { s.cpuid_table_size = 0; })},
    {"Signature", SEAMLDR_EBADSIG, [](auto& i) { i.sigstruct.signature[100] ^= 1; }},
    {"SignedPartChanged", SEAMLDR_EBADSIG, [](auto& i) { i.sigstruct.svn_minor += 1; }},
    {"TooLargeForTheRange", SEAMLDR_ENOMEM, sealed([](auto& s) { s.global_data_pages = 0x7fff; })},
    {"HandoffTooOld", SEAMLDR_EBADHANDOFF, sealed([](auto& s) {
       s.module_hv = 3;
       s.min_update_hv = 2;
     })},
    {"HandoffTooNew", SEAMLDR_EBADHANDOFF, sealed([](auto& s) { s.module_hv = 0; })},
    {"HashOfUpdate", SEAMLDR_EBADHASH, [](auto& i) { i.image[5000] ^= 1; }, kUpdateScenario, true},
    {"HashOfLoad", SEAMLDR_EBADHASH, [](auto& i) { i.image[5000] ^= 1; }, kLoad, true},
    {"NoElf", SEAMLDR_EBADPARAM,
     [](auto& i) {
       i.image[1] = 'e';
       i.seal();
     },
     kUpdateScenario, true},
    {"SectionsOutside", SEAMLDR_EBADPARAM,
     [](auto& i) {
       i.image[60] = 1;      // one section header
       i.image[40 + 4] = 1;  // at 4 GiB
       i.seal();
     },
     kUpdateScenario, true},
};

INSTANTIATE_TEST_SUITE_P(All, SeamldrRefusal, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(SeamldrInstall, TakesRelativeRelocationsAndNoOthers) {
  for (u32 type : {8u, 1u}) {
    Machine fresh(four_lps());
    install_crypto(fresh);
    auto relocated = make_image(successor(profile), profile);
    u64 section_at = 0x400, rela_at = 0x500, rela_bytes = 24;
    u16 sections = 1;
    u32 section_type = 4;
    u64 rela[3] = {0x800, type, 0x10};
    std::memcpy(&relocated.image[40], &section_at, 8);
    std::memcpy(&relocated.image[60], &sections, 2);
    std::memcpy(&relocated.image[section_at + 4], &section_type, 4);
    std::memcpy(&relocated.image[section_at + 24], &rela_at, 8);
    std::memcpy(&relocated.image[section_at + 32], &rela_bytes, 8);
    std::memcpy(&relocated.image[rela_at], rela, sizeof rela);
    relocated.seal();
    EXPECT_EQ(install(fresh, stage(fresh, relocated, kLoad)).status(),
              type == 8 ? SEAMLDR_SUCCESS : SEAMLDR_EBADPARAM);
  }
}

TEST_F(SeamldrInstall, RefusesBadParameters) {
  struct {
    const char* what;
    std::function<void(seamldr_params&)> spoil;
  } const cases[] = {
      {"version", [](auto& p) { p.version = 1; }},
      {"reserved", [](auto& p) { p.reserved[103] = 1; }},
      {"scenario", [](auto& p) { p.scenario = 2; }},
      {"no pages", [](auto& p) { p.nr_pages = 0; }},
      {"too many pages", [](auto& p) { p.nr_pages = 497; }},
      {"page that was not given", [](auto& p) { p.nr_pages = 5; }},
      {"sigstruct unaligned", [](auto& p) { p.sigstruct_pa += 8; }},
      {"sigstruct in the SEAM range", [](auto& p) { p.sigstruct_pa = 0x80000000; }},
      {"update without handoff", [](auto& p) { p.scenario = kUpdateScenario; }},
  };
  for (const auto& [what, spoil] : cases) {
    u64 at = stage(machine, image, kLoad);
    seamldr_params params;
    machine.memory().read(at, &params, sizeof params);
    u64 bad_page = 0x123;
    machine.memory().write(at + PARAMS_PAGES_AT + 8 * 4, &bad_page, 8);
    spoil(params);
    machine.memory().write(at, &params, sizeof params);
    u64 expected = params.scenario == kUpdateScenario ? SEAMLDR_EBADHANDOFF : SEAMLDR_EBADPARAM;
    EXPECT_EQ(install(machine, at).status(), expected) << what;
    EXPECT_EQ(machine.call(kRd).outcome, SEAM_RETURNED) << what;
  }
}

TEST_F(SeamldrInstall, NeedsEntropy) {
  u64 params = stage(machine, image, kLoad);
  seam_regs regs{};
  regs.rcx = params;
  for (u32 lp = 0; lp < 3; ++lp) machine.status(kSeamldrInstall, regs, lp);
  seam_fail_rdrand(machine.get(), 1);
  EXPECT_EQ(machine.status(kSeamldrInstall, regs, 3), SEAMLDR_ENOENTROPY);
  EXPECT_EQ(install(machine, params).status(), SEAMLDR_SUCCESS);
}

TEST_F(SeamldrInstall, RefusesEveryImageWithoutCrypto) {
  machine.callbacks().hash_start = nullptr;
  EXPECT_EQ(install(machine, stage(machine, image, kLoad)).status(), SEAMLDR_EBADSIG);
}

TEST_F(SeamldrInstall, DoesNotTrustTheTestKeyUnlessTheProfileSays) {
  Machine strict(booting("emerald-rapids", SEAM_BOOT_READY));
  install_crypto(strict);
  EXPECT_EQ(install(strict, stage(strict, image, kLoad)).status(), SEAMLDR_EBADSIG);
}

TEST(SeamldrModule, OfThe20LineTellsItsVersionInTheSigstruct) {
  auto profile = trusting_profile(*seam_profile_find("granite-rapids"));
  profile.lps = 2;
  Machine machine(profile);
  install_crypto(machine);
  auto image = make_image(successor(profile), profile);
  std::memset(&image.image[SEAM_IMAGE_NOTE_AT], 0, sizeof(seam_image_note));
  const u8 version[] = {18, 0, 0, 2, 0x34, 0x12};
  std::ranges::copy(version, image.sigstruct.reserved3);
  image.seal();
  ASSERT_EQ(install(machine, stage(machine, image, kLoad)).status(), SEAMLDR_SUCCESS);
  machine.init_all();
  EXPECT_EQ(machine.metadata(0x0800000100000004), 2u);
  EXPECT_EQ(machine.metadata(0x0800000100000005), 18u);
  EXPECT_EQ(machine.metadata(0x8800000100000002), 0x1234u);
}

TEST(SeamldrModule, CanBeLoadedWhereTheBiosLoadedNone) {
  auto profile = four_lps(SEAM_BOOT_NO_MODULE);
  Machine machine(profile);
  install_crypto(machine);
  EXPECT_EQ(loader_info(machine).updates, profile.seamldr.updates);
  auto image = make_image(successor(profile), profile);
  EXPECT_EQ(install(machine, stage(machine, image, kUpdateScenario)).status(), SEAMLDR_EBADPARAM);
  EXPECT_EQ(install(machine, stage(machine, image, kLoad)).status(), SEAMLDR_SUCCESS);
  machine.init_all();
  EXPECT_EQ(machine.status(kRd), TDX_SUCCESS);
}

TEST(SeamldrShutdown, NeedsCleanupFirstAndTheLauncherLast) {
  Machine machine(four_lps());
  EXPECT_EQ(machine.status(kSeamldrShutdown), SEAMLDR_ECLEANUPREQ);
  for (u32 lp = 0; lp < 4; ++lp) EXPECT_EQ(machine.status(kSeamldrCleanup, {}, lp), SEAMLDR_SUCCESS);
  EXPECT_EQ(machine.status(kSeamldrShutdown, {}, 0), SEAMLDR_SUCCESS);
  EXPECT_EQ(machine.status(kSeamldrInstall, {}, 1), SEAMLDR_EBADCALL);
  EXPECT_EQ(machine.status(kSeamldrShutdown, {}, 2), SEAMLDR_SUCCESS);
  EXPECT_EQ(machine.status(kSeamldrShutdown, {}, 2), SEAMLDR_SUCCESS);
  EXPECT_EQ(machine.status(kSeamldrShutdown, {}, 1), SEAMLDR_SUCCESS);
  EXPECT_EQ(machine.status(kSeamldrShutdown, {}, 3), SEAMLDR_EBADCALL);
  EXPECT_EQ(machine.status(kSeamldrShutdown, {}, 0), SEAMLDR_SUCCESS);
  EXPECT_EQ(machine.call(kSeamldrInfo).outcome, SEAM_VMFAIL_INVALID);
  EXPECT_EQ(machine.call(kRd).outcome, SEAM_VMFAIL_INVALID);
}

TEST(SeamldrCleanup, IsResumableForgetsTheModuleAndGivesUpdatesBack) {
  auto profile = four_lps();
  profile.interrupt_every_ns = 100'000;
  Machine machine(profile);
  EXPECT_EQ(machine.status(kSeamldrCleanup, {}, 0), SEAMLDR_SUCCESS);
  EXPECT_EQ(machine.call(kRd).outcome, SEAM_VMFAIL_INVALID);
  EXPECT_EQ(machine.status(kSeamldrCleanup, {}, 0), SEAMLDR_EBADCALL);
  int calls = 1;
  for (; machine.status(kSeamldrCleanup, {}, 1) == SEAMLDR_EINTERRUPT; ++calls) ASSERT_LT(calls, 100);
  EXPECT_GT(calls, 3);
  EXPECT_EQ(machine.status(kSeamldrCleanup, {}, 3), SEAMLDR_SUCCESS);
  seam_fail_rdrand(machine.get(), 1);
  EXPECT_EQ(machine.status(kSeamldrCleanup, {}, 2), SEAMLDR_ENOENTROPY);
  u64 status = SEAMLDR_EINTERRUPT;
  while (status == SEAMLDR_EINTERRUPT) status = machine.status(kSeamldrCleanup, {}, 2);
  EXPECT_EQ(status, SEAMLDR_SUCCESS);
  auto info = loader_info(machine);
  EXPECT_EQ(info.updates, profile.seamldr.updates);
  EXPECT_EQ(info.valid, 0u);
  EXPECT_TRUE(info.p_seam_ready);
  EXPECT_EQ(seam_machine_check(machine.get()), nullptr);
}

TEST(SeamldrCleanup, IsUnknownWithoutItsFeatureBit) {
  auto profile = four_lps();
  profile.seamldr.features0 = 0;
  EXPECT_EQ(Machine(profile).status(kSeamldrCleanup), SEAMLDR_EBADPARAM);
}

TEST(SeamldrSeaminfo, ShowsWhatMcheckFound) {
  Machine machine(four_lps());
  seam_regs regs{};
  regs.rcx = kInfoPage;
  ASSERT_EQ(machine.status(kSeamldrSeaminfo, regs), SEAMLDR_SUCCESS);
  u32 lps = 0, packages = 0, fms[2]{};
  seam_range cmr{};
  machine.memory().read(kInfoPage + 8, &lps, 4);
  machine.memory().read(kInfoPage + 12, &packages, 4);
  machine.memory().read(kInfoPage + 16, fms, 8);
  machine.memory().read(kInfoPage + 1536, &cmr, sizeof cmr);
  EXPECT_EQ(lps, 4u);
  EXPECT_EQ(packages, 2u);
  EXPECT_EQ(fms[1], machine.profile().fms[1]);
  EXPECT_EQ(cmr.size, machine.profile().cmrs[0].size);
  regs.rcx += 8;
  EXPECT_EQ(machine.status(kSeamldrSeaminfo, regs), SEAMLDR_EBADPARAM);
}

TEST(SeamldrCall, ComparesTheWholeOfRax) {
  Machine machine(four_lps());
  EXPECT_EQ(machine.status(kSeamldrInfo | 5), SEAMLDR_EBADPARAM);
  EXPECT_EQ(machine.status(kSeamldrInfo | kVersion1), SEAMLDR_EBADPARAM);
}

TEST(SeamldrCall, LosesTheCurrentVmcsWhereSeamretHasThatErratum) {
  for (u8 keeps : {u8{0}, u8{1}}) {
    auto profile = four_lps();
    profile.seamret_keeps_vmcs = keeps;
    Machine machine(profile);
    u64 pa = 0;
    ASSERT_EQ(seam_vmptrst(machine.get(), 1, &pa), SEAM_RETURNED);
    EXPECT_EQ(pa, SEAM_NO_VMCS);
    ASSERT_EQ(seam_vmptrld(machine.get(), 1, 0x5000), SEAM_RETURNED);
    EXPECT_EQ(seam_vmptrld(machine.get(), 1, 0x5001), SEAM_VMFAIL_INVALID);
    machine.call(kRd, {}, 1);
    seam_vmptrst(machine.get(), 1, &pa);
    EXPECT_EQ(pa, 0x5000u) << "the TDX module's SEAMRET keeps it";
    machine.call(kSeamldrInfo, {}, 1);
    seam_vmptrst(machine.get(), 1, &pa);
    EXPECT_EQ(pa, keeps ? 0x5000u : SEAM_NO_VMCS);

    u64 basic = 0;
    ASSERT_TRUE(seam_rdmsr(machine.get(), 1, 0x480, &basic));
    EXPECT_EQ(basic >> 60 & 1, keeps);
    struct seam_lp_stats stats;
    seam_lp_stats(machine.get(), 1, &stats);
    EXPECT_EQ(stats.vmptrst, 3u);
    EXPECT_EQ(stats.vmptrld, 2u);
    EXPECT_EQ(stats.seamldr_calls, 1u);
    EXPECT_EQ(stats.seamcalls, 1u);
    EXPECT_EQ(stats.current_vmcs, pa);
  }
  Machine off(booting("emerald-rapids", SEAM_BOOT_NO_VMX));
  u64 pa = 0;
  EXPECT_EQ(seam_vmptrst(off.get(), 0, &pa), SEAM_UD);
  EXPECT_EQ(seam_vmptrld(off.get(), 0, 0x5000), SEAM_UD);
}

}  // namespace
}  // namespace tdxctl::seam_test
